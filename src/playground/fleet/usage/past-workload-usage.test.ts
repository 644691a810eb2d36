import { describe, expect, it } from 'vitest';
import { knownSteps } from '#domain/usage/series.ts';
import type { ContainerUsage, WorkloadUsage } from '#domain/usage/usage.ts';
import { DAEMON_SETS, DEPLOYMENTS, JOBS } from '#kube/client/builtin-types.ts';
import { type FleetRig, NAMESPACE, START_MS, deployment, startRig, template } from '../testing/fleet-rig.ts';
import { pastUsage } from './past-usage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIVE_MS = 300_000;
const past = { sinceMs: START_MS - 14 * DAY_MS, beforeMs: START_MS + 600_000 };
const QUERY = { fromMs: past.sinceMs, toMs: START_MS, stepMs: FIVE_MS };

async function rigWith(usage: string, replicas = 2): Promise<FleetRig> {
  const rig = await startRig({ past });
  await rig.create(DEPLOYMENTS, deployment('web', { usage, replicas }));
  await rig.until('ready', () => rig.readyPods('web').length === replicas);
  return rig;
}

function app(usages: readonly WorkloadUsage[]): ContainerUsage {
  const [container] = usages.find(({ workload }) => workload.name === 'web')?.containers ?? [];
  if (container === undefined) throw new Error('there is no container');
  return container;
}

function quantities({ cpuCores, memoryBytes, throttledRatio, restarts }: ContainerUsage) {
  return { cpuCores, memoryBytes, throttledRatio, restarts };
}

describe('the past usage of workloads', () => {
  it('lies on the grid that was asked for, with peaks and means over the pods', async () => {
    const rig = await rigWith('cpu: { cores: 0.6, noise: 0.2, skew: 0.3 }');
    const usages = rig.fleet.pastUsage(QUERY);
    const container = app(usages);
    const pods = pastUsage(rig.fleet.usage, { fromMs: QUERY.fromMs, untilMs: QUERY.toMs, stepMs: FIVE_MS });
    for (const [name, series] of Object.entries(quantities(container))) {
      expect(series?.max.length, name).toBe(14 * 288);
      expect(series?.startMs).toBe(QUERY.fromMs);
      expect(knownSteps(series!)).toBe(14 * 288); // eslint-disable-line @typescript-eslint/no-non-null-assertion
    }
    for (const step of [0, 1000, 4031]) {
      const cores = pods.map(({ cpuCores }) => cpuCores[step] ?? NaN);
      expect(container.cpuCores?.max[step]).toBeCloseTo(Math.max(...cores), 9);
      expect(container.cpuCores?.mean[step]).toBeCloseTo(((cores[0] ?? NaN) + (cores[1] ?? NaN)) / 2, 9);
      expect(container.cpuCores?.pods[step]).toBe(2);
    }
    expect(usages[0]).toMatchObject({ lastSampleAtMs: START_MS, fromMs: QUERY.fromMs, toMs: QUERY.toMs });
  });

  it('shows the busiest five minutes of an hour as its peak', async () => {
    const rig = await rigWith(
      'cpu: { cores: 0.1, noise: 0 }\nload: { bursts: { perDay: 24, factor: 4, minutes: 10 } }',
    );
    const hours = app(rig.fleet.pastUsage({ ...QUERY, stepMs: HOUR_MS })).cpuCores;
    const fine = app(rig.fleet.pastUsage(QUERY)).cpuCores;
    expect(hours?.max.length).toBe(14 * 24);
    for (const [hour, max] of (hours?.max ?? []).entries()) {
      const parts = fine?.max.slice(hour * 12, hour * 12 + 12) ?? [];
      expect(max).toBeCloseTo(Math.max(...parts), 9);
      expect(hours?.mean[hour]).toBeLessThan(max);
    }
  });

  it('knows nothing of the time before a workload was there', async () => {
    const rig = await rigWith('cpu: { cores: 0.1 }\nlifecycle: { age: 1d }');
    const { cpuCores, restarts } = app(rig.fleet.pastUsage(QUERY));
    expect(cpuCores?.max.slice(0, 13 * 288).every(Number.isNaN)).toBe(true);
    expect(restarts?.max.slice(0, 13 * 288).every(Number.isNaN)).toBe(true);
    expect(cpuCores?.max.slice(13 * 288 + 1).every((cores) => cores > 0)).toBe(true);
  });

  it('names the kills and counts the restarts', async () => {
    const rig = await rigWith('memory: { base: 100Mi, growthPerHour: 50Mi, noise: 0 }', 1);
    const { oomKills, restarts, memoryBytes } = app(rig.fleet.pastUsage(QUERY));
    expect(oomKills).toHaveLength(40);
    expect(new Set(oomKills.map(({ pod }) => pod)).size).toBe(1);
    expect(restarts?.max.reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(Math.max(...(memoryBytes?.max ?? []))).toBeLessThanOrEqual(512 * 2 ** 20);
  });

  it('has the kinds that are sized, DaemonSets on every node; Jobs begin when they begin', async () => {
    const rig = await rigWith('cpu: { cores: 0.1 }');
    const selector = { matchLabels: { app: 'agent' } };
    const agent = template('agent', { usage: 'cpu: { coresPerPod: 0.05, noise: 0 }' });
    await rig.create(DAEMON_SETS, {
      metadata: { name: 'agent', namespace: NAMESPACE },
      spec: { selector, template: agent },
    });
    const work = template('work', { spec: { restartPolicy: 'Never' } });
    await rig.create(JOBS, { metadata: { name: 'work', namespace: NAMESPACE }, spec: { template: work } });
    await rig.until('ready', () => rig.readyPods('agent').length === 3 && rig.pods('work').length === 1);
    await rig.clock.runFor(30_000);
    const usages = rig.fleet.pastUsage(QUERY);
    expect(usages.map(({ workload }) => workload)).toEqual([
      { kind: 'Deployment', namespace: NAMESPACE, name: 'web' },
      { kind: 'DaemonSet', namespace: NAMESPACE, name: 'agent' },
    ]);
    const agents = usages[1]?.containers[0]?.cpuCores;
    expect(agents?.pods[100]).toBe(3);
    expect(agents?.max[100]).toBeCloseTo(0.05, 9);
    const everyPod = pastUsage(rig.fleet.usage, {
      fromMs: QUERY.fromMs,
      untilMs: QUERY.toMs,
      stepMs: FIVE_MS,
    });
    expect(everyPod.filter(({ pod }) => pod.workload.kind === 'Job')).toEqual([]);
  });
});
