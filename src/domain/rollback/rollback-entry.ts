/**
 * What is needed to undo a change, and proof of how far it got. An entry is written before the first write to
 * the workload; its `intent` makes it a write-ahead record: after a crash, comparing the workload with it tells
 * whether the change was made.
 *
 * Container sizes are changed in one of two ways. `Rollout` writes them into the pod template. `InPlace` leaves
 * the template alone and resizes running pods: those sizes stand in `overlay`, and undoing them means giving
 * every pod the size of its template again.
 */
import {
  type FieldMap,
  type FieldPath,
  type FieldValue,
  parseResourcePath,
  sameValue,
} from '../change/field.ts';
import type { WorkloadRef } from '../workload/workload-ref.ts';

/** How pods get their new size. */
export type UpdateStrategy = 'InPlace' | 'Rollout';

/** What one apply is about to do. */
export interface ApplyIntent {
  readonly recommendationId: string;
  readonly strategy: UpdateStrategy;
  readonly changes: FieldMap;
  /** What this apply promises, USD per month. */
  readonly monthlyUsd: number;
}

/** Why a rollback was begun. */
export interface RollbackCause {
  readonly reason: string;
  readonly message: string;
  readonly atMs: number;
}

export interface RollbackEntry {
  /** The CostOptimization that made the change. */
  readonly owner: { readonly uid: string; readonly namespace: string; readonly name: string };
  readonly target: WorkloadRef;
  /** The uid of the workload when it was first changed: a successor of the same name is another workload. */
  readonly targetUid: string;
  /** The values before the first change. Later applies add fields, they never overwrite one. */
  readonly original: FieldMap;
  /** The values that we wrote into objects and saw written. */
  readonly applied: FieldMap;
  /** The container sizes that running pods carry instead of their template's. */
  readonly overlay: FieldMap;
  /** The apply under way; null when there is none. */
  readonly intent: ApplyIntent | null;
  /** The rollback under way; null when there is none. Once begun, it is carried through. */
  readonly restoring: RollbackCause | null;
  /** The applies that were completed. */
  readonly steps: number;
  /** The recommendation applied last; empty before the first. */
  readonly recommendationId: string;
  /** What the completed applies promise together, USD per month. */
  readonly predictedMonthlyUsd: number;
  /** When the first original was stored, in epoch milliseconds. */
  readonly storedAtMs: number;
  /** The fields that running pods were ever given in place: what is to be looked at in every pod when all is undone. */
  readonly resized: readonly FieldPath[];
  /** Grows with every save, and over a removal too: of two copies the one with the lower number is out of date. */
  readonly version: number;
}

/** What identifies an entry. */
export type EntryIdentity = Pick<RollbackEntry, 'owner' | 'target' | 'targetUid' | 'storedAtMs'>;

/** An entry under which nothing was changed yet. */
export function openEntry(identity: EntryIdentity): RollbackEntry {
  return {
    ...identity,
    original: {},
    applied: {},
    overlay: {},
    intent: null,
    restoring: null,
    steps: 0,
    recommendationId: '',
    predictedMonthlyUsd: 0,
    resized: [],
    version: 0,
  };
}

/**
 * The entry to store before `intent` is carried out. `current` holds the fields of the objects. The original of
 * a field that an earlier step changed is kept, unless someone else has set the field since: then what they set is
 * what to go back to. An earlier intent that was carried out but never confirmed is settled first; the same intent
 * recorded again (after a crash) changes nothing.
 */
export function recordIntent(entry: RollbackEntry, current: FieldMap, intent: ApplyIntent): RollbackEntry {
  if (entry.intent !== null && isSameApply(entry.intent, intent)) return entry;
  const settled = settleIntent(entry, current);
  const own = Object.keys(settled.original).filter((path) => !isSetByOthers(settled, path, current));
  const kept = Object.fromEntries(own.map((path) => [path, settled.original[path] ?? null] as const));
  const seen = Object.keys(intent.changes).map((path) => [path, current[path] ?? null] as const);
  const resized = [...new Set([...settled.resized, ...Object.keys(splitChanges(intent).pods)])];
  return {
    ...settled,
    original: { ...settled.original, ...Object.fromEntries(seen), ...kept },
    intent,
    resized,
  };
}

/** The same step may be tried again another way, after a first try was left as it was: that is another apply. */
function isSameApply(a: ApplyIntent, b: ApplyIntent): boolean {
  return a.recommendationId === b.recommendationId && a.strategy === b.strategy;
}

