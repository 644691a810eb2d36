import { describe, expect, it } from 'vitest';
import type { ContainerPolicy } from '#apis/optimization.k8s.io/v1/container-policy.ts';
import { MINUTE_MS } from '../units/duration.ts';
import { nextBoostStep } from './next-step.ts';
import { REQUEST, STARTED, startingPod, type StartingPod } from './testing.ts';

const POLICIES: readonly ContainerPolicy[] = [{ name: 'app', startupBoost: { cpuFactor: 3, seconds: 30 } }];
const BOOST = { original: { [REQUEST]: '500m' }, boosted: { [REQUEST]: '1500m' } };
const BOOSTED: StartingPod = { request: '1500m', mark: BOOST };

function step(pod: StartingPod, afterMs = 5_000, policies = POLICIES) {
  return nextBoostStep({ pod: startingPod(pod), policies, nowMs: STARTED + afterMs });
}

describe('a boost begins', () => {
  it('when the containers of a pod have just begun', () => {
    expect(step({})).toEqual({ kind: 'boost', boost: BOOST, announced: false });
  });

  it('where it was announced, and the process died before the resize', () => {
    expect(step({ mark: BOOST })).toEqual({ kind: 'boost', boost: BOOST, announced: true });
  });

  it.each<[string, StartingPod, number?]>([
    ['a pod that waits for its node', { status: { phase: 'Pending' } }],
    ['a pod that is ready', { readyAtMs: STARTED + 1000 }],
    ['a pod that has run for longer', {}, 2 * MINUTE_MS],
    ['a pod that has ended', { status: { phase: 'Succeeded' } }],
    ['a pod that has had one', { mark: 'done' }],
    ['a mark that nobody can read', { mark: 'by hand' }],
  ])('not for %s', (_name, pod, afterMs) => {
    expect(step(pod, afterMs)).toEqual({ kind: 'none' });
  });

  it('not for a pod that is on its way out', () => {
    const leaving = { pod: { metadata: { name: 'web-1', deletionTimestamp: '2026-11-21T10:00:01Z' } } };
    expect(step(leaving)).toEqual({ kind: 'none' });
  });

  it('not where no policy asks for it', () => {
    expect(step({}, 0, [])).toEqual({ kind: 'none' });
  });
});

describe('a boost is kept', () => {
  it('while the pod starts, with an end in sight', () => {
    expect(step(BOOSTED)).toEqual({ kind: 'none', againMs: 30 * MINUTE_MS - 5_000 });
  });

  it('for as long after readiness as asked for', () => {
    expect(step({ ...BOOSTED, readyAtMs: STARTED + 20_000 }, 40_000)).toEqual({
      kind: 'none',
      againMs: 10_000,
    });
  });
});

describe('a boost ends', () => {
  const infeasible = { type: 'PodResizePending', status: 'True', reason: 'Infeasible' };

  it.each<[string, StartingPod, number, RegExp]>([
    ['the pod has been ready for that long', { ...BOOSTED, readyAtMs: STARTED + 20_000 }, 50_000, /is ready/],
    ['the pod never becomes ready', BOOSTED, 30 * MINUTE_MS, /did not become ready/],
    ['the node can never give it', { ...BOOSTED, status: { conditions: [infeasible] } }, 5_000, /never give/],
  ])('when %s', (_name, pod, afterMs, why) => {
    expect(step(pod, afterMs)).toEqual({
      kind: 'unboost',
      sizes: BOOST.original,
      why: expect.stringMatching(why) as string,
    });
  });

  it('when its policy is gone', () => {
    expect(step(BOOSTED, 5_000, [])).toMatchObject({ kind: 'unboost', sizes: BOOST.original });
  });

  it('without a resize where somebody has changed the sizes, or the process died after giving it back', () => {
    expect(step({ request: '800m', mark: BOOST })).toMatchObject({ kind: 'unboost', sizes: {} });
    expect(step({ mark: BOOST, readyAtMs: STARTED + 1000 }, 60_000)).toMatchObject({
      kind: 'unboost',
      sizes: {},
    });
  });
});
