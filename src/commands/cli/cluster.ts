/** How a command reaches a cluster: flags, kubeconfig, and a transport that repeats what may be repeated. */
import { loadConfig } from '#kube/config/load-config.ts';
import { connect } from '#kube/config/connect.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { RateLimiter } from '#kube/transport/rate-limiter.ts';
import { RetryingTransport } from '#kube/transport/retrying-transport.ts';
import type { Transport } from '#kube/transport/transport.ts';
import { SystemClock } from '#platform/clock.ts';
import { systemRandom } from '#platform/random.ts';
import { defineFlags, type FlagValues } from './flags.ts';

export const clusterFlags = defineFlags({
  kubeconfig: {
    type: 'text',
    describe: 'kubeconfig file; $KUBECONFIG, ~/.kube/config or the pod’s own where absent',
  },
  context: { type: 'text', describe: 'context of the kubeconfig' },
  namespace: { type: 'text', short: 'n', describe: 'namespace' },
  'api-qps': { type: 'number', default: 50, min: 1, describe: 'calls per second to the API server at most' },
});

export interface ClusterConnection {
  /** Makes each call once: what builds on it decides about repeating. */
  readonly transport: Transport;
  /** Repeats what may be repeated, at the rate that the flags allow. */
  readonly client: KubeClient;
  /** The namespace of the context, or the one asked for. */
  readonly namespace: string;
  /** The address, for people. */
  readonly server: string;
}

/** Connects as the flags say. Throws KC_KUBECONFIG_INVALID where no cluster can be found. */
export async function connectCluster(flags: FlagValues<typeof clusterFlags>): Promise<ClusterConnection> {
  const clock = new SystemClock();
  const { kubeconfig, context, namespace } = flags;
  const config = await loadConfig({ clock, kubeconfig, context, namespace });
  const perSecond = flags['api-qps'];
  const transport = connect(config, clock, 'kcloud');
  const limiter = new RateLimiter({ perSecond, burst: perSecond * 2 }, clock);
  const patient = new RetryingTransport(transport, { clock, random: systemRandom, limiter });
  return { transport, client: new KubeClient(patient), namespace: config.namespace, server: config.server };
}
