import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerUsage, WorkloadUsage } from '#domain/usage/usage.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { EmbeddedUsage } from '../embedded-usage.ts';
import { HistoryFixture, MIB, STEP_MS, T0, WEB } from '../testing/history-fixture.ts';
import { FakeCluster, type FakePod } from '../testing/fake-cluster.ts';
import { Collector } from './collector.ts';
import { ListedPods } from './pod-source.ts';

const METRICS_PATH = '/apis/metrics.k8s.io';
const SECOND_MS = 1000;

let fixture: HistoryFixture;
let cluster: FakeCluster;
let clock: ManualClock;
let collector: Collector;

beforeEach(() => {
  fixture = new HistoryFixture();
  cluster = new FakeCluster();
  clock = new ManualClock(T0);
  collector = newCollector();
});
afterEach(async () => {
  await collector.stop();
  fixture.dispose();
});

function newCollector(): Collector {
  const { client } = cluster;
  return new Collector({
    client,
    pods: new ListedPods(client),
    history: fixture.history,
    clock,
    logger: silentLogger,
  });
}

/** As a new process finds things: nothing in memory, the file as it is. */
async function restart(): Promise<void> {
  await collector.stop();
  fixture.reopen();
  collector = newCollector();
}

function webPod(name: string, createdMs = T0 - 86_400_000): FakePod {
  return cluster.add({
    workload: WEB,
    name,
    uid: `uid-${name}`,
    createdMs,
    containers: [{ name: 'app', memoryLimit: '256Mi' }],
  });
}

function sample(pod: string, cpu: string, memory = '100Mi', takenMs = clock.now()): void {
  cluster.samples.set(pod, { takenMs, usage: { app: { cpu, memory } } });
}

/** Moves to the end of the next step, lets `prepare` say what is there and looks. */
async function lookAt(step: number, prepare: () => void = () => undefined): Promise<void> {
  await clock.advance(T0 + step * STEP_MS - clock.now());
  prepare();
  await collector.look();
}

async function web(steps: number, stepMs = STEP_MS): Promise<WorkloadUsage> {
  const source = new EmbeddedUsage(fixture.history.reader, () => collector.status);
  return fixture.ask({ fromMs: T0, toMs: T0 + steps * STEP_MS, stepMs }, source);
}

async function app(steps: number): Promise<ContainerUsage> {
  const [container] = (await web(steps)).containers;
  if (container === undefined) throw new Error('nothing was seen');
  return container;
}

const cpu = (container: ContainerUsage): number[] => [...(container.cpuCores?.max ?? [])];

