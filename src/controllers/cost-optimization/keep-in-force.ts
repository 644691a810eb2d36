/**
 * Pods that came later, or that someone restarted, get the sizes that are in force in place. Where someone else gives
 * them others again and again, fighting over them helps nobody: after some rounds they are left to the other.
 */
import type { Contested } from '#apis/optimization.k8s.io/v1/status.ts';
import { sameValue } from '#domain/change/field.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import type { PodFacts } from '#domain/workload/pod-facts.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { InForce } from './in-force.ts';
import type { Draft } from './decision.ts';
import type { Observation } from './observation.ts';
import { hasOverlay, podsToResize, sizesUnder } from './sizes.ts';

/** A person who tries something gives up sooner, an autoscaler acts every minute. */
const ROUNDS = 5;
const WINDOW_MS = HOUR_MS;
/** What is seen this soon after a round may be a copy from before it. */
const ROUND_MS = MINUTE_MS / 4;

export function keepInForce(o: Observation, draft: Draft, { target, entry }: InForce): void {
  if (!hasOverlay(entry)) {
    draft.drop('contested');
    return;
  }
  const { contested } = draft.status;
  if (isLeft(o)) {
    if (contested !== undefined) report(draft, contested);
    return;
  }
  const sizes = sizesUnder(target, entry);
  const pods = podsToResize(o.pods, sizes);
  if (pods.length === 0) return;
  const foreign = pods.filter((pod) => isForeign(o, { target, entry }, pod));
  if (foreign.length > 0 && isOneTooMany(o, draft, foreign)) return;
  draft.act({ kind: 'ResizePods', pods: pods.map((pod) => pod.name), sizes });
}

/** True where the sizes of pods were left to someone else; a new spec takes them up again. */
export function isLeft({ optimization }: Pick<Observation, 'optimization'>): boolean {
  const { contested } = optimization.status ?? {};
  return contested?.left !== undefined && contested.generation === optimization.metadata.generation;
}

/** A pod that had our sizes once, or that has sizes which are neither ours nor those that it was made with. */
function isForeign(o: Observation, { target, entry }: InForce, pod: PodFacts): boolean {
  const complete = Date.parse(o.optimization.status?.verification?.startedAt ?? '');
  if (pod.health.createdAtMs < complete) return true;
  return Object.entries(entry.overlay).some(([path, value]) => {
    const asked = pod.asked[path];
    return asked !== undefined && !sameValue(asked, value) && !sameValue(asked, target.fields[path]);
  });
}

/** Counts a round; true where it was the last. */
function isOneTooMany(o: Observation, draft: Draft, pods: readonly PodFacts[]): boolean {
  const counted = countRound(o, recent(o, draft.status.contested), pods[0]?.name ?? '');
  if (counted.rounds <= ROUNDS) {
    draft.set({ contested: counted });
    return false;
  }
  const generation = o.optimization.metadata.generation ?? 0;
  const left = { ...counted, left: rfc3339(o.nowMs), generation };
  draft.set({ contested: left });
  draft.note('Warning', 'OptimizationContested', textOf(left));
  report(draft, left);
  return true;
}

function countRound({ nowMs }: Observation, before: Contested | undefined, pod: string): Contested {
  const now = rfc3339(nowMs);
  if (before === undefined) return { since: now, last: now, rounds: 1, pod };
  if (nowMs - Date.parse(before.last) < ROUND_MS) return before;
  return { ...before, last: now, rounds: before.rounds + 1, pod };
}

/** Rounds of long ago do not count, nor do those before the spec was changed. */
function recent(o: Observation, contested: Contested | undefined): Contested | undefined {
  if (contested === undefined || contested.left !== undefined) return undefined;
  return o.nowMs - Date.parse(contested.since) < WINDOW_MS ? contested : undefined;
}

function report(draft: Draft, contested: Contested): void {
  draft.find({ type: 'Contested', status: 'True', reason: 'ResizedByOthers', message: textOf(contested) });
}

function textOf({ pod, rounds, since }: Contested): string {
  return (
    `someone else gives pods other sizes in place again and again (${pod}: ${String(rounds)} times since ${since}); ` +
    'they are left as they are. See who else resizes them (a VerticalPodAutoscaler?), then change the spec to go on'
  );
}
