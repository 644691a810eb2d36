/**
 * More CPU while a pod starts: by a resize in place soon after its containers began, taken back when it is ready. The
 * template never knows of it. An annotation of the pod holds what it had and what it got, written before the resize.
 */
import type { Container, Pod } from '#apis/kubernetes/builtin.ts';
import { formatQuantity, quantityFromNumber, unitsOf } from '#apis/kubernetes/quantity.ts';
import type { ContainerPolicy, StartupBoost } from '#apis/optimization.k8s.io/v1/container-policy.ts';
import { STARTUP_BOOST } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { amountOf, type FieldMap, type FieldPath, resourcePath, sameValue } from '../change/field.ts';
import { policyFor } from '../policy/container-policies.ts';

/** CPU requests and limits by path. */
export interface Boost {
  readonly original: FieldMap;
  readonly boosted: FieldMap;
}

/** What the annotation says; undefined where there is none, or none that can be read. */
export function boostOf(pod: Pod): Boost | undefined {
  const text = pod.metadata?.annotations?.[STARTUP_BOOST];
  if (text === undefined) return undefined;
  try {
    const found: unknown = JSON.parse(text);
    return isBoost(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isBoost(value: unknown): value is Boost {
  if (typeof value !== 'object' || value === null || !('original' in value) || !('boosted' in value))
    return false;
  return isFieldMap(value.original) && isFieldMap(value.boosted);
}

function isFieldMap(value: unknown): value is FieldMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((field) => typeof field === 'string')
  );
}

/** The annotation of a pod whose boost is over. */
export const BOOST_DONE = 'done';

/** True where it has or had a boost. */
export function isMarked(pod: Pod): boolean {
  return pod.metadata?.annotations?.[STARTUP_BOOST] !== undefined;
}

/** The annotation for a boost. */
export function boostText(boost: Boost): string {
  return JSON.stringify(boost);
}

/** The sizes that a pod would have without its boost. A field that holds something else by now is not the boost's. */
export function beneathBoost(fields: FieldMap, boost: Boost | undefined): FieldMap {
  if (boost === undefined) return fields;
  const restored = Object.entries(boost.boosted)
    .filter(([path, value]) => path in fields && sameValue(fields[path], value))
    .map(([path]) => [path, boost.original[path] ?? null] as const);
  return { ...fields, ...Object.fromEntries(restored) };
}

/** The boost that policies ask for a pod of these sizes; undefined where there is nothing to boost. */
export function wantedBoost(
  pod: Pod,
  sizes: FieldMap,
  policies: readonly ContainerPolicy[],
): Boost | undefined {
  const boosted = Object.fromEntries(
    (pod.spec?.containers ?? []).flatMap((container) => {
      const policy = policyFor(policies, container.name);
      return policy.mode === 'Off' || policy.startupBoost === undefined || restartsOnResize(container)
        ? []
        : boostedFields(container.name, sizes, policy.startupBoost);
    }),
  );
  const paths = Object.keys(boosted);
  if (paths.length === 0) return undefined;
  return { original: Object.fromEntries(paths.map((path) => [path, sizes[path] ?? null])), boosted };
}

/** Such a container would start all over. */
function restartsOnResize({ resizePolicy = [] }: Container): boolean {
  return resizePolicy.some(
    ({ resourceName, restartPolicy }) => resourceName === 'cpu' && restartPolicy === 'RestartContainer',
  );
}

/** Request and limit alike, where they are set: none is added, and the class of the pod stays. */
function boostedFields(container: string, sizes: FieldMap, boost: StartupBoost): [FieldPath, string][] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const path = resourcePath({ in: 'containers', container, list, resource: 'cpu' });
    const cores = amountOf(sizes[path]);
    return cores === undefined || cores === 0
      ? []
      : [[path, boostedText(cores, boost)] as [FieldPath, string]];
  });
}

function boostedText(cores: number, { cpuFactor = 1, cpuExtra = 0 }: StartupBoost): string {
  return formatQuantity(quantityFromNumber(cores * cpuFactor + unitsOf(cpuExtra)));
}
