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
  readonly timestamp?: string;
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

/** A cluster whose nodes may not be read is told by its containers alone, one without pods by its nodes. */
export async function readMetricsApi(client: KubeClient, atMs: number): Promise<UseAnswer> {
  try {
    const [all, nodes] = await Promise.all([
      readPodMetrics(client, LIMITS),
      readNodes(client, atMs).catch(() => []),
    ]);
    const pods = all.filter(({ takenMs }) => atMs - takenMs <= OLDEST_MS);
    if (pods.length === 0 && nodes.length === 0) {
      return unknownUse(SOURCE, `it has no fresh samples (${String(all.length)} old ones)`);
    }
    return { use: useOf(pods, nodes, atMs) };
  } catch (error) {
    return unknownUse(SOURCE, messageOf(error));
  }
}

async function readNodes(client: KubeClient, atMs: number): Promise<NonNullable<ClusterUse['nodes']>> {
  const { items } = await client.list(NODE_METRICS, LIMITS);
  const fresh = items.filter(({ timestamp = '' }) => !(atMs - Date.parse(timestamp) > OLDEST_MS));
  return fresh.flatMap(({ metadata, usage }) => {
    const cpuCores = requestOf(usage?.cpu);
    const isKnown = cpuCores !== undefined && isPlausible('cpuCores', cpuCores);
    return isKnown ? [{ node: metadata?.name ?? '', cpuCores }] : [];
  });
}

function useOf(
  pods: readonly PodSample[],
  nodes: NonNullable<ClusterUse['nodes']>,
  atMs: number,
): ClusterUse {
  const containers = pods.flatMap(({ namespace, pod, containers: used }) =>
    used.flatMap(({ container, cpuCores }) =>
      cpuCores !== undefined && isPlausible('cpuCores', cpuCores)
        ? [{ namespace, pod, container, cpuCores }]
        : [],
    ),
  );
  const takenMs = pods.reduce((oldest, pod) => Math.min(oldest, pod.takenMs), atMs);
  return { source: SOURCE, atMs: takenMs, containers, nodes };
}
