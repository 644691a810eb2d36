/** What a StatefulSet does next, one step at a time where order counts (stateful_set_control.go). Pure. */
import type { Pod, StatefulSet } from '#apis/kubernetes/builtin.ts';
import { isDeleting } from '../../meta.ts';
import { isFinished } from '../../resources.ts';
import { firstOrdinal, isHealthy, ordinalOf, revisionNameOf } from './stateful-pods.ts';

export interface StatefulStep {
  /** Ordinals whose pod is to be created, with the revision to make it from. */
  readonly create: readonly { readonly ordinal: number; readonly revision: 'current' | 'update' }[];
  readonly remove: readonly Pod[];
}

export interface StatefulView {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  /** Names of the revisions. */
  readonly currentRevision: string;
  readonly updateRevision: string;
}

export function planStatefulSet(view: StatefulView): StatefulStep {
  const { set } = view;
  const start = firstOrdinal(set);
  const ordinals = Array.from({ length: set.spec?.replicas ?? 1 }, (_, index) => start + index);
  const byOrdinal = new Map(view.pods.map((pod) => [ordinalOf(set, pod), pod]));
  const condemned = view.pods
    .filter((pod) => !ordinals.includes(ordinalOf(set, pod) ?? -1))
    .toSorted((a, b) => (ordinalOf(set, b) ?? 0) - (ordinalOf(set, a) ?? 0));
  return set.spec?.podManagementPolicy === 'Parallel'
    ? planParallel(view, ordinals, { byOrdinal, condemned })
    : planInOrder(view, ordinals, { byOrdinal, condemned });
}

interface Arranged {
  readonly byOrdinal: ReadonlyMap<number | undefined, Pod>;
  readonly condemned: readonly Pod[];
}

const NOTHING: StatefulStep = { create: [], remove: [] };

/** Each pod must be healthy before the next is touched. */
function planInOrder(view: StatefulView, ordinals: readonly number[], arranged: Arranged): StatefulStep {
  for (const ordinal of ordinals) {
    const pod = arranged.byOrdinal.get(ordinal);
    if (pod === undefined) return { create: [creation(view, ordinal)], remove: [] };
    if (isFinished(pod) && !isDeleting(pod)) return { create: [], remove: [pod] };
    // Not even a broken template is rolled back over an unhealthy pod: someone must delete it (as documented).
    if (!isHealthy(pod)) return NOTHING;
  }
  const [last] = arranged.condemned;
  if (last !== undefined) return isDeleting(last) ? NOTHING : { create: [], remove: [last] };
  return planUpdate(view, ordinals, arranged);
}

function planParallel(view: StatefulView, ordinals: readonly number[], arranged: Arranged): StatefulStep {
  const create = ordinals
    .filter((ordinal) => !arranged.byOrdinal.has(ordinal))
    .map((ordinal) => creation(view, ordinal));
  const over = ordinals
    .map((ordinal) => arranged.byOrdinal.get(ordinal))
    .filter((pod) => pod !== undefined && isFinished(pod));
  const remove = [...over, ...arranged.condemned]
    .filter((pod) => pod !== undefined)
    .filter((pod) => !isDeleting(pod));
  if (create.length > 0 || remove.length > 0) return { create, remove };
  return planUpdate(view, ordinals, arranged);
}

/** From the highest ordinal down to the partition, one unhealthy pod at a time. */
function planUpdate(view: StatefulView, ordinals: readonly number[], { byOrdinal }: Arranged): StatefulStep {
  if (view.set.spec?.updateStrategy?.type === 'OnDelete') return NOTHING;
  const partition = partitionOf(view.set);
  for (const ordinal of ordinals.toReversed().filter((candidate) => candidate >= partition)) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) return NOTHING;
    if (revisionNameOf(pod) !== view.updateRevision) {
      return isDeleting(pod) ? NOTHING : { create: [], remove: [pod] };
    }
    if (!isHealthy(pod)) return NOTHING;
  }
  return NOTHING;
}

function partitionOf(set: StatefulSet): number {
  return firstOrdinal(set) + (set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0);
}

/** Ordinals below the partition stay on the current revision. */
function creation(view: StatefulView, ordinal: number): StatefulStep['create'][number] {
  const isOld = view.set.spec?.updateStrategy?.type !== 'OnDelete' && ordinal < partitionOf(view.set);
  return { ordinal, revision: isOld ? 'current' : 'update' };
}
