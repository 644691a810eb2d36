import { describe, expect, it } from 'vitest';
import type { PodSpan } from '#domain/allocation/allocation.ts';
import type { PowerSnapshot, PowerSource } from '#domain/power/power.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import type { UsageSource } from '#domain/usage/usage.ts';
import { stepsOf } from './cluster-costs.ts';
import { carbonPerKwh, readPower } from './cluster-power.ts';
import { readUsage, usageOfSamples } from './pod-usage.ts';

const NOON = Date.UTC(2026, 5, 1, 12);

const POD: PodSpan = {
  uid: 'u', namespace: 'shop', name: 'web-1', owner: { kind: 'Deployment', name: 'web' }, labels: {}, node: 'n1',
  fromMs: NOON, toMs: NOON + HOUR_MS, requests: {}, usage: {},
}; // prettier-ignore

describe('the steps of a time', () => {
  it('end with the hours, and with the days where it is long', () => {
    const minutes = (ms: number) => (ms - NOON) / MINUTE_MS;
    expect(stepsOf(NOON + 50 * MINUTE_MS, NOON + 130 * MINUTE_MS).map(({ fromMs, toMs }) => [minutes(fromMs), minutes(toMs)])).toEqual([[50, 60], [60, 120], [120, 130]]);
    expect(stepsOf(NOON - 30 * DAY_MS, NOON)).toHaveLength(31);
    expect(stepsOf(NOON, NOON)).toEqual([]);
  }); // prettier-ignore
});

describe('what a pod used', () => {
  const series = (...mean: readonly number[]) => {
    const values = Float64Array.from(mean);
    return { startMs: NOON, stepMs: 5 * MINUTE_MS, max: values, mean: values, pods: values };
  };
  const source: UsageSource = {
    name: 'test',
    usage: ({ workloads }) =>
      Promise.resolve(
        workloads.map((workload) => ({
          workload, fromMs: NOON, toMs: NOON + HOUR_MS, source: 'test', lastSampleAtMs: NOON,
          containers: [
            { container: 'a', cpuCores: series(1, 3, Number.NaN, Number.NaN), memoryBytes: series(10, 10, 10, 10), oomKills: [] },
            { container: 'b', cpuCores: series(0.5, 0.5, Number.NaN, Number.NaN), oomKills: [] },
          ],
        })),
      ),
  }; // prettier-ignore

  it('is the mean of its workload’s pods in the time, and unknown where there is no sample', async () => {
    const usage = await readUsage({ usage: source, pods: [POD], fromMs: NOON, toMs: NOON + 20 * MINUTE_MS });
    const of = (fromMinutes: number, toMinutes: number) =>
      usage.of(POD, { fromMs: NOON + fromMinutes * MINUTE_MS, toMs: NOON + toMinutes * MINUTE_MS });
    expect(of(0, 20)).toEqual({ cpu: 2.5, memory: 10 });
    expect(of(5, 10)).toEqual({ cpu: 3.5, memory: 10 });
    expect(of(10, 20)).toEqual({ memory: 10 });
    expect(of(60, 90)).toEqual({});
  });

  it('is unknown for bare pods and those of Jobs', async () => {
    const job = { ...POD, owner: { kind: 'Job', name: 'web' } };
    const usage = await readUsage({ usage: source, pods: [job], fromMs: NOON, toMs: NOON + HOUR_MS });
    expect(usage.of(job, job)).toEqual({});
  });

  it('may be the sample of now; a value that cannot be true is none', () => {
    const usage = usageOfSamples([
      {
        namespace: 'shop', pod: 'web-1', takenMs: NOON, windowMs: 15_000,
        containers: [{ container: 'a', cpuCores: 0.5, memoryBytes: Number.NaN }, { container: 'b', cpuCores: undefined, memoryBytes: -1 }],
      },
    ]); // prettier-ignore
    expect(usage.of(POD, POD)).toEqual({ cpu: 0.5 });
    expect(usage.of({ ...POD, name: 'web-2' }, POD)).toEqual({});
  });
});

describe('the watts of a time', () => {
  const evidence = { origin: 'measured', sources: ['kepler'], atMs: NOON } as const;
  const node = (name: string, watts: number) => ({
    node: name,
    watts,
    activeWatts: watts,
    idleWatts: 0,
    systemWatts: watts - 10,
    parts: {},
    ...evidence,
  });
  const container = (pod: string, activeWatts: number) => ({
    namespace: 'shop',
    pod,
    container: 'c',
    node: 'n1',
    activeWatts,
    idleWatts: 0,
    parts: {},
    ...evidence,
  });
  const snapshot = (hour: number, more: Partial<PowerSnapshot>): PowerSnapshot => ({
    atMs: NOON + hour * HOUR_MS, containers: [], nodes: [], devices: [], problems: [], ...more,
  }); // prettier-ignore

  function source(snapshots: readonly PowerSnapshot[]): PowerSource {
    return {
      name: 'test',
      current: () => Promise.resolve(snapshots[0] ?? snapshot(0, {})),
      history: () => Promise.resolve(snapshots),
    };
  }

  it('are their mean: a pod that was not there drew nothing, a node that nobody saw has the mean of when it was seen', async () => {
    const { view } = await readPower(
      source([
        snapshot(1, { nodes: [node('n1', 100), node('n2', 50)], containers: [container('a', 10)] }),
        snapshot(2, { nodes: [node('n1', 200)], containers: [container('a', 30), container('b', 20)] }),
      ]),
      { fromMs: NOON, toMs: NOON + 2 * HOUR_MS },
    );
    expect(['n1', 'n2'].map((name) => view.nodes.get(name)?.watts)).toEqual([150, 50]);
    expect(['a', 'b'].map((name) => view.pods.get(`shop/${name}`)?.watts)).toEqual([20, 10]);
    expect(view.problems).toEqual(['node n2: power is known for 1 of 2 steps, whose mean stands for all']);
  });

  it('weigh the carbon of each hour by what was drawn in it', async () => {
    const power = await readPower(
      source([snapshot(1, { nodes: [node('n1', 100)] }), snapshot(2, { nodes: [node('n1', 300)] })]),
      { fromMs: NOON, toMs: NOON + 2 * HOUR_MS },
    );
    const rows = [0.4, 0.8].map((kgPerKwh, hour) => ({ fromMs: NOON + hour * HOUR_MS, kgPerKwh }));
    const table = { origin: 'table', name: 'grid', stepMs: HOUR_MS, rows } as const;
    expect(carbonPerKwh(power, table)).toEqual({
      kgPerKwh: expect.closeTo((0.1 * 0.4 + 0.3 * 0.8) / 0.4, 12) as number,
    });
    expect(carbonPerKwh(power, { ...table, rows: rows.slice(1) })).toMatchObject({
      kg: undefined,
      reasons: [expect.stringContaining('grid')],
    });
    expect(carbonPerKwh(power, { origin: 'constant', kgPerKwh: 0.5 })).toEqual({ kgPerKwh: 0.5 });
  });

  it('of an hour are those of the source’s own window', async () => {
    const { view, steps } = await readPower(source([snapshot(1, { nodes: [node('n1', 100)] })]), {
      fromMs: NOON,
      toMs: NOON + HOUR_MS,
    });
    expect(view.nodes.get('n1')?.watts).toBe(100);
    expect(steps).toEqual([{ fromMs: NOON, toMs: NOON + HOUR_MS, watts: 100 }]);
  });
});
