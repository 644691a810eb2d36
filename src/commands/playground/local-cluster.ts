/** A whole cluster in this process on the machine's own time: API server, fleet, metrics API, HTTP listener. */
import { customResourceDefinitions } from '#controllers/crds.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { httpsWebhookCaller } from '#playground/api-server/http/https-webhook-caller.ts';
import { listenHttp } from '#playground/api-server/http/http-listener.ts';
import { PlaygroundApiServer } from '#playground/api-server/playground-api-server.ts';
import { MetricsApi } from '#playground/fleet/exposition/metrics-api.ts';
import { Fleet } from '#playground/fleet/fleet.ts';
import type { NodeShape } from '#playground/fleet/nodes/node-shape.ts';

export interface LocalClusterOptions {
  readonly nodes: readonly NodeShape[];
  /** Decides demand, noise and the kubelets' timing. */
  readonly seed: number;
  /** Of the API server on the loopback address; 0 takes a free one. */
  readonly port: number;
  /** Whether roles and bindings are asked, as on a real cluster. */
  readonly rbac: boolean;
}

export interface LocalCluster extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly client: KubeClient;
}

/** Resolves when the nodes are registered and KCloud's resources are served. Disposing ends everything. */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  await using started = new AsyncDisposableStack();
  // Only the listener keeps the process alive.
  const clock = new SystemClock({ unref: true });
  const { nodes, seed, port, rbac } = options;
  const random = new SeededRandom(seed);
  const server = await PlaygroundApiServer.create({
    clock,
    random,
    webhooks: httpsWebhookCaller(),
    authorization: rbac ? 'rbac' : 'always-allow',
  });
  const listener = started.adopt(await listenHttp(server, port), (one) => one.close());
  const access = server.access();
  const fleet = started.adopt(await Fleet.start({ access, clock, random, seed, nodes }), (one) => {
    one.stop();
  });
  server.serveMetrics(new MetricsApi(fleet));
  const client = new KubeClient(server);
  await installCrds(customResourceDefinitions(), { client, clock, fieldManager: 'kcloud' });
  const kept = started.move();
  return { url: listener.url, client, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
