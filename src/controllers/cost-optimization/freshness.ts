/**
 * Whether the local copies still show what the API server has. A write under a resource version finds out by itself;
 * letting go of a stored original does not, and an original that is let go too soon is lost.
 */
import type { HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';
import type { KubeObject, ObjectKey } from '#apis/kubernetes/object.ts';
import { readHpa } from '#domain/workload/hpa-facts.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '#kube/client/builtin-types.ts';
import type { Observation } from './observation.ts';
import { findWorkload } from './stores.ts';
import { WORKLOAD_TYPES, type WriteDependencies } from './write-objects.ts';

/** Asks the API server for the workload and the autoscalers that the decision was made on. */
export async function isUpToDate(o: Observation, deps: WriteDependencies): Promise<boolean> {
  const { kind, namespace, name } = o.policy.target;
  const live = await deps.client.find(WORKLOAD_TYPES[kind], { namespace, name });
  if (identityOf(live) !== identityOf(findWorkload(deps.cluster, o.policy.target))) return false;
  for (const hpa of o.surroundings.hpas) {
    if (!(await isSameHpa({ namespace, name: hpa.name }, deps))) return false;
  }
  return true;
}

/** The generation counts the changes of a spec. */
function identityOf(object: KubeObject | undefined): string | undefined {
  return object === undefined
    ? undefined
    : `${object.metadata?.uid ?? ''}/${String(object.metadata?.generation)}`;
}

/** Autoscalers have no generation: what decisions read of them is compared. */
async function isSameHpa(key: ObjectKey, { client, cluster }: WriteDependencies): Promise<boolean> {
  const live = await client.find(HORIZONTAL_POD_AUTOSCALERS, key);
  return factsOf(live) === factsOf(cluster.hpas.store.get(key));
}

function factsOf(hpa: HorizontalPodAutoscaler | undefined): string | undefined {
  return hpa === undefined ? undefined : JSON.stringify(readHpa(hpa));
}
