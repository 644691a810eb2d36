/** Carries a scaling plan in force out: at each boundary the count moves, recorded before and after like any change. */
import {
  type FieldMap,
  type FieldPath,
  hpaPath,
  parseHpaPath,
  REPLICAS,
  sameValue,
  SCALING_PLAN,
} from '#domain/change/field.ts';
import { type RollbackEntry, settleIntent } from '#domain/rollback/rollback-entry.ts';
import { followPlan, type PlanMove } from '#domain/scheduled-scaling/follow-plan.ts';
import { countAt, nextChange } from '#domain/scheduled-scaling/open-window.ts';
import { parsePlan, type ScalingPlan } from '#domain/scheduled-scaling/plan.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { InForce } from './in-force.ts';
import type { Action, Draft } from './decision.ts';
import type { Observation } from './observation.ts';
import { changeRequest } from './recommend.ts';
import { splitHpaFields } from './restore.ts';
import { objectFields } from './sizes.ts';

export function isScheduled(entry: RollbackEntry): boolean {
  return SCALING_PLAN in entry.applied;
}

/** A move that a crash cut short is closed by what the objects hold. */
export function settleMove(o: Observation, draft: Draft): RollbackEntry | undefined {
  const { entry, target } = o;
  if (entry?.intent == null || target === undefined || !isScheduled(entry)) return entry;
  const settled = settleIntent(entry, objectFields(o, target));
  draft.act({ kind: 'SaveEntry', entry: settled });
  return settled;
}

/** Makes the move that is due; true where one was made. */
export function followSchedule(o: Observation, draft: Draft, { target, entry }: InForce): boolean {
  if (!isScheduled(entry)) return false;
  const fields = objectFields(o, target);
  const field = countField(o, entry);
  const plan = field in fields ? planInForce(o, entry, fields) : undefined;
  report(draft, plan, o.nowMs);
  const { maxReplicas } = o.surroundings.hpas[0] ?? {};
  const move = followPlan({ entry, plan, field, fields, most: maxReplicas, nowMs: o.nowMs });
  if (move === undefined) return false;
  draft.act(...actionsOf(o, move));
  for (const [path, value] of Object.entries(move.changes)) {
    draft.note('Normal', 'ScheduledScaling', `${path} ${String(fields[path] ?? 'unset')} → ${String(value)}`);
  }
  draft.again(1_000);
  return true;
}

/** What this CostOptimization moves: once begun, the same field until it is given back. */
export function countField(
  o: Pick<Observation, 'surroundings'>,
  entry: RollbackEntry | undefined,
): FieldPath {
  const begun = Object.keys(entry?.applied ?? {}).find(
    (path) => path === REPLICAS || parseHpaPath(path)?.field === 'minReplicas',
  );
  const hpa = o.surroundings.hpas[0]?.name;
  return begun ?? (hpa === undefined ? REPLICAS : hpaPath({ hpa, field: 'minReplicas' }));
}

/** Suspended, in a dry run, or with another plan than ours on the workload, no window is open. */
function planInForce(
  { policy }: Observation,
  entry: RollbackEntry,
  fields: FieldMap,
): ScalingPlan | undefined {
  const { [SCALING_PLAN]: text } = fields;
  const isOurs = sameValue(text, entry.applied[SCALING_PLAN]);
  return policy.suspend || policy.dryRun || !isOurs ? undefined : parsePlan(text);
}

function report(draft: Draft, plan: ScalingPlan | undefined, nowMs: number): void {
  if (plan === undefined) {
    draft.set({ scaling: { window: false } });
    return;
  }
  const replicas = countAt(plan, nowMs);
  const nextMs = nextChange(plan, nowMs);
  draft.set({
    scaling: {
      window: replicas !== undefined,
      ...(replicas === undefined ? {} : { replicas }),
      ...(nextMs === undefined ? {} : { nextChange: rfc3339(nextMs) }),
    },
  });
  if (nextMs !== undefined) draft.again(nextMs - nowMs);
}

/** Pods are taken away only with the arbiter's grant; they are given back without asking. */
function actionsOf(o: Observation, { before, changes, after, lowers }: PlanMove): Action[] {
  const [hpaFields, workloadFields] = splitHpaFields(changes);
  const writes: Action[] = [
    ...(Object.keys(hpaFields).length > 0 ? [{ kind: 'PatchHpas', changes: hpaFields } as const] : []),
    ...(Object.keys(workloadFields).length > 0
      ? [{ kind: 'PatchWorkload', changes: workloadFields, annotations: {} } as const]
      : []),
  ];
  if (writes.length === 0) return [{ kind: 'SaveEntry', entry: after }];
  const grant: Action[] = lowers
    ? [
        {
          kind: 'ReserveChange',
          request: { ...changeRequest(o, changes, 'Rollout'), lastRolledBackMs: undefined },
        },
      ]
    : [];
  return [...grant, { kind: 'SaveEntry', entry: before }, ...writes, { kind: 'SaveEntry', entry: after }];
}
