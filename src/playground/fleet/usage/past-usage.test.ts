import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import {
  type FleetRig,
  NAMESPACE,
  START_MS,
  deployment,
  startRig,
  type TemplateOptions,
} from '../testing/fleet-rig.ts';
import { TraceLibrary } from '../../traces/trace-library.ts';
import type { ContainerMeter } from './container-meter.ts';
import { ContainerModel } from './container-model.ts';
import { pastLives } from './past-lives.ts';
import { type PastSeries, pastUsage } from './past-usage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIVE_MS = 300_000;
const MIB = 1024 * 1024;
const WEEK = { sinceMs: START_MS - 7 * DAY_MS, beforeMs: START_MS + 600_000 };

const STEADY =
  'cpu: { cores: 0.6, noise: 0.2, skew: 0.05 }\nmemory: { base: 100Mi, perCore: 50Mi, noise: 0.05 }\nload: { daily: { amplitude: 0.5, peakHour: 14 } }';

async function web(usage: string, options: TemplateOptions = {}): Promise<FleetRig> {
  const rig = await startRig({ past: WEEK });
  await rig.create(DEPLOYMENTS, deployment('web', { usage, replicas: 2, ...options }));
  await rig.until('ready', () => rig.readyPods('web').length === 2);
  return rig;
}

function past(
  rig: FleetRig,
  range: { fromMs: number; untilMs: number; stepMs?: number },
): readonly PastSeries[] {
  return pastUsage(rig.fleet.usage, { stepMs: FIVE_MS, ...range });
}

/** The only series, or the first. */
function first(series: readonly PastSeries[]): PastSeries {
  const [found] = series;
  if (found === undefined) throw new Error('there is no series');
  return found;
}

