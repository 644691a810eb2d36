/** What to do next about the boost of one pod. Pure: every step is repeated safely after a crash. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import type { ContainerPolicy } from '#apis/optimization.k8s.io/v1/container-policy.ts';
import { changedFields, type FieldMap } from '../change/field.ts';
import { readDesiredPodFields } from '../change/pod-objects.ts';
import { MINUTE_MS } from '../units/duration.ts';
import { policyFor } from '../policy/container-policies.ts';
import { type Boost, boostOf, isMarked, wantedBoost } from './boost.ts';

/** A pod that is not ready later than this has lost its readiness, or the operator was away: it starts without. */
export const BEGIN_WITHIN_MS = MINUTE_MS;
/** A pod that never becomes ready does not keep its boost for ever. */
export const KEEP_AT_MOST_MS = 30 * MINUTE_MS;

export type BoostStep =
  | { readonly kind: 'none'; readonly againMs?: number }
  /** Write the annotation (where `announced` is false), then resize. */
  | { readonly kind: 'boost'; readonly boost: Boost; readonly announced: boolean }
  /** Resize to these sizes, then mark the pod as done: no pod is boosted twice. */
  | { readonly kind: 'unboost'; readonly sizes: FieldMap; readonly why: string };

export interface BoostQuestion {
  readonly pod: Pod;
  /** Policies of the containers; empty where no optimization of the workload may act. */
  readonly policies: readonly ContainerPolicy[];
  readonly nowMs: number;
}

export function nextBoostStep(question: BoostQuestion): BoostStep {
  const { pod } = question;
  if (isOver(pod)) return { kind: 'none' };
  const sizes = readDesiredPodFields(pod);
  const boost = boostOf(pod);
  if (boost === undefined) return isMarked(pod) ? { kind: 'none' } : begin(question, sizes);
  if (holds(sizes, boost.boosted)) return keep(question, boost);
  if (!holds(sizes, boost.original)) return unboost({}, 'its sizes were changed meanwhile');
  return begin(question, sizes).kind === 'boost'
    ? { kind: 'boost', boost, announced: true }
    : unboost({}, 'the pod has started');
}

function unboost(sizes: FieldMap, why: string): BoostStep {
  return { kind: 'unboost', sizes, why };
}

function begin({ pod, policies, nowMs }: BoostQuestion, sizes: FieldMap): BoostStep {
  const wanted = startsNow(pod, nowMs) ? wantedBoost(pod, sizes, policies) : undefined;
  return wanted === undefined ? { kind: 'none' } : { kind: 'boost', boost: wanted, announced: false };
}

function isOver({ metadata, status }: Pod): boolean {
  return (
    metadata?.deletionTimestamp !== undefined || status?.phase === 'Failed' || status?.phase === 'Succeeded'
  );
}

function startsNow({ status }: Pod, nowMs: number): boolean {
  const ageMs = nowMs - timeOf(status?.startTime);
  return status?.phase === 'Running' && ageMs <= BEGIN_WITHIN_MS && readySinceMs({ status }) === undefined;
}

function holds(sizes: FieldMap, wanted: FieldMap): boolean {
  return Object.keys(changedFields(sizes, wanted)).length === 0;
}

/** Until the pod is ready and as long after that as asked for; `keep` of a pod that has its boost. */
function keep({ pod, policies, nowMs }: BoostQuestion, { original }: Boost): BoostStep {
  const boosts = (pod.spec?.containers ?? []).flatMap(
    ({ name }) => policyFor(policies, name).startupBoost ?? [],
  );
  if (boosts.length === 0) return unboost(original, 'no policy asks for it any more');
  if (isInfeasible(pod)) return unboost(original, 'its node can never give as much');
  const readyMs = readySinceMs(pod);
  const keptMs = Math.max(...boosts.map(({ seconds = 0 }) => seconds)) * 1000;
  const endMs = readyMs === undefined ? timeOf(pod.status?.startTime) + KEEP_AT_MOST_MS : readyMs + keptMs;
  if (nowMs < endMs) return { kind: 'none', againMs: endMs - nowMs };
  return unboost(original, readyMs === undefined ? 'the pod did not become ready' : 'the pod is ready');
}

function isInfeasible({ status }: Pod): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: state, reason }) =>
      type === 'PodResizePending' && state === 'True' && reason === 'Infeasible',
  );
}

function readySinceMs({ status }: Pick<Pod, 'status'>): number | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? timeOf(ready.lastTransitionTime) : undefined;
}

/** An absent time counts as long ago: nothing begins on it. */
function timeOf(text: string | undefined): number {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}