/** True where an object holds neither the original of a field nor any value of ours: someone else has set it. */
export function isSetByOthers(entry: RollbackEntry, path: FieldPath, current: FieldMap): boolean {
  const value = current[path] ?? null;
  return !sameValue(value, entry.original[path]) && !isOurs(entry, path, value);
}

/**
 * The entry without what others have set since it was written: those fields of the intent are theirs now, and so are
 * the sizes that pods carry over the template. The same entry where they have set nothing.
 */
export function yieldToOthers(entry: RollbackEntry, current: FieldMap): RollbackEntry {
  const mine = (fields: FieldMap): FieldMap =>
    Object.fromEntries(Object.entries(fields).filter(([path]) => !isSetByOthers(entry, path, current)));
  const changes = mine(entry.intent?.changes ?? {});
  const overlay = mine(entry.overlay);
  const same =
    sizeOf(overlay) === sizeOf(entry.overlay) && sizeOf(changes) === sizeOf(entry.intent?.changes ?? {});
  if (same) return entry;
  return { ...entry, overlay, intent: entry.intent === null ? null : { ...entry.intent, changes } };
}

function sizeOf(fields: FieldMap): number {
  return Object.keys(fields).length;
}

/** Closes an intent that may or may not have been carried out, by what the objects really hold. */
export function settleIntent(entry: RollbackEntry, current: FieldMap): RollbackEntry {
  if (entry.intent === null) return entry;
  const { objects } = splitChanges(entry.intent);
  const written = Object.entries(objects).filter(([path, value]) => sameValue(current[path], value));
  return { ...entry, applied: { ...entry.applied, ...Object.fromEntries(written) }, intent: null };
}

/** The entry once the intent has been seen carried out. */
export function confirmIntent(entry: RollbackEntry): RollbackEntry {
  const { intent } = entry;
  if (intent === null) return entry;
  const { objects, pods } = splitChanges(intent);
  const overlay = Object.entries({ ...entry.overlay, ...pods }).filter(([path]) => !(path in objects));
  return {
    ...entry,
    applied: { ...entry.applied, ...objects },
    overlay: Object.fromEntries(overlay),
    intent: null,
    steps: entry.steps + 1,
    recommendationId: intent.recommendationId,
    predictedMonthlyUsd: entry.predictedMonthlyUsd + intent.monthlyUsd,
  };
}

/** The part of an intent that is written into objects, and the part that only running pods carry. */
export function splitChanges(intent: ApplyIntent): { readonly objects: FieldMap; readonly pods: FieldMap } {
  const onPods = (path: FieldPath): boolean =>
    intent.strategy === 'InPlace' && parseResourcePath(path) !== undefined;
  const fields = Object.entries(intent.changes);
  return {
    objects: Object.fromEntries(fields.filter(([path]) => !onPods(path))),
    pods: Object.fromEntries(fields.filter(([path]) => onPods(path))),
  };
}

/** The sizes that running pods should carry over their template's, an apply under way included. */
export function podOverlay(entry: RollbackEntry): FieldMap {
  return entry.intent === null ? entry.overlay : { ...entry.overlay, ...splitChanges(entry.intent).pods };
}

/** True once anything may have been written under the entry. */
export function hasStoredOriginal(entry: RollbackEntry): boolean {
  return Object.keys(entry.original).length > 0;
}

export interface RestorePlan {
  /** The object fields to write back, with their original values. */
  readonly restore: FieldMap;
  /** Fields that someone else changed after us: they stay, with the values they hold. */
  readonly kept: FieldMap;
}

/**
 * A three-way restore. A field goes back to its original only while it still holds a value of ours; other
 * people's edits stay. Fields that no longer exist (a removed container) are left out.
 */
export function planRestore(entry: RollbackEntry, current: FieldMap): RestorePlan {
  const restore: Record<FieldPath, FieldValue> = {};
  const kept: Record<FieldPath, FieldValue> = {};
  for (const [path, original] of Object.entries(entry.original)) {
    const value = current[path];
    if (value === undefined || sameValue(value, original)) continue;
    if (isOurs(entry, path, value)) restore[path] = original;
    else kept[path] = value;
  }
  return { restore, kept };
}

function isOurs(entry: RollbackEntry, path: FieldPath, value: FieldValue): boolean {
  const candidates = [entry.applied, entry.intent === null ? {} : splitChanges(entry.intent).objects];
  return candidates.some((fields) => path in fields && sameValue(fields[path], value));
}
