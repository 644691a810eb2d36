/** Workloads as the API answers. */
import type { ResourceSpec, WorkloadAnswer } from '#apis/optimizer-api/workload.ts';
import { formatQuantity, quantityFromNumber } from '#apis/kubernetes/quantity.ts';
import {
  amountOf,
  type FieldMap,
  parseResourcePath,
  type ResourceList,
  type ResourceName,
} from '#domain/change/field.ts';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import { UnknownFields } from './unknown.ts';

/** What an answer says of the cluster. */
export interface ClusterNames {
  readonly clusterName: string;
  readonly clusterId: string | undefined;
}

export function workloadAnswer(
  facts: WorkloadFacts,
  { clusterName, clusterId }: ClusterNames,
): WorkloadAnswer {
  const { ref, uid, target, present, provider } = facts;
  const unknown = new UnknownFields();
  return {
    id: uid,
    cluster_id: unknown.text('cluster_id', clusterId, 'the namespace kube-system was not seen'),
    cluster_name: clusterName,
    namespace: ref.namespace,
    name: ref.name,
    kind: ref.kind,
    replicas: target.rollout.desiredReplicas,
    provider: unknown.text('provider', provider, 'no node of its pods names a cloud'),
    current_resources: resourcesOf(present),
    ...unknown.noted,
  };
}

const MEBIBYTE_NANO = 2n ** 20n * 1_000_000_000n;

function resourcesOf(sizes: FieldMap): ResourceSpec {
  const unknown = new UnknownFields();
  const sum = (resource: ResourceName, list: ResourceList): string | null => {
    const total = totalOf(sizes, resource, list);
    const shown = total === undefined ? undefined : quantityText(total, resource);
    const field = `${resource}_${list === 'requests' ? 'request' : 'limit'}`;
    return unknown.text(
      field,
      shown,
      `a container sets no ${resource} ${list === 'requests' ? 'request' : 'limit'}`,
    );
  };
  return {
    cpu_request: sum('cpu', 'requests'),
    memory_request: sum('memory', 'requests'),
    cpu_limit: sum('cpu', 'limits'),
    memory_limit: sum('memory', 'limits'),
    ...unknown.noted,
  };
}

/** The sum over the containers of a pod; undefined where any of them sets none. */
export function totalOf(sizes: FieldMap, resource: ResourceName, list: ResourceList): number | undefined {
  const amounts = Object.entries(sizes).flatMap(([path, value]) => {
    const field = parseResourcePath(path);
    return field?.resource === resource && field.list === list ? [amountOf(value)] : [];
  });
  if (amounts.length === 0) return undefined;
  return amounts.reduce((sum, amount) =>
    sum === undefined || amount === undefined ? undefined : sum + amount,
  );
}

function quantityText(amount: number, resource: ResourceName): string {
  const binary = resource === 'memory';
  return formatQuantity(
    binary ? quantityFromNumber(amount, 'BinarySI', MEBIBYTE_NANO) : quantityFromNumber(amount),
  );
}
