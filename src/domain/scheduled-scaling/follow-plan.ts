/**
 * Follows a plan: at each boundary the replica count (or an autoscaler's lower bound) moves, and outside of all
 * windows it is the owner's again. Level-based: what to do follows from the time, the entry and the object, so that a
 * boundary that was slept through is simply made up for.
 *
 * Whoever else sets the count within a window is left alone until the next boundary; what stands there then is taken
 * for the owner's new count.
 */
import { amountOf, type FieldMap, type FieldPath, sameValue } from '../change/field.ts';
import type { RollbackEntry } from '../rollback/rollback-entry.ts';
import { countAt } from './open-window.ts';
import type { ScalingPlan } from './plan.ts';

export interface FollowQuestion {
  readonly entry: RollbackEntry;
  /** The plan in force; undefined where somebody took it away. */
  readonly plan: ScalingPlan | undefined;
  /** The field that carries the count: `replicas`, or the lower bound of an autoscaler. */
  readonly field: FieldPath;
  readonly fields: FieldMap;
  /** The most that an autoscaler allows. */
  readonly most: number | undefined;
  readonly nowMs: number;
}

export interface PlanMove {
  /** To be stored before the write: it knows the original and what is about to be written. */
  readonly before: RollbackEntry;
  /** What to write; empty where only the memory changes. */
  readonly changes: FieldMap;
  /** To be stored once that is written. */
  readonly after: RollbackEntry;
  /** Whether pods are taken away by it. */
  readonly lowers: boolean;
}

/** The move that is due; undefined where all is as planned. */
export function followPlan(question: FollowQuestion): PlanMove | undefined {
  const { entry, plan, field, nowMs } = question;
  const planned = plan === undefined ? undefined : countAt(plan, nowMs);
  if (planned === undefined) return field in entry.applied ? leave(question) : undefined;
  return take(question, Math.min(planned, question.most ?? Infinity));
}

/** Within a window. A count that is not ours was set by somebody since: it is theirs until the window changes. */
function take({ entry, field, fields }: FollowQuestion, count: number): PlanMove | undefined {
  const { [field]: ours } = entry.applied;
  const { [field]: present = null } = fields;
  const isOurs = field in entry.applied && sameValue(present, ours);
  const othersSetIt = !isOurs && sameValue(ours, count);
  if (othersSetIt || sameValue(present, count)) return undefined;
  const original = isOurs ? (entry.original[field] ?? null) : present;
  const known = { ...entry, original: { ...entry.original, [field]: original } };
  return move(known, { field, from: present, to: count });
}

interface Write {
  readonly field: FieldPath;
  readonly from: FieldMap[FieldPath] | undefined;
  readonly to: number;
}

function move(entry: RollbackEntry, { field, from, to }: Write): PlanMove {
  const changes = { [field]: to };
  const intent = {
    recommendationId: entry.recommendationId,
    strategy: 'Rollout',
    changes,
    monthlyUsd: 0,
  } as const;
  return {
    before: { ...entry, intent },
    changes,
    after: { ...entry, applied: { ...entry.applied, [field]: to }, intent: null },
    lowers: to < (amountOf(from) ?? 0),
  };
}

/** Outside of windows nothing is ours: the original goes back, unless somebody else has set another count. */
function leave({ entry, field, fields }: FollowQuestion): PlanMove {
  const after = forget(entry, field);
  const original = amountOf(entry.original[field]);
  const stillOurs = sameValue(fields[field], entry.applied[field]);
  if (original === undefined || !stillOurs || sameValue(fields[field], original)) {
    return { before: after, changes: {}, after, lowers: false };
  }
  return { ...move(entry, { field, from: fields[field], to: original }), after };
}

function forget(entry: RollbackEntry, field: FieldPath): RollbackEntry {
  const without = (fields: FieldMap): FieldMap =>
    Object.fromEntries(Object.entries(fields).filter(([path]) => path !== field));
  return { ...entry, original: without(entry.original), applied: without(entry.applied), intent: null };
}
