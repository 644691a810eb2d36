import { describe, expect, it } from 'vitest';
import type { DaemonSet, Deployment, Pod } from '#apis/kubernetes/builtin.ts';
import { readPod } from './pod-facts.ts';
import { rolloutState } from './rollout.ts';

const template = { spec: { containers: [] } };

function deployment(status: Deployment['status'], more: Partial<Deployment['spec']> = {}): Deployment {
  return {
    metadata: { generation: 2 },
    spec: { selector: {}, template, replicas: 3, ...more },
    status: status ?? {},
  };
}

const settled = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3 };

describe('a Deployment', () => {
  it.each([
    ['has settled', settled, undefined],
    ['waits for its controller', { ...settled, observedGeneration: 1 }, /has not seen/],
    ['waits for new pods', { ...settled, updatedReplicas: 1 }, /1 of 3 pods are updated/],
    ['waits for old pods to go', { ...settled, replicas: 4 }, /1 old pods/],
    ['waits for availability', { ...settled, availableReplicas: 2 }, /2 of 3 pods are available/],
    ['without status has not settled', undefined, /has not seen/],
  ])('%s', (_name, status, because) => {
    const state = rolloutState(deployment(status), 'Deployment');
    if (because === undefined) expect(state.unsettledBecause).toBeUndefined();
    else expect(state.unsettledBecause).toMatch(because);
    expect(state.desiredReplicas).toBe(3);
  });

  it('fails when its progress deadline is exceeded, and is blocked while paused', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    expect(rolloutState(deployment({ ...settled, conditions }), 'Deployment').failure).toMatch(/deadline/);
    expect(rolloutState(deployment(settled, { paused: true }), 'Deployment').blockedBecause).toMatch(
      /paused/,
    );
  });
});

describe('a StatefulSet', () => {
  const base = { selector: {}, serviceName: 's', template, replicas: 3 };
  const state = (spec: object, status: object) =>
    rolloutState({ metadata: { generation: 1 }, spec: { ...base, ...spec }, status: { observedGeneration: 1, replicas: 3, readyReplicas: 3, ...status } }, 'StatefulSet'); // prettier-ignore

  it('settles with its revision and its readiness', () => {
    expect(state({}, { currentRevision: 'a', updateRevision: 'a' }).unsettledBecause).toBeUndefined();
    expect(state({}, { currentRevision: 'a', updateRevision: 'b', updatedReplicas: 1 }).unsettledBecause).toMatch(/1 of 3 pods are updated/);
    expect(state({}, { readyReplicas: 2 }).unsettledBecause).toMatch(/2 of 3 pods are ready/);
  }); // prettier-ignore

  it('does not roll out by itself OnDelete or below a partition', () => {
    expect(state({ updateStrategy: { type: 'OnDelete' } }, {}).blockedBecause).toMatch(/OnDelete/);
    expect(state({ updateStrategy: { rollingUpdate: { partition: 2 } } }, {}).blockedBecause).toMatch(
      /partition 2/,
    );
  });
});

describe('a DaemonSet', () => {
  it('wants one pod per matching node', () => {
    const status = {
      observedGeneration: 1,
      desiredNumberScheduled: 4,
      updatedNumberScheduled: 4,
      numberAvailable: 3,
    };
    const daemonSet: DaemonSet = {
      metadata: { generation: 1 },
      spec: { selector: {}, template },
      status: { ...status, currentNumberScheduled: 4, numberMisscheduled: 0, numberReady: 3 },
    };
    expect(rolloutState(daemonSet, 'DaemonSet')).toMatchObject({
      desiredReplicas: 4,
      unsettledBecause: '3 of 4 pods are available',
    });
  });
});

describe('a pod', () => {
  const at = '2026-11-21T10:00:00Z';
  const pod = (status: Pod['status']): Pod => ({
    metadata: { name: 'web-1', uid: 'u', creationTimestamp: at },
    spec: { nodeName: 'n1', containers: [{ name: 'app', resources: { requests: { cpu: '1' } } }] },
    status: status ?? {},
  });

  it('tells who was killed for memory, who restarts, and who loops', () => {
    const containerStatuses = [
      {
        name: 'app', image: '', imageID: '', ready: false, restartCount: 4,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: at } },
      },
    ]; // prettier-ignore
    const [container] = readPod(pod({ containerStatuses })).health.containers;
    expect(container).toEqual({
      container: 'app',
      restarts: 4,
      crashLooping: true,
      oomKilledAtMs: Date.parse(at),
    });
  });

  it.each([
    [
      [{ type: 'PodResizePending', status: 'True', reason: 'Deferred' }],
      { problem: 'Deferred', inProgress: false },
    ],
    [[{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }], { problem: 'Infeasible' }],
    [[{ type: 'PodResizeInProgress', status: 'True' }], { problem: undefined, inProgress: true }],
    [
      [{ type: 'PodResizeInProgress', status: 'True', reason: 'Error' }],
      { problem: 'Error', inProgress: true },
    ],
    [[], { problem: undefined, inProgress: false }],
  ])('with conditions %j is resized so far: %j', (conditions, expected) => {
    expect(readPod(pod({ conditions })).resize).toMatchObject(expected);
  });

  it('tells since when it finds no node or is not ready', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', lastTransitionTime: at },
      { type: 'Ready', status: 'False', lastTransitionTime: at },
    ];
    const facts = readPod(pod({ conditions, phase: 'Pending' }));
    expect(facts).toMatchObject({ running: false, unreadySinceMs: Date.parse(at) });
    expect(facts.health.unschedulableSinceMs).toBe(Date.parse(at));
  });
});
