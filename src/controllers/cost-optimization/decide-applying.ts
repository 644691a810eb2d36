/**
 * An apply under way: store the original, write, wait until every pod has its new size, confirm. Entered again
 * after a crash at any point, it finds by the entry and the objects how far it got.
 */
import { OPTIMIZED_AT, OPTIMIZED_BY } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { describeChanges } from '#domain/change/display.ts';
import { changedFields, type FieldMap, sameValue } from '#domain/change/field.ts';
import {
  type ApplyIntent,
  confirmIntent,
  openEntry,
  podOverlay,
  recordIntent,
  type RollbackEntry,
  splitChanges,
} from '#domain/rollback/rollback-entry.ts';
import { totalRestarts, verify } from '#domain/verification/verification.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import { overridden } from './decide-applied.ts';
import type { Action, Draft } from './decision.ts';
import { harmFollows } from './decide-harm.ts';
import { readHealth } from './health.ts';
import type { Observation } from './observation.ts';
import { containerCount } from './regressions.ts';
import { resizeTrouble } from './resize-trouble.ts';
import { restoreAutoscalers, splitHpaFields } from './restore.ts';
import { allPodsCarry, livePods, objectFields, podsToResize, presentValues, sizesUnder } from './sizes.ts';

/** Changes of objects wake us up; this is for what no watch tells. */
const POLL_MS = 5_000;

type Applying = NonNullable<Draft['status']['applying']>;

export function decideApplying(o: Observation, draft: Draft): boolean {
  const { applying, phase } = draft.status;
  if (phase !== 'Applying' || applying === undefined) return false;
  if (o.target === undefined) {
    abandon(o, draft, 'the workload is gone');
    return true;
  }
  goOn(o, draft, { target: o.target, entry: o.entry ?? openEntry(identityOf(o, o.target)), applying });
  return true;
}

/** Finds how far the apply got: confirmed, begun, or not begun yet. */
function goOn(o: Observation, draft: Draft, apply: Apply): void {
  const { target, entry: before, applying } = apply;
  const begun = isBegun(before, applying);
  if (!begun && before.recommendationId === applying.id) {
    finish(o, draft, before);
    return;
  }
  const stop = begun ? undefined : reasonNotToBegin(o);
  if (stop !== undefined) {
    abandon(o, draft, stop);
    return;
  }
  const outdated = begun ? undefined : reasonToThinkAnew(o, target, applying);
  if (outdated !== undefined) {
    thinkAnew(o, draft, outdated);
    return;
  }
  const entry = recordIntent(before, objectFields(o, target), intentOf(applying));
  const mine = stillOurs(applying, entry);
  if (Object.keys(mine.fields).length === 0) {
    giveWay(o, draft, entry);
    return;
  }
  draft.set({ applying: mine });
  if (entry !== before) draft.act({ kind: 'SaveEntry', entry });
  carryThrough({ ...o, entry }, draft, { ...apply, entry, applying: mine });
}

/** True where the entry is about this very apply, not about an earlier one that was left as it was. */
function isBegun({ intent }: RollbackEntry, { id }: Applying): boolean {
  return intent !== null && (intent.recommendationId === id || rolledOut(intent.recommendationId) === id);
}

/** The name of an apply that could not be carried out in place. */
function rolledOut(id: string): string {
  return `${id}-rollout`;
}

/** The apply without the fields that someone else has set since it began. */
function stillOurs(applying: Applying, entry: RollbackEntry): Applying {
  const changes = entry.intent?.changes ?? {};
  const fields = Object.entries(applying.fields).filter(([path]) => path in changes);
  return { ...applying, fields: Object.fromEntries(fields) };
}

/** Others have set everything that was to be changed: the apply ends, what earlier ones did stays. */
function giveWay(o: Observation, draft: Draft, entry: RollbackEntry): void {
  if (entry.steps === 0) {
    overridden(o, draft, entry);
    return;
  }
  draft.act({ kind: 'SaveEntry', entry: { ...entry, intent: null } });
  draft.drop('applying');
  draft.set({ phase: 'Applied', message: 'someone else set every field of this step; it was given up' });
  draft.again(0);
}