function meterOf({ pod }: PastSeries): ContainerMeter {
  const meter = pod.meters.get('app');
  if (meter === undefined) throw new Error('nothing runs');
  return meter;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

describe('past usage', () => {
  it('is what a simulation of that time will measure', async () => {
    const rig = await web(STEADY);
    const fromMs = rig.clock.now() + HOUR_MS;
    const [series] = past(rig, { fromMs, untilMs: fromMs + 6 * HOUR_MS });
    const meter = series?.pod.meters.get('app');
    await rig.clock.run(fromMs);
    let before = meter?.read(fromMs).cpuSeconds ?? NaN;
    for (let step = 0; step < 72; step += 1) {
      await rig.clock.runFor(FIVE_MS);
      const now = meter?.read(rig.clock.now()).cpuSeconds ?? NaN;
      expect(series?.cpuCores[step]).toBeCloseTo((now - before) / 300, 9);
      before = now;
    }
  });

  it('is what a simulation of that time has measured, whatever happened meanwhile', async () => {
    const rig = await web(STEADY);
    const fromMs = rig.clock.now();
    const cpuSeconds = (): number =>
      sum(
        ['m6i-xlarge-1', 'm6i-xlarge-2', 'm6i-xlarge-3'].map((node) =>
          rig.fleet.usage.nodeCpuSeconds(node, rig.clock.now()),
        ),
      );
    const before = cpuSeconds();
    const patch = (body: unknown) =>
      rig.access.mergePatch(DEPLOYMENTS, { namespace: NAMESPACE, name: 'web' }, { body });
    await rig.clock.runFor(HOUR_MS);
    await patch({ spec: { replicas: 3 } });
    await rig.clock.runFor(HOUR_MS);
    await patch({ spec: { template: { metadata: { labels: { version: 'two' } } } } });
    await rig.clock.runFor(HOUR_MS);
    const all = past(rig, { fromMs, untilMs: rig.clock.now() });
    expect(all.length).toBe(6);
    const hours = (rig.clock.now() - fromMs) / HOUR_MS;
    expect(hours).toBe(3);
    expect(sum(all.flatMap(({ cpuCores }) => [...cpuCores])) * 300).toBeCloseTo(cpuSeconds() - before, 6);
    const running = all.map(({ runShare }) => runShare);
    expect(running.every((shares) => shares.every((share) => share >= 0 && share <= 1 + 1e-9))).toBe(true);
    expect(sum(running.map((shares) => shares[6] ?? NaN))).toBeCloseTo(2, 9);
    expect(sum(running.map((shares) => shares[18] ?? NaN))).toBeCloseTo(3, 9);
  });

  it('reaches back for days at once, before the world began, and joins on without a seam', async () => {
    const rig = await web(STEADY);
    const series = first(past(rig, { fromMs: WEEK.sinceMs, untilMs: START_MS }));
    const { cpuCores } = series;
    expect(cpuCores.length).toBe(7 * 288);
    expect(cpuCores.every((cores) => cores > 0.02 && cores < 0.5)).toBe(true);
    const [noon = NaN, night = NaN] = [cpuCores[(24 - 8 + 14) * 12], cpuCores[(24 - 8 + 2) * 12]];
    expect(noon).toBeGreaterThan(1.5 * night);
    // The share before is the very share of now, so that the cells of the last step are those of the live model.
    const { model, place } = meterOf(series);
    const cells = [...Array(10).keys()].map((cell) => START_MS - FIVE_MS + cell * 30_000);
    const live = cells.map((atMs) => model.demand(atMs, place).cpuCores);
    expect(cpuCores.at(-1)).toBeCloseTo(sum(live) / 10, 9);
  });

  it('begins with the workload where it is younger than the past, and now where it comes later', async () => {
    const young = await web(`${STEADY}\nlifecycle: { age: 2d }`);
    const series = past(young, { fromMs: WEEK.sinceMs, untilMs: START_MS });
    expect(series).toHaveLength(2);
    for (const { runShare } of series) {
      const first = runShare.findIndex((share) => share > 0);
      expect(first === 5 * 288 || first === 5 * 288 + 1).toBe(true);
    }
    await young.clock.runFor(HOUR_MS);
    await young.create(DEPLOYMENTS, deployment('late', { usage: STEADY, replicas: 1 }));
    await young.until('ready', () => young.readyPods('late').length === 1);
    const before = past(young, { fromMs: WEEK.sinceMs, untilMs: START_MS });
    expect(before.map(({ pod }) => pod.workload.name)).toEqual(['web', 'web']);
  });

  it('gives a past to as many pods as the workload wants, not to those that replace them', async () => {
    const rig = await web(STEADY);
    const body = { spec: { template: { metadata: { labels: { version: 'two' } } } } };
    await rig.access.mergePatch(DEPLOYMENTS, { namespace: NAMESPACE, name: 'web' }, { body });
    await rig.clock.runFor(120_000);
    const hourBefore = past(rig, { fromMs: START_MS - HOUR_MS, untilMs: START_MS });
    expect(hourBefore).toHaveLength(2);
    expect(past(rig, { fromMs: START_MS - HOUR_MS, untilMs: rig.clock.now() }).length).toBe(4);
  });

  it('has the kills of a leak in it, and the present goes on where it ends', async () => {
    const rig = await web('memory: { base: 100Mi, growthPerHour: 50Mi, noise: 0 }');
    const series = first(past(rig, { fromMs: WEEK.sinceMs, untilMs: START_MS, stepMs: 60_000 }));
    // From 100 to the limit of 512 MiB takes 8.24 h.
    expect(series.oomKills).toHaveLength(20);
    expect(series.restartsMs).toHaveLength(20);
    expect(series.oomKills[0]?.limitBytes).toBe(512 * MIB);
    const nowBytes = meterOf(series).read(rig.clock.now()).memoryBytes;
    expect(Math.abs(nowBytes - (series.memoryBytes.at(-1) ?? NaN)) / MIB).toBeLessThan(2);
    expect(series.memoryBytes.every((bytes) => bytes <= 512 * MIB)).toBe(true);
    await rig.clock.runFor(DAY_MS);
    const lived = first(past(rig, { fromMs: START_MS, untilMs: rig.clock.now() }));
    expect(lived.oomKills).toHaveLength(3);
    expect(lived.restartsMs).toHaveLength(3);
  });

  it('survives a container that never fits into its limit: it is killed again and again', () => {
    const traces = new TraceLibrary({ seed: 1 });
    const model = new ContainerModel(
      { memory: { base: '900Mi' } },
      { seed: 'w', originMs: START_MS, traces },
    );
    const limits = { cpuCores: undefined, memoryBytes: 512 * MIB };
    const span = { sinceMs: START_MS, untilMs: START_MS + HOUR_MS };
    const lives = pastLives({ model, seed: 1, share: 1, limits, ...span });
    expect(lives).toHaveLength(12);
    expect(lives.every(({ bornMs, endMs, isKilled }) => isKilled && endMs - bornMs < 1000)).toBe(true);
  });

  it('tells throttling by the limit of the time', async () => {
    const rig = await web('cpu: { cores: 1.6, noise: 0, skew: 0 }');
    const [series] = past(rig, { fromMs: START_MS - HOUR_MS, untilMs: START_MS });
    expect(series?.cpuCores[0]).toBeCloseTo(0.4, 9);
    expect(series?.cfsShare[0]).toBeCloseTo(1, 9);
    expect(series?.throttledShare[0]).toBeGreaterThan(0.99);
    expect(series?.throttledTimeShare[0]).toBeCloseTo(0.5, 9);
    await rig.clock.runFor(HOUR_MS);
    const raisedMs = rig.clock.now();
    const meter = series?.pod.meters.get('app');
    meter?.setLimits({ cpuCores: 2, memoryBytes: 512 * MIB }, raisedMs);
    await rig.clock.runFor(HOUR_MS);
    const [throughout] = past(rig, { fromMs: raisedMs - HOUR_MS / 2, untilMs: rig.clock.now() });
    expect(throughout?.cpuCores[0]).toBeCloseTo(0.4, 9);
    expect(throughout?.cpuCores.at(-1)).toBeCloseTo(0.8, 9);
    expect(throughout?.throttledShare.at(-1)).toBeLessThan(0.001);
  });
});