describe('the collector', () => {
  it('sums pods up per step: highest, mean, how many', async () => {
    webPod('web-5d69f8-aaaaa');
    webPod('web-5d69f8-bbbbb');
    await lookAt(1, () => {
      sample('web-5d69f8-aaaaa', '250m', '100Mi');
      sample('web-5d69f8-bbbbb', '750000000n', '204800Ki');
    });
    const { cpuCores, memoryBytes } = await app(1);
    expect([cpuCores?.max[0], cpuCores?.mean[0], cpuCores?.pods[0]]).toEqual([0.75, 0.5, 2]);
    expect([memoryBytes?.max[0], memoryBytes?.mean[0]]).toEqual([200 * MIB, 150 * MIB]);
  });

  it('looks at every boundary of its interval until it is stopped', async () => {
    webPod('web-5d69f8-aaaaa');
    await clock.advance(7 * SECOND_MS);
    collector.start();
    for (const step of [1, 2, 3]) {
      await clock.advance(T0 + step * STEP_MS - 5 * SECOND_MS - clock.now());
      sample('web-5d69f8-aaaaa', String(step));
      await clock.advance(5 * SECOND_MS);
    }
    await collector.stop();
    const looks = cluster.requests.filter((path) => path.startsWith(METRICS_PATH)).length;
    await clock.advance(10 * STEP_MS);
    expect(cpu(await app(3))).toEqual([1, 2, 3]);
    expect(looks).toBe(3);
    expect(cluster.requests.filter((path) => path.startsWith(METRICS_PATH))).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it('follows pods over a rollout that gives them new names', async () => {
    webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample('web-5d69f8-aaaaa', '1'); }); // prettier-ignore
    await lookAt(2, () => {
      cluster.pods.clear();
      cluster.samples.clear();
      cluster.add({
        workload: WEB,
        name: 'web-77b4c9-zzzzz',
        uid: 'new',
        createdMs: clock.now(),
        containers: [{ name: 'app' }],
        replicaSet: 'web-77b4c9',
      });
      sample('web-77b4c9-zzzzz', '2');
    });
    expect(cpu(await app(2))).toEqual([1, 2]);
  });

  it('still counts a pod that ended before it could be listed', async () => {
    webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample('web-5d69f8-aaaaa', '1'); }); // prettier-ignore
    await lookAt(2, () => {
      sample('web-5d69f8-aaaaa', '2');
      cluster.pods.clear();
    });
    expect(cpu(await app(2))).toEqual([1, 2]);
  });

  it('knows StatefulSets, DaemonSets and several containers, and leaves other pods alone', async () => {
    const db = { kind: 'StatefulSet', namespace: 'shop', name: 'db' } as const;
    const agent = { kind: 'DaemonSet', namespace: 'infra', name: 'agent' } as const;
    const rollout = { ...WEB, kind: 'Rollout', name: 'canary' };
    const containers = [{ name: 'main' }, { name: 'side' }];
    const usage = { main: { cpu: '1', memory: '64Mi' }, side: { cpu: '10m', memory: '8Mi' } };
    await lookAt(1, () => {
      for (const [workload, name] of [
        [db, 'db-0'],
        [agent, 'agent-x7k2p'],
        [rollout, 'canary-b4-xxxxx'],
      ] as const) {
        cluster.add({ workload, name, uid: name, createdMs: 0, containers });
        cluster.samples.set(name, { takenMs: clock.now(), usage });
      }
    });
    const query = {
      workloads: [db, agent, { ...WEB, name: 'canary' }],
      fromMs: T0,
      toMs: T0 + STEP_MS,
      stepMs: STEP_MS,
    };
    const answers = await fixture.history.reader.usage(query);
    expect(answers.map(({ containers: found }) => found.map(({ container }) => container))).toEqual([
      ['main', 'side'],
      ['main', 'side'],
      [],
    ]);
    expect(collector.status.samples).toEqual({ taken: 2, stale: 0, unowned: 1 });
  });

  it('finds Deployments by the names of their pods where it may not read ReplicaSets', async () => {
    webPod('web-5d69f8-aaaaa');
    cluster.faults.set('/apis/apps', 'forbidden');
    await lookAt(1, () => { sample('web-5d69f8-aaaaa', '1'); }); // prettier-ignore
    expect(cpu(await app(1))).toEqual([1]);
  });

  it('asks for ReplicaSets once, one by one or all at once', async () => {
    for (let index = 0; index < 30; index += 1) {
      const workload = { ...WEB, name: `web${String(index)}` };
      cluster.add({
        workload,
        name: `web${String(index)}-5d69f8-aaaaa`,
        uid: String(index),
        createdMs: 0,
        containers: [],
      });
    }
    await lookAt(1);
    await lookAt(2);
    expect(cluster.requests.filter((path) => path.startsWith('/apis/apps'))).toHaveLength(1);
  });
});

