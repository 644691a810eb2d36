/**
 * Whether a decision was made on what the API server has. A write under a resource version finds out by itself;
 * letting go of a stored original does not, and an original that is let go too soon is lost. What was seen when the
 * decision was made counts: the local copy may have caught up since.
 */
import { OPTIMIZED_AT, OPTIMIZED_BY } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { canonicalJson } from '#domain/change/canonical-json.ts';
import type { FieldMap } from '#domain/change/field.ts';
import type { WorkloadObject } from '#domain/change/workload-objects.ts';
import { type HpaFacts, readHpa } from '#domain/workload/hpa-facts.ts';
import { readTarget, type TargetFacts } from '#domain/workload/target-facts.ts';
import type { WorkloadKind } from '#domain/workload/workload-ref.ts';
import { readPod } from '#domain/workload/pod-facts.ts';
import { HORIZONTAL_POD_AUTOSCALERS, PODS } from '#kube/client/builtin-types.ts';
import type { Observation } from './observation.ts';
import { podsAmong } from './read-surroundings.ts';
import { carries, livePods } from './sizes.ts';
import { findWorkload } from './stores.ts';
import { WORKLOAD_TYPES, type WriteDependencies } from './write-objects.ts';

/** Asks the API server for the workload and the autoscalers that the decision was made on. */
export async function isUpToDate(o: Observation, { client }: WriteDependencies): Promise<boolean> {
  const { kind, namespace, name } = o.policy.target;
  const live = await client.find(WORKLOAD_TYPES[kind], { namespace, name });
  if (!isSameWorkload(live as WorkloadObject | undefined, o.target, kind)) return false;
  for (const seen of o.surroundings.hpas) {
    const hpa = await client.find(HORIZONTAL_POD_AUTOSCALERS, { namespace, name: seen.name });
    if (hpa === undefined || !isSameHpa(readHpa(hpa), seen)) return false;
  }
  return true;
}

/** Its status may have moved on; what optimizations change may not. */
function isSameWorkload(
  live: WorkloadObject | undefined,
  seen: TargetFacts | undefined,
  kind: WorkloadKind,
): boolean {
  if (live === undefined || seen === undefined) return live === undefined && seen === undefined;
  if (live.metadata?.resourceVersion === seen.resourceVersion) return true;
  // Placements and scaling plans are read with more than the object: there only the very same version will do.
  if (seen.declared !== undefined) return false;
  const facts = readTarget(live, kind);
  // A first write may have set nothing but our marks: they tell an old copy from one that a change was made of since.
  const marks = (annotations: TargetFacts['annotations']): string =>
    canonicalJson([annotations[OPTIMIZED_AT] ?? null, annotations[OPTIMIZED_BY] ?? null]);
  return (
    facts.uid === seen.uid &&
    canonicalJson(facts.fields) === canonicalJson(seen.fields) &&
    marks(facts.annotations) === marks(seen.annotations)
  );
}

function isSameHpa(live: HpaFacts, seen: HpaFacts): boolean {
  return canonicalJson(live.fields) === canonicalJson(seen.fields);
}

/**
 * Asks the API server whether every live pod of the workload asks for these sizes: a local copy may show a pod as it
 * was before our own last resize of it.
 */
export async function podsAskFor(
  o: Observation,
  sizes: FieldMap,
  { client, cluster }: WriteDependencies,
): Promise<boolean> {
  const { target } = o.policy;
  const workload = Object.keys(sizes).length === 0 ? undefined : findWorkload(cluster, target);
  if (workload === undefined) return true;
  const { matchLabels = {} } = workload.spec?.selector ?? {};
  const labelSelector = Object.entries(matchLabels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
  const { items } = await client.list(PODS, { namespace: target.namespace, labelSelector });
  const pods = podsAmong(items, workload, target).map(readPod);
  return livePods({ pods }).every((pod) => carries(pod.asked, sizes));
}
