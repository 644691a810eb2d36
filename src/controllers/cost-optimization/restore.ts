/** The writes that undo a change. Re-run after a crash, they find less and less left to do. */
import {
  OPTIMIZED_AT,
  OPTIMIZED_BY,
  ROLLED_BACK_AT,
  ROLLED_BACK_BY,
} from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { keyOf, keyText } from '#apis/kubernetes/object.ts';
import { describeChanges } from '#domain/change/display.ts';
import { type FieldMap, parseHpaPath, sameValue } from '#domain/change/field.ts';
import { desiredPodFields } from '#domain/change/pod-objects.ts';
import { bookInterval } from '#domain/ledger/ledger.ts';
import { lastRateSince } from '#domain/ledger/ledger-store.ts';
import {
  hasStoredOriginal,
  planRestore,
  podOverlay,
  type RollbackEntry,
} from '#domain/rollback/rollback-entry.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import type { PodFacts } from '#domain/workload/pod-facts.ts';
import type { Action } from './decision.ts';
import { isLeft } from './keep-in-force.ts';
import type { Observation } from './observation.ts';
import { carries, currentRate, livePods, objectFields, podsToResize } from './sizes.ts';

export interface Restore {
  readonly actions: readonly Action[];
  /** Whether anything is still to be undone. */
  readonly changed: boolean;
  /** The pods that do not carry their original sizes yet, and what keeps them from it. */
  readonly unfinished: readonly string[];
  /** The sizes that every pod has to ask for before the original may be forgotten. */
  readonly podSizes: FieldMap;
  readonly summary: string;
  readonly keptSummary: string;
}

const NOTHING: Restore = {
  actions: [],
  changed: false,
  unfinished: [],
  podSizes: {},
  summary: '',
  keptSummary: '',
};

/**
 * What is left to undo of an entry. Sizes grow back before autoscaler targets fall, so that no autoscaler sees
 * small requests under a low target. Of a workload that is gone, or was recreated, only the autoscalers need it.
 */
export function restoreActions(
  o: Observation,
  entry: RollbackEntry,
  options: { readonly leaveMarks: boolean },
): Restore {
  const { target } = o;
  if (target?.uid !== entry.targetUid || !hasStoredOriginal(entry)) {
    const autoscalers = restoreAutoscalers(o, entry);
    const marks = options.leaveMarks ? [] : removeMarks(o);
    return { ...NOTHING, changed: autoscalers.length > 0, actions: [...marks, ...autoscalers] };
  }
  return undoing({ ...o, target }, entry, options.leaveMarks);
}

function undoing(
  o: Observation & { readonly target: TargetFacts },
  entry: RollbackEntry,
  leaveMarks: boolean,
): Restore {
  const { target } = o;
  const fields = objectFields(o, target);
  const { restore, kept } = planRestore(entry, fields);
  const sizes = resizedSizes(entry, { ...target.fields, ...restore });
  const left = isLeft(o);
  const mine = left ? o.pods.filter((pod) => isOurs(pod, entry)) : o.pods;
  const pods = podsToResize(mine, sizes);
  const marks = markChanges(target, o.nowMs, leaveMarks);
  const [hpaFields, workloadFields] = splitHpaFields(restore);
  return {
    changed: Object.keys(restore).length > 0 || pods.length > 0,
    unfinished: unfinishedPods({ pods: mine }, sizes),
    podSizes: left ? {} : sizes,
    summary: describeChanges({ ...fields, ...entry.overlay }, { ...inverse(entry), ...restore }, 2),
    keptSummary: Object.keys(kept).join(', '),
    actions: [
      ...finalBooking(o, target, entry),
      ...(Object.keys(workloadFields).length > 0 || marks.needed
        ? [{ kind: 'PatchWorkload', changes: workloadFields, annotations: marks.annotations } as const]
        : []),
      ...(pods.length > 0 ? [{ kind: 'ResizePods', pods: pods.map((pod) => pod.name), sizes } as const] : []),
      ...(Object.keys(hpaFields).length > 0 ? [{ kind: 'PatchHpas', changes: hpaFields } as const] : []),
    ],
  };
}