interface Apply {
  readonly target: TargetFacts;
  readonly entry: RollbackEntry;
  readonly applying: Applying;
}

function carryThrough(o: Observation, draft: Draft, apply: Apply): void {
  const verdict = verify(readHealth(o, apply.target), {
    beganAtMs: Date.parse(apply.applying.startedAt),
    completeAtMs: undefined,
    windowMs: o.policy.verificationWindowMs,
    changes: apply.applying.fields,
    restartsBefore: 0,
    throttledBefore: apply.applying.throttledRatio,
  });
  if (verdict.result === 'Regressed') {
    harmFollows(o, draft, verdict);
    return;
  }
  const writes = pendingWrites(o, apply);
  draft.act(...writes);
  if (writes.length === 0 && isComplete(o, apply)) {
    draft.act({ kind: 'SaveEntry', entry: confirmIntent(apply.entry) });
    finish(o, draft, confirmIntent(apply.entry));
    return;
  }
  waitOrGiveUp(o, draft, apply);
}

/** Autoscaler targets rise before sizes shrink: in between, the autoscaler sees too little load, never too much. */
function pendingWrites(o: Observation, { target, entry, applying }: Apply): Action[] {
  const { objects } = splitChanges(intentOf(applying));
  const [hpaFields, workloadFields] = splitHpaFields(changedFields(objectFields(o, target), objects));
  const sizes = sizesInPlace(target, entry, applying);
  const pods = podsToResize(o.pods, sizes);
  const marked = target.annotations[OPTIMIZED_AT] === applying.startedAt;
  return [
    ...(Object.keys(hpaFields).length > 0 ? [{ kind: 'PatchHpas', changes: hpaFields } as const] : []),
    ...(Object.keys(workloadFields).length > 0 || !marked
      ? [{ kind: 'PatchWorkload', changes: workloadFields, annotations: marks(o, applying) } as const]
      : []),
    ...(pods.length > 0 ? [{ kind: 'ResizePods', pods: pods.map((pod) => pod.name), sizes } as const] : []),
  ];
}

/** What pods are given in place: with a rollout or a scale-up, only what earlier steps left off the template. */
function sizesInPlace(target: TargetFacts, entry: RollbackEntry, applying: Applying): FieldMap {
  const sizes = sizesUnder(target, entry);
  if (applying.strategy === 'InPlace') return sizes;
  const overlay = podOverlay(entry);
  return Object.fromEntries(Object.entries(sizes).filter(([path]) => path in overlay));
}

function marks(o: Observation, applying: Applying): Record<string, string> {
  const { namespace = '', name = '' } = o.optimization.metadata;
  return { [OPTIMIZED_AT]: applying.startedAt, [OPTIMIZED_BY]: `${namespace}/${name}` };
}

function isComplete(o: Observation, { target, entry }: Apply): boolean {
  return (
    target.rollout.unsettledBecause === undefined && allPodsCarry(livePods(o), sizesUnder(target, entry))
  );
}

function waitOrGiveUp(o: Observation, draft: Draft, apply: Apply): void {
  const trouble = apply.applying.strategy === 'InPlace' ? resizeTrouble(o) : undefined;
  if (
    trouble !== undefined &&
    o.policy.updateStrategy === 'Auto' &&
    apply.target.rollout.blockedBecause === undefined
  ) {
    const id = rolledOut(apply.applying.id);
    draft.set({
      applying: { ...apply.applying, id, strategy: 'Rollout' },
      message: `resizing in place does not work (${trouble}); rolling out instead`,
    });
    draft.note('Normal', 'ResizeFellBack', `${trouble}; the template is changed instead`);
    draft.again(0);
    return;
  }
  const late = o.nowMs - Date.parse(apply.applying.startedAt) > o.settings.applyDeadlineMs;
  if (trouble !== undefined || late) {
    const message =
      trouble ?? apply.target.rollout.unsettledBecause ?? 'pods did not get their new size in time';
    harmFollows(o, draft, { result: 'Regressed', reason: 'RolloutFailed', message });
    return;
  }
  draft.set({ message: `applying: ${apply.target.rollout.unsettledBecause ?? 'pods are being resized'}` });
  draft.again(POLL_MS);
}

