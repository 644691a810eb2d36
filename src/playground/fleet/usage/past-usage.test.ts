import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import { type FleetRig, START_MS, deployment, startRig } from '../testing/fleet-rig.ts';
import { TraceLibrary } from '../../traces/trace-library.ts';
import { ContainerModel } from './container-model.ts';
import { pastLives } from './past-lives.ts';
import { pastUsage } from './past-usage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MIB = 1024 * 1024;

const STEADY =
  'cpu: { cores: 0.6, noise: 0.2, skew: 0 }\nmemory: { base: 100Mi, perCore: 50Mi, noise: 0.05 }\nload: { daily: { amplitude: 0.5, peakHour: 14 } }';

async function web(usage: string, past?: { sinceMs: number; beforeMs: number }): Promise<FleetRig> {
  const rig = await startRig(past === undefined ? {} : { past });
  await rig.create(DEPLOYMENTS, deployment('web', { usage, replicas: 2 }));
  await rig.until('ready', () => rig.readyPods('web').length === 2);
  return rig;
}

describe('past usage', () => {
  it('is what a simulation of that time would have measured', async () => {
    const rig = await web(STEADY);
    const fromMs = rig.clock.now() + HOUR_MS;
    const range = { fromMs, untilMs: fromMs + 6 * HOUR_MS, stepMs: 300_000 };
    const [past] = pastUsage(rig.fleet.usage, range);
    const meter = past?.pod.meters.get('app');
    await rig.clock.run(fromMs);
    let before = meter?.read(fromMs).cpuSeconds ?? NaN;
    for (let step = 0; step < 72; step += 1) {
      await rig.clock.runFor(300_000);
      const now = meter?.read(rig.clock.now()).cpuSeconds ?? NaN;
      expect(past?.cpuCores[step]).toBeCloseTo((now - before) / 300, 9);
      before = now;
    }
  });

  it('reaches back for days at once, before the world began', async () => {
    const rig = await web(STEADY);
    const [past] = pastUsage(rig.fleet.usage, {
      fromMs: START_MS - 7 * DAY_MS,
      untilMs: START_MS,
      stepMs: 300_000,
    });
    expect(past?.cpuCores.length).toBe(7 * 288);
    expect(past?.cpuCores.every((cores) => cores > 0.02 && cores < 0.401)).toBe(true);
    const noon = past?.cpuCores[(24 - 8 + 14) * 12] ?? NaN;
    const night = past?.cpuCores[(24 - 8 + 2) * 12] ?? NaN;
    expect(noon).toBeGreaterThan(1.5 * night);
  });

  it('has the kills of a leak in it, and the present goes on where it ends', async () => {
    const leak = 'memory: { base: 100Mi, growthPerHour: 50Mi, noise: 0 }';
    const sinceMs = START_MS - 3 * DAY_MS;
    const rig = await web(leak, { sinceMs, beforeMs: START_MS + 600_000 });
    const [past] = pastUsage(rig.fleet.usage, { fromMs: sinceMs, untilMs: START_MS, stepMs: 60_000 });
    // From 100 to the limit of 512 MiB takes 8.24 h.
    expect(past?.oomKillsMs).toHaveLength(8);
    const lastBytes = past?.memoryBytes.at(-1) ?? NaN;
    const nowBytes = past?.pod.meters.get('app')?.read(rig.clock.now()).memoryBytes ?? NaN;
    expect(Math.abs(nowBytes - lastBytes) / MIB).toBeLessThan(2);
    expect(past?.memoryBytes.every((bytes) => bytes <= 512 * MIB)).toBe(true);
  });

  it('survives a container that never fits into its limit: it is killed again and again', () => {
    const traces = new TraceLibrary({ seed: 1 });
    const model = new ContainerModel(
      { memory: { base: '900Mi' } },
      { seed: 'w', originMs: START_MS, traces },
    );
    const limits = { cpuCores: undefined, memoryBytes: 512 * MIB };
    const lives = pastLives({
      model,
      seed: 1,
      share: 1,
      limits,
      sinceMs: START_MS,
      untilMs: START_MS + HOUR_MS,
    });
    expect(lives).toHaveLength(12);
    expect(lives.every(({ bornMs, endMs, isKilled }) => isKilled && endMs - bornMs < 1000)).toBe(true);
  });

  it('tells throttling by the limit', async () => {
    const rig = await web('cpu: { cores: 1.6, noise: 0, skew: 0 }');
    const [past] = pastUsage(rig.fleet.usage, {
      fromMs: START_MS - HOUR_MS,
      untilMs: START_MS,
      stepMs: 300_000,
    });
    expect(past?.cpuCores[0]).toBeCloseTo(0.4, 9);
    expect(past?.throttledShare[0]).toBeGreaterThan(0.99);
    expect(past?.throttledTimeShare[0]).toBeCloseTo(0.5, 9);
  });
});
