/** The playground's API server as a target, on the machine's own time as a real one is. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeClient } from '#kube/client/kube-client.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { listenHttp } from '#playground/api-server/http/http-listener.ts';
import { httpsWebhookCaller } from '#playground/api-server/http/https-webhook-caller.ts';
import { writeKubeconfig } from '#playground/api-server/http/kubeconfig.ts';
import { PlaygroundApiServer } from '#playground/api-server/playground-api-server.ts';
import { MetricsApi } from '#playground/fleet/exposition/metrics-api.ts';
import { Fleet } from '#playground/fleet/fleet.ts';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import { BRISK_TIMING } from '../fleet/brisk-timing.ts';
import { removeAtExit } from '../processes/reaper.ts';
import type { ApiTarget, TargetLevel, TargetStarter } from './api-target.ts';

const SEED = 1;
const clock = new SystemClock();

async function start(level: TargetLevel): Promise<ApiTarget> {
  await using started = new AsyncDisposableStack();
  const server = await PlaygroundApiServer.create({
    clock,
    random: new SeededRandom(SEED),
    webhooks: httpsWebhookCaller(),
    authorization: 'rbac',
  });
  const listener = started.adopt(await listenHttp(server), (one) => one.close());
  if (level === 'cluster') {
    const fleet = started.adopt(await startFleet(server), (one) => {
      one.stop();
    });
    server.serveMetrics(new MetricsApi(fleet));
  }
  const kept = started.move();
  return {
    name: 'playground',
    client: new KubeClient(server),
    transport: server,
    kubeconfigPath: kubeconfigFor(listener.url),
    pass: (durationMs) => sleep(durationMs),
    stop: () => kept.disposeAsync(),
  };
}

/** The fleet brings the scheduler and the workload controllers too. */
function startFleet(server: PlaygroundApiServer): Promise<Fleet> {
  return Fleet.start({
    access: server.access(),
    clock,
    random: new SeededRandom(SEED),
    seed: SEED,
    nodes: nodesOf({ instanceType: 'm6i.2xlarge', count: 3 }),
    timing: BRISK_TIMING,
  });
}

function kubeconfigFor(url: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-playground-'));
  removeAtExit(directory);
  const path = join(directory, 'kubeconfig');
  writeKubeconfig(path, { url });
  return path;
}

export const PLAYGROUND_TARGET: TargetStarter = { name: 'playground', unavailable: () => undefined, start };
