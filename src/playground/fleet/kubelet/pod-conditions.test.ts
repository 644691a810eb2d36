import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackOff, waitText } from './back-off.ts';
import {
  type ContainerView,
  type PodView,
  mergeConditions,
  phaseOf,
  wantedConditions,
} from './pod-conditions.ts';

function container(kind: 'waiting' | 'running' | 'ok' | 'failed', isOver = false): ContainerView {
  const ended = { kind: 'terminated', startedMs: 0, finishedMs: 1, containerId: '' } as const;
  const state =
    kind === 'waiting'
      ? ({ kind: 'waiting', reason: 'ContainerCreating' } as const)
      : kind === 'running'
        ? ({ kind: 'running', startedMs: 0 } as const)
        : { ...ended, exitCode: kind === 'ok' ? 0 : 1, reason: '' };
  return { name: 'app', state, ready: kind === 'running', isOver };
}

function view(main: readonly ContainerView[], more: Partial<PodView> = {}): PodView {
  return { init: [], main, isInitialized: true, hasSandbox: true, isTerminal: false, ...more };
}

describe('the phase of a pod', () => {
  it.each([
    ['nothing has begun', view([container('waiting')]), 'Pending'],
    ['it is not initialized', view([container('running')], { isInitialized: false }), 'Pending'],
    ['one runs', view([container('running'), container('running')]), 'Running'],
    ['one ended and will be restarted', view([container('failed')]), 'Running'],
    ['one ended for good, one runs', view([container('ok', true), container('running')]), 'Running'],
    ['all ended well', view([container('ok', true)]), 'Succeeded'],
    ['one failed for good', view([container('ok', true), container('failed', true)]), 'Failed'],
    [
      'an init container failed for good',
      view([container('waiting')], { init: [container('failed', true)], isInitialized: false }),
      'Failed',
    ],
  ])('where %s', (_, pod, phase) => {
    expect(phaseOf(pod)).toBe(phase);
  });
});

describe('the conditions of a pod', () => {
  it('say what is missing', () => {
    const waiting = view([container('waiting')], {
      isInitialized: false,
      init: [container('running')],
      hasSandbox: false,
    });
    expect(
      wantedConditions(waiting, 'Pending').map(({ type, status, reason }) =>
        `${type}=${status} ${reason ?? ''}`.trim(),
      ),
    ).toEqual([
      'PodReadyToStartContainers=False',
      'Initialized=False ContainersNotInitialized',
      'Ready=False ContainersNotReady',
      'ContainersReady=False ContainersNotReady',
      'PodScheduled=True',
    ]);
  });

  it('keep their time while their status stays, drop what is over and leave those of others alone', () => {
    const before = [
      { type: 'Ready', status: 'True', lastTransitionTime: 'long ago' },
      { type: 'PodScheduled', status: 'False', lastTransitionTime: 'long ago', reason: 'Unschedulable' },
      { type: 'PodResizePending', status: 'True', lastTransitionTime: 'long ago' },
      { type: 'DisruptionTarget', status: 'True', lastTransitionTime: 'long ago' },
    ];
    const wanted = wantedConditions(view([container('running')]), 'Running');
    const merged = mergeConditions(before, wanted, { time: 'now', generation: 3 });
    const times = Object.fromEntries(
      merged.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
    );
    expect(times).toEqual({
      PodReadyToStartContainers: 'now',
      Initialized: 'now',
      Ready: 'long ago',
      ContainersReady: 'now',
      PodScheduled: 'now',
      DisruptionTarget: 'long ago',
    });
    expect(merged.find(({ type }) => type === 'PodScheduled')).not.toHaveProperty('reason');
    expect(merged[0]?.observedGeneration).toBe(3);
  });
});

describe('a back-off', () => {
  it('lets the first failure pass, then doubles from 10 s to 5 min', () => {
    const backOff = new BackOff();
    const waits: number[] = [];
    let atMs = 0;
    for (let failure = 0; failure < 9; failure += 1) {
      const waitMs = backOff.next(atMs);
      waits.push(waitMs / 1000);
      atMs += waitMs + 1000;
    }
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('forgets after ten quiet minutes, and not before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000 }), (quietMs) => {
        const backOff = new BackOff();
        backOff.next(0);
        const waitMs = backOff.next(1000);
        expect(backOff.next(1000 + waitMs + quietMs)).toBe(quietMs > 600_000 ? 0 : 20_000);
      }),
    );
  });

  it('prints waits as kubelets do', () => {
    expect([10_000, 60_000, 80_000, 300_000].map(waitText)).toEqual(['10s', '1m0s', '1m20s', '5m0s']);
  });
});
