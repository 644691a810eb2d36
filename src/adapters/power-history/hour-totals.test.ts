import { describe, expect, it } from 'vitest';
import type { PowerSnapshot } from '#domain/power/power.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { openEstimatorDatabase } from './estimator-database.ts';
import { HourTotals } from './hour-totals.ts';
import { PowerHistory } from './power-history.ts';

const T0 = Date.UTC(2026, 10, 21, 10);
const SPAN = { fromMs: T0, toMs: T0 + 3 * HOUR_MS };

function snapshot(atMs: number, watts: number, namespace = 'shop'): PowerSnapshot {
  const evidence = { origin: 'measured', sources: ['kepler'], atMs } as const;
  const container = {
    ...evidence,
    namespace,
    pod: 'web-0',
    container: 'app',
    node: 'n1',
    activeWatts: watts,
    idleWatts: 0,
    parts: {},
  };
  const node = {
    ...evidence,
    node: 'n1',
    watts,
    activeWatts: watts,
    idleWatts: 0,
    systemWatts: 0,
    parts: {},
  };
  return { atMs, containers: [container], nodes: [node], devices: [], problems: [] };
}

function joules(totals: HourTotals, namespace?: string): readonly (readonly [number, number])[] {
  return [...totals.energy(SPAN, namespace)].map(([hourMs, sum]) => [
    (hourMs - T0) / HOUR_MS,
    sum.activeJoules,
  ]);
}

describe('totals by the hour', () => {
  it('follow every change of the hours that they remember', () => {
    const history = new PowerHistory(openEstimatorDatabase(':memory:'), 90 * DAY_MS);
    const totals = new HourTotals(history);
    expect(joules(totals)).toEqual([]);
    history.append(snapshot(T0 + 1000, 5), 1000);
    expect(joules(totals)).toEqual([[0, 5]]);
    history.append(snapshot(T0 + 2000, 7, 'team'), 1000);
    history.append(snapshot(T0 + 2 * HOUR_MS + 1000, 9), 1000);
    expect(joules(totals)).toEqual([[0, 12], [2, 9]]); // prettier-ignore
    expect(joules(totals, 'shop')).toEqual([[0, 5], [2, 9]]); // prettier-ignore
    expect(joules(totals, 'nobody')).toEqual([]);
    history.fill(snapshot(T0 + HOUR_MS + 300_000, 1), 300_000);
    expect(joules(totals)).toEqual([[0, 12], [1, 300], [2, 9]]); // prettier-ignore
    expect([...totals.known(SPAN, 'container')]).toHaveLength(3);
  });

  it('remember nothing of a change that was taken back', () => {
    const history = new PowerHistory(openEstimatorDatabase(':memory:'), 90 * DAY_MS);
    const totals = new HourTotals(history);
    const failing = (): void => {
      expect(joules(totals)).toEqual([[0, 5]]);
      throw new Error('the disk is full');
    };
    expect(() => history.append(snapshot(T0 + 1000, 5), 1000, failing)).toThrow(/the disk is full/);
    expect(joules(totals)).toEqual([]);
  });
});
