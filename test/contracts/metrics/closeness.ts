/** How alike two sources must be: rates are extrapolated to the edges of a step, and stores round. */
import { expect } from 'vitest';
import type { UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';

/** A hundredth, or a tenth of a millicore, or a page. */
const SHARE = 0.01;
export const CPU_FLOOR_CORES = 0.0001;
export const MEMORY_FLOOR_BYTES = 4096;

export interface Tolerance {
  readonly floor: number;
  /** Steps in which a container restarted: its counter began anew, and a source may count the longer part only. */
  readonly restarted?: ReadonlySet<number>;
}

/** Unknown is close to unknown only. */
export function isClose(actual: number, expected: number, floor: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  return Math.abs(actual - expected) <= Math.max(floor, Math.abs(expected) * SHARE);
}

export function expectClose(
  actual: UsageSeries | undefined,
  expected: UsageSeries,
  tolerance: Tolerance,
): void {
  const { floor, restarted } = tolerance;
  expect(actual).toMatchObject({ startMs: expected.startMs, stepMs: expected.stepMs });
  for (const column of ['max', 'mean', 'pods'] as const) {
    const wrong = [...expected[column].entries()]
      .map(([step, value]) => ({ step, value, seen: actual?.[column][step] ?? Number.NaN }))
      .filter(({ value, seen }) => !isClose(seen, value, column === 'pods' ? 0 : floor))
      .filter(
        ({ step, value, seen }) => !(restarted?.has(step) === true && seen < value && seen > value / 2),
      );
    expect(wrong, column).toEqual([]);
  }
}

/** The same answer, but for the last digits of sums that were taken in another order. */
export function expectSame(actual: WorkloadUsage | undefined, expected: WorkloadUsage): void {
  expect(actual?.containers.map(({ container }) => container)).toEqual(
    expected.containers.map(({ container }) => container),
  );
  expect(actual?.lastSampleAtMs).toBe(expected.lastSampleAtMs);
  for (const [place, container] of expected.containers.entries()) {
    const other = actual?.containers[place];
    expect(other?.oomKills).toEqual(container.oomKills);
    for (const name of ['cpuCores', 'memoryBytes', 'throttledRatio', 'restarts'] as const) {
      const series = container[name];
      if (series === undefined) expect(other?.[name]).toBeUndefined();
      else expectClose(other?.[name], series, { floor: 1e-9 });
    }
  }
}