describe('what a metrics server may do wrong', () => {
  it('repeat a sample for ever: that is no usage', async () => {
    webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample('web-5d69f8-aaaaa', '1'); }); // prettier-ignore
    for (const step of [2, 3, 4, 5]) await lookAt(step);
    await lookAt(6, () => { sample('web-5d69f8-aaaaa', '1'); }); // prettier-ignore
    expect(cpu(await app(6))).toEqual([1, NaN, NaN, NaN, NaN, 1]);
    expect(collector.status.samples.stale).toBe(0);
  });

  it('take samples more seldom than we look: each stands until the next is due', async () => {
    webPod('web-5d69f8-aaaaa');
    for (const step of [1, 2, 3, 4]) {
      await lookAt(step, () => {
        if (step % 2 === 0) return;
        cluster.samples.set('web-5d69f8-aaaaa', {
          takenMs: clock.now() - 10_000,
          window: '1m0.2s',
          usage: { app: { cpu: String(step), memory: '10Mi' } },
        });
      });
    }
    for (const step of [5, 6, 7, 8]) await lookAt(step);
    expect(cpu(await app(8))).toEqual([1, 1, 3, 3, 3, NaN, NaN, NaN]);
  });

  it('give absurd values: they are left out and counted', async () => {
    webPod('web-5d69f8-aaaaa');
    const broken = [
      { cpu: '-1', memory: '10Mi' },
      { cpu: '1', memory: '0' },
      { cpu: 'NaN', memory: '9Ei' },
      { cpu: '1000000', memory: '10Mi' },
      { memory: '10Mi' },
    ];
    for (const [index, usage] of broken.entries()) {
      await lookAt(index + 1, () => { cluster.samples.set('web-5d69f8-aaaaa', { takenMs: clock.now(), usage: { app: usage } }); }); // prettier-ignore
    }
    const container = await app(5);
    expect(cpu(container)).toEqual([NaN, 1, NaN, NaN, NaN]);
    expect([...(container.memoryBytes?.max ?? [])]).toEqual([10 * MIB, NaN, NaN, 10 * MIB, 10 * MIB]);
    expect(container.memoryBytes?.rejected).toBe(5);
  });

  it('tell of a part of the pods: the others are not there, not idle', async () => {
    webPod('web-5d69f8-aaaaa');
    webPod('web-5d69f8-bbbbb');
    await lookAt(1, () => { sample('web-5d69f8-bbbbb', '1'); }); // prettier-ignore
    const { cpuCores } = await app(1);
    expect([cpuCores?.mean[0], cpuCores?.pods[0]]).toEqual([1, 1]);
  });

  it('fail for a while: a gap, a reason, and restarts are still seen', async () => {
    const pod = webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample('web-5d69f8-aaaaa', '1'); }); // prettier-ignore
    cluster.faults.set(METRICS_PATH, 'broken');
    await lookAt(2, () => {
      Object.assign(pod.containers[0] ?? {}, {
        restarts: 1,
        lastEnd: { reason: 'Error', finishedMs: clock.now() - 5000 },
      });
    });
    expect(collector.status.problem).toContain('503');
    const during = await web(2);
    expect(during.warnings?.[0]).toContain('the metrics API gave nothing');
    expect([...(during.containers[0]?.restarts?.max ?? [])]).toEqual([0, 1]);
    cluster.faults.clear();
    await lookAt(3, () => { sample('web-5d69f8-aaaaa', '3'); }); // prettier-ignore
    expect(cpu(await app(3))).toEqual([1, NaN, 3]);
    expect(collector.status.problem).toBeUndefined();
  });

  it('not be there at all: usage is unknown and the reader is told what to install', async () => {
    webPod('web-5d69f8-aaaaa');
    cluster.faults.set(METRICS_PATH, 'missing');
    await lookAt(1);
    await expect(web(1)).rejects.toMatchObject({
      code: 'KC_METRICS_UNAVAILABLE',
      message: expect.stringContaining('metrics-server') as string,
    });
  });

  it('be fine while the pods cannot be listed: known pods go on, nothing else is guessed', async () => {
    webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample('web-5d69f8-aaaaa', '1'); }); // prettier-ignore
    cluster.faults.set('/api/v1/pods', 'broken');
    await lookAt(2, () => {
      sample('web-5d69f8-aaaaa', '2');
      webPod('web-5d69f8-bbbbb');
      sample('web-5d69f8-bbbbb', '9');
    });
    expect(cpu(await app(2))).toEqual([1, 2]);
    expect(collector.status.problem).toContain('pods could not be listed');
  });
});

