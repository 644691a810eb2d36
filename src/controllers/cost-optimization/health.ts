/** The health of the target as verification reads it, from pods, rollout and metrics evidence. */
import type { HealthFacts } from '#domain/verification/verification.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import type { Observation } from './observation.ts';
import { livePods } from './sizes.ts';

export function readHealth(o: Observation, target: TargetFacts): HealthFacts {
  const pods = livePods(o);
  const ready = pods.filter((pod) => pod.health.ready).length;
  return {
    nowMs: o.nowMs,
    pods: pods.map((pod) => pod.health),
    desiredReplicas: target.rollout.desiredReplicas,
    rolloutFailure: target.rollout.failure,
    throttledRatio: o.evidence?.throttledRatio,
    unreadySinceMs: ready >= target.rollout.desiredReplicas ? undefined : earliestUnready(o),
    serviceLevels: o.evidence?.serviceLevels ?? [],
    metricsAgeMs: o.evidence?.metricsAgeMs,
  };
}

/** Since when pods are missing: the longest unready pod tells; where pods are absent, only now is certain. */
function earliestUnready(o: Observation): number {
  const times = livePods(o).flatMap((pod) => pod.unreadySinceMs ?? []);
  return Math.min(o.nowMs, ...times);
}