/** The sizes among `fields` that pods may carry otherwise than their template, however the template changed since. */
function resizedSizes(entry: RollbackEntry, fields: FieldMap): FieldMap {
  const sizes = Object.entries(desiredPodFields(fields, {}));
  return Object.fromEntries(sizes.filter(([path]) => entry.resized.includes(path)));
}

/** Where someone else sizes pods, only those that still have a size of ours are given theirs back. */
function isOurs({ asked }: PodFacts, entry: RollbackEntry): boolean {
  return Object.entries(podOverlay(entry)).some(([path, value]) => sameValue(asked[path], value));
}

/** Each live pod that does not carry the sizes, with the reason as far as it is known. */
function unfinishedPods(o: Pick<Observation, 'pods'>, sizes: FieldMap): readonly string[] {
  return livePods(o).flatMap((pod) => {
    if (carries(pod.actual, sizes) && carries(pod.asked, sizes)) return [];
    const { problem, message } = pod.resize;
    if (problem !== undefined) return [`${pod.name} (${problem}${message === '' ? '' : `: ${message}`})`];
    return [pod.running ? pod.name : `${pod.name} (not running yet)`];
  });
}

/** The originals of sizes that only pods carried. */
function inverse(entry: RollbackEntry): FieldMap {
  return Object.fromEntries(
    Object.keys(entry.overlay).map((path) => [path, entry.original[path] ?? null] as const),
  );
}

/** Fields of autoscalers, and all others. */
export function splitHpaFields(fields: FieldMap): readonly [FieldMap, FieldMap] {
  const entries = Object.entries(fields);
  return [
    Object.fromEntries(entries.filter(([path]) => parseHpaPath(path) !== undefined)),
    Object.fromEntries(entries.filter(([path]) => parseHpaPath(path) === undefined)),
  ];
}

interface Marks {
  readonly needed: boolean;
  readonly annotations: Readonly<Record<string, string | null>>;
}

/** Our annotations go; where the CostOptimization stays, the rollback leaves its own. */
function markChanges(target: TargetFacts, nowMs: number, leaveMarks: boolean): Marks {
  const ours = leaveMarks
    ? [OPTIMIZED_AT, OPTIMIZED_BY]
    : [OPTIMIZED_AT, OPTIMIZED_BY, ROLLED_BACK_AT, ROLLED_BACK_BY];
  const present = ours.filter((name) => name in target.annotations);
  const removed = Object.fromEntries(present.map((name) => [name, null] as const));
  const left = leaveMarks ? { [ROLLED_BACK_AT]: rfc3339(nowMs), [ROLLED_BACK_BY]: 'kcloud' } : {};
  return { needed: present.length > 0, annotations: { ...removed, ...left } };
}

/** Takes our annotations off a workload that carries no change of ours; those of another optimization stay. */
export function removeMarks(o: Observation): Action[] {
  const { target, optimization } = o;
  if (target === undefined) return [];
  const { needed, annotations } = markChanges(target, o.nowMs, false);
  const owner = target.annotations[OPTIMIZED_BY] ?? keyText(keyOf(optimization));
  if (!needed || owner !== keyText(keyOf(optimization))) return [];
  return [{ kind: 'PatchWorkload', changes: {}, annotations }];
}

/** Autoscalers outlive the workload that they scale: their targets go back though it is gone or another. */
export function restoreAutoscalers(o: Observation, entry: RollbackEntry): Action[] {
  const fields = Object.assign({}, ...o.surroundings.hpas.map((hpa) => hpa.fields)) as FieldMap;
  const [changes] = splitHpaFields(planRestore(entry, fields).restore);
  return Object.keys(changes).length === 0 ? [] : [{ kind: 'PatchHpas', changes }];
}

/** Books what was saved up to the moment of the rollback. */
function finalBooking(o: Observation, target: TargetFacts, entry: RollbackEntry): Action[] {
  const lastRate = lastRateSince(o.ledger, entry.storedAtMs);
  if (lastRate === undefined || lastRate.atMs >= o.nowMs) return [];
  const rate = currentRate(o, target, entry);
  return [{ kind: 'BookSavings', row: bookInterval(entry.owner.uid, lastRate, rate), rate }];
}
