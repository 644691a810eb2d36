/** The arithmetic of rollouts: how many pods each ReplicaSet should have next. Pure. */
import type { Deployment, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import { annotationsOf } from '../../meta.ts';
import {
  MAX_REPLICAS,
  type ReplicaSetsOfDeployment,
  rolloutBounds,
  totalAvailable,
  totalReplicas,
  wishedReplicas,
} from './replica-sets.ts';

/** A ReplicaSet and the size that it should get. */
export interface Scaling {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** How many pods a new ReplicaSet may have, beside those that exist (NewRSNewReplicas). */
export function newReplicas(deployment: Deployment, sets: ReplicaSetsOfDeployment): number {
  const wished = wishedReplicas(deployment);
  if (deployment.spec?.strategy?.type === 'Recreate') return wished;
  const current = wishedReplicas(sets.current);
  const total = totalReplicas([sets.current, ...sets.old]);
  const most = wished + rolloutBounds(deployment).maxSurge;
  if (total >= most) return current;
  return current + Math.min(most - total, wished - current);
}

/** The next size of the new ReplicaSet in a rolling update; undefined where it has it. */
export function scaleNew(deployment: Deployment, sets: ReplicaSetsOfDeployment): Scaling | undefined {
  const set = sets.current;
  if (set === undefined) return undefined;
  const wished = wishedReplicas(deployment);
  const now = wishedReplicas(set);
  if (now === wished) return undefined;
  const replicas = now > wished ? wished : newReplicas(deployment, sets);
  return replicas === now ? undefined : { set, replicas };
}

/** Old ReplicaSets give up unhealthy pods first, then as many as availability allows. */
export function scaleOld(deployment: Deployment, sets: ReplicaSetsOfDeployment): readonly Scaling[] {
  const active = sets.old.filter((set) => wishedReplicas(set) > 0);
  if (active.length === 0) return [];
  const wished = wishedReplicas(deployment);
  const minAvailable = wished - rolloutBounds(deployment).maxUnavailable;
  const all = [sets.current, ...sets.old];
  const newUnavailable = wishedReplicas(sets.current) - totalAvailable([sets.current]);
  const room = totalReplicas(all) - minAvailable - newUnavailable;
  if (room <= 0) return [];
  const cleaned = dropUnhealthy(active, room);
  const surplus = totalAvailable(all) - minAvailable;
  return changes(active, dropHealthy(active, cleaned, surplus));
}

type Sizes = ReadonlyMap<ReplicaSet, number>;

function dropUnhealthy(active: readonly ReplicaSet[], room: number): Sizes {
  const sizes = new Map<ReplicaSet, number>();
  let left = room;
  for (const set of active) {
    const size = wishedReplicas(set);
    const drop = Math.max(0, Math.min(left, size - totalAvailable([set])));
    left -= drop;
    sizes.set(set, size - drop);
  }
  return sizes;
}

function dropHealthy(active: readonly ReplicaSet[], before: Sizes, surplus: number): Sizes {
  const sizes = new Map(before);
  let left = Math.max(0, surplus);
  for (const set of active) {
    const size = sizes.get(set) ?? 0;
    const drop = Math.min(left, size);
    left -= drop;
    sizes.set(set, size - drop);
  }
  return sizes;
}

function changes(active: readonly ReplicaSet[], sizes: Sizes): readonly Scaling[] {
  return active
    .map((set) => ({ set, replicas: sizes.get(set) ?? 0 }))
    .filter(({ set, replicas }) => replicas !== wishedReplicas(set));
}

/**
 * The Deployment's own size has changed: one active ReplicaSet takes it all; in the middle of a rolling update
 * all take their part, the largest what rounding leaves over (KEP proportional scaling).
 */
export function scaleAll(deployment: Deployment, sets: ReplicaSetsOfDeployment): readonly Scaling[] {
  const wished = wishedReplicas(deployment);
  const single = activeOrLatest(sets);
  if (single !== undefined) {
    return wishedReplicas(single) === wished ? [] : [{ set: single, replicas: wished }];
  }
  if (isSaturated(deployment, sets.current)) {
    return sets.old.filter((set) => wishedReplicas(set) > 0).map((set) => ({ set, replicas: 0 }));
  }
  if (deployment.spec?.strategy?.type === 'Recreate') return [];
  return scaleInProportion(deployment, sets);
}

/** The only active ReplicaSet, or the newest where none is active; undefined where several are. */
function activeOrLatest(sets: ReplicaSetsOfDeployment): ReplicaSet | undefined {
  const all = [...sets.old, sets.current].filter((set) => set !== undefined);
  const active = all.filter((set) => wishedReplicas(set) > 0);
  if (active.length > 1) return undefined;
  return active[0] ?? sets.current ?? sets.old.at(-1);
}

function isSaturated(deployment: Deployment, set: ReplicaSet | undefined): boolean {
  if (set === undefined) return false;
  const wished = wishedReplicas(deployment);
  return wishedReplicas(set) === wished && totalAvailable([set]) === wished;
}

function scaleInProportion(deployment: Deployment, sets: ReplicaSetsOfDeployment): readonly Scaling[] {
  const wished = wishedReplicas(deployment);
  const active = [...sets.old, sets.current]
    .filter((set) => set !== undefined)
    .filter((set) => wishedReplicas(set) > 0);
  const allowed = wished > 0 ? wished + rolloutBounds(deployment).maxSurge : 0;
  const toAdd = allowed - totalReplicas(active);
  if (toAdd === 0) return [];
  // Growing favours the newest of equal size, shrinking the oldest.
  const ordered = (toAdd > 0 ? active.toReversed() : active).toSorted(
    (a, b) => wishedReplicas(b) - wishedReplicas(a),
  );
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const set of ordered) {
    const part = partOf(deployment, set, toAdd - added);
    sizes.set(set, wishedReplicas(set) + part);
    added += part;
  }
  const [first] = ordered;
  if (first !== undefined) sizes.set(first, Math.max(0, (sizes.get(first) ?? 0) + toAdd - added));
  return changes(ordered, sizes);
}

/** The part of a change that falls to one ReplicaSet, never more than is left and never the other way. */
function partOf(deployment: Deployment, set: ReplicaSet, left: number): number {
  const size = wishedReplicas(set);
  const wished = wishedReplicas(deployment);
  if (wished === 0) return -size;
  const before = Number(annotationsOf(set)[MAX_REPLICAS] ?? deployment.status?.replicas ?? size);
  if (before === 0) return 0;
  const most = wished + rolloutBounds(deployment).maxSurge;
  const fraction = Math.round((size * most) / before) - size;
  return left > 0 ? Math.min(Math.max(fraction, 0), left) : Math.max(Math.min(fraction, 0), left);
}
