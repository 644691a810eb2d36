import { describe, expect, it } from 'vitest';
import { type HealthFacts, type PodHealth, type WatchedChange, verify } from './verification.ts';

const MINUTE = 60_000;
const BEGAN = 1_000_000_000;
const COMPLETE = BEGAN + MINUTE;

function pod(
  more: Partial<PodHealth> = {},
  container: Partial<PodHealth['containers'][number]> = {},
): PodHealth {
  return {
    pod: 'web-1',
    ready: true,
    createdAtMs: BEGAN,
    unschedulableSinceMs: undefined,
    containers: [
      { container: 'app', restarts: 0, crashLooping: false, oomKilledAtMs: undefined, ...container },
    ],
    ...more,
  };
}

const change: WatchedChange = {
  beganAtMs: BEGAN,
  completeAtMs: COMPLETE,
  windowMs: 15 * MINUTE,
  changes: { 'containers/app/requests/memory': '512Mi' },
  restartsBefore: 0,
  throttledBefore: 0.02,
};

function facts(minutesAfter: number, more: Partial<HealthFacts> = {}): HealthFacts {
  return {
    nowMs: COMPLETE + minutesAfter * MINUTE,
    pods: [pod()],
    desiredReplicas: 1,
    rolloutFailure: undefined,
    throttledRatio: 0.02,
    unreadySinceMs: undefined,
    serviceLevels: [],
    metricsAgeMs: 30_000,
    ...more,
  };
}

describe('a change under watch', () => {
  it.each<[string, HealthFacts, Partial<WatchedChange>, string]>([
    ['is watched until the window closes', facts(14), {}, 'Watching'],
    ['passes when nothing happened', facts(15), {}, 'Passed'],
    ['is not judged before every pod has its size', facts(60), { completeAtMs: undefined }, 'Watching'],
    ['regresses on an OOM kill, even within the rollout', facts(-0.5, { pods: [pod({}, { oomKilledAtMs: BEGAN + 1 })] }), { completeAtMs: undefined }, 'OOMKilled'],
    ['forgives an OOM kill from before the change', facts(16, { pods: [pod({}, { oomKilledAtMs: BEGAN - 1 })] }), {}, 'Passed'],
    ['regresses on a crash loop', facts(1, { pods: [pod({}, { crashLooping: true })] }), {}, 'CrashLoop'],
    ['regresses on a second restart', facts(5, { pods: [pod({}, { restarts: 5 })] }), { restartsBefore: 3 }, 'CrashLoop'],
    ['forgives one restart', facts(16, { pods: [pod({}, { restarts: 4 })] }), { restartsBefore: 3 }, 'Passed'],
    ['regresses when the rollout fails', facts(0, { rolloutFailure: 'progress deadline exceeded' }), { completeAtMs: undefined }, 'RolloutFailed'],
    ['regresses when a pod finds no node for long', facts(6, { pods: [pod({ ready: false, unschedulableSinceMs: COMPLETE })] }), {}, 'Unschedulable'],
    ['gives the scheduler time', facts(4, { pods: [pod({ ready: false, unschedulableSinceMs: COMPLETE })] }), {}, 'Watching'],
    ['regresses when pods stay unready', facts(4, { pods: [pod({ ready: false })], unreadySinceMs: COMPLETE }), {}, 'Unready'],
    ['gives probes time', facts(2, { pods: [pod({ ready: false })], unreadySinceMs: COMPLETE }), {}, 'Watching'],
    ['regresses on throttling that was not there before', facts(3, { throttledRatio: 0.4 }), {}, 'Throttled'],
    ['forgives throttling that was there before', facts(16, { throttledRatio: 0.4 }), { throttledBefore: 0.38 }, 'Passed'],
    ['regresses on a broken service level', facts(3, { serviceLevels: [{ name: 'p99', max: 0.5, value: 0.8 }] }), {}, 'SLOBreached'],
    ['does not pass with a service level that cannot be read', facts(16, { serviceLevels: [{ name: 'p99', max: 0.5, value: undefined }] }), {}, 'Unknown'],
    ['does not pass without samples', facts(16, { metricsAgeMs: undefined }), {}, 'Unknown'],
    ['does not pass on stale samples', facts(16, { metricsAgeMs: 6 * MINUTE }), {}, 'Unknown'],
    ['does not pass with pods missing', facts(16, { desiredReplicas: 2, unreadySinceMs: COMPLETE + 15 * MINUTE }), {}, 'Unknown'],
    ['treats unknown throttling as unknown, not as none', facts(16, { throttledRatio: undefined }), { throttledBefore: undefined }, 'Passed'],
  ])('%s', (_name, seen, watched, expected) => {
    const verdict = verify(seen, { ...change, ...watched });
    expect(verdict.result === 'Regressed' ? verdict.reason : verdict.result).toBe(expected);
    expect(verdict.message).not.toBe('');
  }); // prettier-ignore
});
