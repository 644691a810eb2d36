/** The past of the simulated fleet, taken in by the history that the operator reads. */
import { describe, expect, it } from 'vitest';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import { gridOf, knownSteps } from '#domain/usage/series.ts';
import type { ContainerUsage, UsageQuery, UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import { START_MS, deployment, startRig } from '#playground/fleet/testing/fleet-rig.ts';

const DAY_MS = 86_400_000;
const FIVE_MS = 300_000;
const past = { sinceMs: START_MS - 14 * DAY_MS, beforeMs: START_MS + 600_000 };
const WEB = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
const QUERY: UsageQuery = { workloads: [WEB], fromMs: past.sinceMs, toMs: START_MS, stepMs: FIVE_MS };

function only(usages: readonly WorkloadUsage[]): ContainerUsage {
  const [container] = usages[0]?.containers ?? [];
  if (container === undefined) throw new Error('there is no container');
  return container;
}

function farthest(a: Float64Array, b: Float64Array): number {
  return Math.max(...a.map((value, step) => Math.abs(value - (b[step] ?? NaN))));
}

function expectClose(back: UsageSeries | undefined, here: UsageSeries | undefined, closeness: number): void {
  if (back === undefined || here === undefined) throw new Error('there is no series');
  expect(gridOf(back)).toEqual(gridOf(here));
  expect(knownSteps(back)).toBe(14 * 288);
  expect(farthest(back.max, here.max)).toBeLessThanOrEqual(closeness);
  expect(farthest(back.mean, here.mean)).toBeLessThanOrEqual(closeness);
  expect(farthest(back.pods, here.pods)).toBe(0);
}

describe('the past of a fleet in a usage history', () => {
  it('comes back as it went in', async () => {
    const rig = await startRig({ past });
    const usage =
      'preset: bursty-api\ncpu: { cores: 0.5 }\nmemory: { base: 100Mi, growthPerHour: 20Mi, perCore: 30Mi }';
    await rig.create(DEPLOYMENTS, deployment('web', { usage, replicas: 2 }));
    await rig.until('ready', () => rig.readyPods('web').length === 2);
    const told = rig.fleet.pastUsage(QUERY);
    const history = UsageHistory.open(':memory:');
    history.import(told);
    const [here, back] = [only(told), only(await history.reader.usage(QUERY))];
    // CPU is kept to 1/50,000 of a core, memory to a page.
    expectClose(back.cpuCores, here.cpuCores, 2e-5);
    expectClose(back.memoryBytes, here.memoryBytes, 4096);
    expect(here.oomKills.length).toBeGreaterThan(5);
    expect(back.oomKills.map(({ atMs }) => atMs)).toEqual(
      here.oomKills.map(({ atMs }) => atMs).sort((a, b) => a - b),
    );
    history.close();
  });
});
