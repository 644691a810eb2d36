/** PodMetrics of metrics.k8s.io (metrics-server, prometheus-adapter, the playground) as numbers. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { amountOf, durationMs } from './amounts.ts';

/** As the API serves it. What a server leaves out, or writes wrongly, must not stop us. */
interface PodMetrics extends KubeObject {
  readonly timestamp?: string;
  readonly window?: string;
  readonly containers?: readonly {
    readonly name?: string;
    readonly usage?: { readonly cpu?: string; readonly memory?: string };
  }[];
}

export const POD_METRICS: ResourceType<PodMetrics> = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'pods',
  kind: 'PodMetrics',
  namespaced: true,
};

export interface ContainerSample {
  readonly container: string;
  /** NaN where the text is no quantity; undefined where there was none. */
  readonly cpuCores: number | undefined;
  readonly memoryBytes: number | undefined;
}

/** The newest sample of one pod: averages over the `windowMs` that end at `takenMs`. */
export interface PodSample {
  readonly namespace: string;
  readonly pod: string;
  readonly takenMs: number;
  readonly windowMs: number;
  readonly containers: readonly ContainerSample[];
}

/** metrics-server's default resolution, for servers that tell no window. */
const DEFAULT_WINDOW_MS = 15_000;

export interface CallLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The samples of every pod. Throws as KubeClient does, e.g. an ApiError 404 where nothing serves the API. */
export async function readPodMetrics(client: KubeClient, limits: CallLimits): Promise<readonly PodSample[]> {
  const list = await client.list(POD_METRICS, limits);
  return list.items.flatMap((item) => podSample(item) ?? []);
}

function podSample(metrics: PodMetrics): PodSample | undefined {
  const { namespace, name } = metrics.metadata ?? {};
  const takenMs = Date.parse(metrics.timestamp ?? '');
  if (namespace === undefined || name === undefined || Number.isNaN(takenMs)) return undefined;
  const containers = (metrics.containers ?? []).flatMap(({ name: container, usage }) =>
    container === undefined
      ? []
      : { container, cpuCores: amountOf(usage?.cpu), memoryBytes: amountOf(usage?.memory) },
  );
  const windowMs = durationMs(metrics.window ?? '') ?? DEFAULT_WINDOW_MS;
  return { namespace, pod: name, takenMs, windowMs, containers };
}
