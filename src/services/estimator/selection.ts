/** Which containers a caller means. */
import { podBase, splitReplicaSet } from '#adapters/metrics/prometheus/usage/pod-names.ts';
import type { ContainerPower } from '#domain/power/power.ts';

export interface ContainerFilter {
  readonly namespace?: string | undefined;
  /** A part of the name of the pod, as the first version of this API took it. */
  readonly workload?: string | undefined;
  readonly node?: string | undefined;
}

export function selectContainers(
  containers: readonly ContainerPower[],
  { namespace, workload, node }: ContainerFilter,
): readonly ContainerPower[] {
  return containers.filter(
    (power) =>
      (namespace === undefined || power.namespace === namespace) &&
      (workload === undefined || power.pod.includes(workload)) &&
      (node === undefined || power.node === node),
  );
}

/** `shop`, `web` and all that is known of what the caller names by `Deployment:shop:web`, `shop/web` or `web`. */
export interface WorkloadId {
  readonly namespace: string | undefined;
  readonly name: string;
}

export function parseWorkloadId(id: string): WorkloadId {
  const parts = id.split(/[:/]/);
  const name = parts.at(-1) ?? id;
  const namespace = parts.length > 1 ? parts.at(-2) : undefined;
  return { name, namespace: namespace === '' ? undefined : namespace };
}

/** Whether a pod is of the workload of a name, by how controllers name pods; a pod also goes by its own name. */
export function isPodOf(pod: string, workload: string): boolean {
  if (pod === workload) return true;
  const base = podBase(pod)?.base;
  return base !== undefined && (base === workload || splitReplicaSet(base)?.deployment === workload);
}
