/** What containers and nodes use now, from metrics.k8s.io (metrics-server, the playground). */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { ClusterUse } from '#domain/power/inventory.ts';
import { isPlausible } from '#domain/usage/plausible.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { readPodMetrics, type PodSample } from '../../metrics/embedded/collector/metrics-api.ts';
import { requestOf } from '../cluster/amounts.ts';
import { type UseAnswer, unknownUse } from './use-source.ts';

interface NodeMetrics extends KubeObject {
  readonly usage?: { readonly cpu?: string };
}

const NODE_METRICS: ResourceType<NodeMetrics> = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'nodes',
  kind: 'NodeMetrics',
  namespaced: false,
};

const SOURCE = 'metrics.k8s.io';
const LIMITS = { timeoutMs: 10_000, signal: new AbortController().signal };

/** A sample of before that is of something else: metrics servers forget pods slowly. */
const OLDEST_MS = 150_000;

/** A cluster whose nodes may not be read is told by its containers alone. */
export async function readMetricsApi(client: KubeClient, atMs: number): Promise<UseAnswer> {
  try {
    const [all, nodes] = await Promise.all([
      readPodMetrics(client, LIMITS),
      readNodes(client).catch(() => []),
    ]);
    const pods = all.filter(({ takenMs }) => atMs - takenMs <= OLDEST_MS);
    return pods.length === 0
      ? unknownUse(SOURCE, `it has no fresh samples (${String(all.length)} old ones)`)
      : { use: { ...useOf(pods), nodes } };
  } catch (error) {
    return unknownUse(SOURCE, messageOf(error));
  }
}

async function readNodes(client: KubeClient): Promise<NonNullable<ClusterUse['nodes']>> {
  const { items } = await client.list(NODE_METRICS, LIMITS);
  return items.flatMap(({ metadata, usage }) => {
    const cpuCores = requestOf(usage?.cpu);
    const isKnown = cpuCores !== undefined && isPlausible('cpuCores', cpuCores);
    return isKnown ? [{ node: metadata?.name ?? '', cpuCores }] : [];
  });
}

function useOf(pods: readonly PodSample[]): ClusterUse {
  const containers = pods.flatMap(({ namespace, pod, containers: used }) =>
    used.flatMap(({ container, cpuCores }) =>
      cpuCores !== undefined && isPlausible('cpuCores', cpuCores)
        ? [{ namespace, pod, container, cpuCores }]
        : [],
    ),
  );
  return { source: SOURCE, atMs: Math.min(...pods.map(({ takenMs }) => takenMs)), containers };
}