describe('restarts and OOM kills', () => {
  const END = T0 + 40 * SECOND_MS;

  function kill(pod: FakePod, restarts: number, finishedMs: number, startedMs = T0): void {
    Object.assign(pod.containers[0] ?? {}, {
      restarts,
      lastEnd: { reason: 'OOMKilled', startedMs, finishedMs },
    });
  }

  it('are taken from statuses with their own times and limits, once', async () => {
    const pod = webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample(pod.name, '1'); }); // prettier-ignore
    for (const step of [2, 3]) {
      await lookAt(step, () => {
        sample(pod.name, '1');
        kill(pod, 1, END);
      });
    }
    await restart();
    await lookAt(4, () => { sample(pod.name, '1'); }); // prettier-ignore
    const container = await app(4);
    expect(container.oomKills).toEqual([{ atMs: END, pod: pod.name, limitBytes: 256 * MIB }]);
    expect([...(container.restarts?.max ?? [])]).toEqual([0, 1, 0, 0]);
  });

  it('keep the limit that killed, though a rollback had raised it when we looked', async () => {
    const pod = webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample(pod.name, '1'); }); // prettier-ignore
    await lookAt(2, () => {
      sample(pod.name, '1');
      kill(pod, 1, END);
      Object.assign(pod.containers[0] ?? {}, { memoryLimit: '1Gi' });
    });
    expect((await app(2)).oomKills.map(({ limitBytes }) => limitBytes)).toEqual([256 * MIB]);
  });

  it('that happened twice between looks are both counted', async () => {
    const pod = webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample(pod.name, '1'); }); // prettier-ignore
    await lookAt(2, () => {
      sample(pod.name, '1');
      kill(pod, 2, END, T0 + 35 * SECOND_MS);
    });
    const container = await app(2);
    expect(container.oomKills.map(({ atMs }) => atMs)).toEqual([T0 + 35 * SECOND_MS, END]);
    expect([...(container.restarts?.max ?? [])]).toEqual([0, 2]);
  });

  it('that happened while we were away are counted when we are back', async () => {
    const pod = webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample(pod.name, '1'); }); // prettier-ignore
    await restart();
    await lookAt(9, () => {
      sample(pod.name, '1');
      kill(pod, 3, T0 + 200 * SECOND_MS, T0 + 190 * SECOND_MS);
      kill(webPod('web-5d69f8-young', T0 + 100 * SECOND_MS), 1, T0 + 210 * SECOND_MS);
    });
    const container = await app(9);
    expect(container.oomKills).toHaveLength(4);
    expect([...(container.restarts?.max ?? [])].filter((count) => count > 0)).toEqual([3]);
  });

  it('of old pods from before our first look are told as far as their times are known', async () => {
    kill(webPod('web-5d69f8-aaaaa'), 57, T0 + SECOND_MS);
    await lookAt(1, () => { sample('web-5d69f8-aaaaa', '1'); }); // prettier-ignore
    const container = await app(1);
    expect(container.oomKills).toHaveLength(1);
    expect([...(container.restarts?.max ?? [])]).toEqual([1]);
  });

  it('that no kubelet gave a time are counted once, now', async () => {
    const pod = webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample(pod.name, '1'); }); // prettier-ignore
    for (const step of [2, 3]) {
      await lookAt(step, () => {
        sample(pod.name, '1');
        Object.assign(pod.containers[0] ?? {}, { restarts: 1, lastEnd: { reason: 'OOMKilled' } });
      });
    }
    expect((await app(3)).oomKills.map(({ atMs }) => atMs)).toEqual([T0 + 2 * STEP_MS]);
  });

  it('are found again after a write that failed', async () => {
    const pod = webPod('web-5d69f8-aaaaa');
    await lookAt(1, () => { sample(pod.name, '1'); }); // prettier-ignore
    fixture.history.close();
    await lookAt(2, () => { kill(pod, 1, END); }); // prettier-ignore
    expect(collector.status.problem).toContain('could not be stored');
    await restart();
    await lookAt(3, () => { sample(pod.name, '1'); }); // prettier-ignore
    expect((await app(3)).oomKills).toHaveLength(1);
  });
});