/** The change is in force: from here it is watched. */
function finish(o: Observation, draft: Draft, entry: RollbackEntry): void {
  const { applying } = draft.status;
  const changes: FieldMap = applying?.fields ?? {};
  const type = draft.status.currentRecommendation?.optimizationType ?? o.policy.type;
  const began = Date.parse(applying?.startedAt ?? rfc3339(o.nowMs));
  const summary = describeChanges(entry.original, changes, containerCount(o));
  draft.count({ kind: 'applied', optimizationType: type, durationMs: o.nowMs - began });
  draft.note('Normal', 'OptimizationApplied', summary);
  draft.drop('applying');
  draft.set({
    phase: 'Applied',
    message: `applied: ${summary}; watching it`,
    lastApplied: rfc3339(o.nowMs),
    appliedOptimizations: entry.steps,
    verification: {
      beganAt: rfc3339(began),
      startedAt: rfc3339(o.nowMs),
      endsAt: rfc3339(o.nowMs + o.policy.verificationWindowMs),
      result: 'Watching',
      restarts: totalRestarts(livePods(o).map((pod) => pod.health)),
      ...(applying?.throttledRatio === undefined ? {} : { throttledRatio: applying.throttledRatio }),
    },
  });
  draft.again(0);
}

/** What forbids the first write, looked at again right before it. */
function reasonNotToBegin(o: Observation): string | undefined {
  const { surroundings, policy, target } = o;
  if (policy.dryRun) return 'dryRun was switched on';
  if (policy.suspend) return 'suspend was switched on';
  if (surroundings.gitOpsOwner !== undefined && policy.respectGitOps)
    return `${surroundings.gitOpsOwner} manages the workload`;
  return surroundings.protectedBecause ?? target?.rollout.failure;
}

/** What a decision was made on may not hold any more when its first write comes: a crash can lie between. */
function reasonToThinkAnew(o: Observation, target: TargetFacts, applying: Applying): string | undefined {
  if (o.nowMs - Date.parse(applying.startedAt) > o.settings.applyDeadlineMs)
    return 'it was decided too long ago';
  const { from, fields } = applying;
  if (from === undefined) return undefined;
  const present = presentValues(o, target, Object.keys(fields));
  const moved = Object.keys(present).find((path) => !sameValue(present[path] ?? null, from[path] ?? null));
  return moved === undefined ? undefined : `someone else set ${moved} since it was decided`;
}

/** Nothing was written yet: the next analysis starts from what is there now. */
function thinkAnew(o: Observation, draft: Draft, why: string): void {
  draft.drop('applying', 'currentRecommendation', 'nextAnalysis');
  const inForce = (o.entry?.steps ?? 0) > 0;
  draft.set({ phase: inForce ? 'Applied' : 'Analyzing', message: `the apply was not begun: ${why}` });
  draft.again(0);
}

/** Gives an apply up before anything was written, or because there is nothing left to write to. */
function abandon(o: Observation, draft: Draft, why: string): void {
  const earlier = o.target !== undefined && (o.entry?.steps ?? 0) > 0;
  // An apply of before may have been left as it was: as long as the workload lives, its original is kept.
  if (o.entry !== undefined && o.target === undefined) {
    draft.act(...restoreAutoscalers(o, o.entry), { kind: 'RemoveEntry' });
  }
  draft.count({ kind: 'failed', reason: 'Abandoned' });
  draft.note('Warning', 'OptimizationFailed', `the apply was given up: ${why}`);
  draft.drop('applying');
  draft.set({ phase: earlier ? 'Applied' : 'Failed', message: `the apply was given up: ${why}` });
  draft.again(o.settings.analysisIntervalMs);
}

function intentOf(applying: Applying): ApplyIntent {
  const { id, strategy, fields, monthlySavings } = applying;
  return { recommendationId: id, strategy, changes: fields, monthlyUsd: monthlySavings };
}

function identityOf(o: Observation, target: TargetFacts): Parameters<typeof openEntry>[0] {
  const { uid = '', namespace = '', name = '' } = o.optimization.metadata;
  return {
    owner: { uid, namespace, name },
    target: o.policy.target,
    targetUid: target.uid,
    storedAtMs: o.nowMs,
  };
}
