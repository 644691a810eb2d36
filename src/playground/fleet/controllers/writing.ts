/** What controllers write: statuses that only go out when they differ, and references to owners. */
import { type KubeObject, type OwnerReference, keyOf } from '#apis/kubernetes/object.ts';
import { type ResourceType, apiVersionOf } from '#kube/client/resource-type.ts';
import type { FleetContext } from '../fleet-context.ts';
import { nameOf, uidOf } from '../meta.ts';
import { sameJson } from '../same-json.ts';

type Status = Readonly<Record<string, unknown>>;

/** Writes the status unless it is what the object says already. Fields that are gone are removed. */
export async function writeStatus<T extends KubeObject>(
  context: FleetContext,
  { type, object }: { readonly type: ResourceType<T>; readonly object: T },
  status: object,
): Promise<void> {
  const before = (object as { readonly status?: Status }).status ?? {};
  if (sameJson(before, status)) return;
  const removed = Object.fromEntries(
    Object.keys(before)
      .filter((name) => (status as Status)[name] === undefined)
      .map((name) => [name, null]),
  );
  const body = { status: { ...removed, ...status } };
  await context.access.mergePatch(type, keyOf(object), { body, subresource: 'status' });
}

/** The reference by which `owner` controls an object. */
export function controllerReference(type: ResourceType, owner: KubeObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** A number of pods: as it stands, or a percentage of `total` rounded up or down. */
export function resolveCount(
  value: number | string | undefined,
  total: number,
  rounding: 'up' | 'down',
): number {
  if (value === undefined) return 0;
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  if (percent === undefined) return Number(value);
  const count = (Number(percent) * total) / 100;
  return rounding === 'up' ? Math.ceil(count) : Math.floor(count);
}

/** Counters as the API writes them: zero is left out. */
export function withoutZeros<T extends Readonly<Record<string, number>>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0)) as Partial<T>;
}

/** Which generation of the object the status is about. */
export function observed(object: KubeObject): { readonly observedGeneration?: number } {
  const generation = object.metadata?.generation;
  return generation === undefined ? {} : { observedGeneration: generation };
}
