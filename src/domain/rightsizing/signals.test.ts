import { describe, expect, it } from 'vitest';
import { seasonalShare, seasonMeasures } from './season.ts';
import { startupPeak } from './startup.ts';
import { dailyCycle, recorded, STEPS_PER_DAY } from './testing/recorded.ts';
import { demandOf } from './throttling.ts';

const DAY_MS = 86_400_000;

describe('seasons', () => {
  it('are found by the hour and by the weekday, and not in noise', () => {
    const weekly = recorded(
      14,
      ({ day, hour }) => (Math.floor(day) % 7 < 5 ? 2 : 1) + 0.2 * Math.sin((hour / 24) * 2 * Math.PI),
    );
    const share = (name: string, series = weekly) =>
      seasonMeasures(series).find((each) => each.name === name)?.value;
    expect(share('weekly season')).toBeGreaterThan(0.9);
    expect(share('daily season', recorded(7, dailyCycle))).toBeGreaterThan(0.9);
    expect(
      share(
        'daily season',
        recorded(7, ({ noise }) => noise),
      ),
    ).toBeLessThan(0.05);
  });

  it('need two periods, and do not exist in constant usage', () => {
    expect(seasonalShare(recorded(1.5, dailyCycle), DAY_MS, 24)).toBeUndefined();
    expect(seasonMeasures(recorded(7, dailyCycle)).map(({ name }) => name)).toEqual(['daily season']);
    expect(
      seasonalShare(
        recorded(3, () => 1),
        DAY_MS,
        24,
      ),
    ).toBe(0);
  });
});

describe('start-up', () => {
  const busyStart = recorded(2, ({ day }) => (day >= 1 && day < 1.007 ? 3 : 1));

  it('shows where pods appear', () => {
    const grown = { ...busyStart, pods: busyStart.pods.map((_, step) => (step < STEPS_PER_DAY ? 1 : 2)) };
    expect(startupPeak(grown, undefined)).toEqual({ value: 3, starts: 1 });
  });

  it('shows where containers restart', () => {
    const restarts = recorded(2, ({ day }) => (Math.abs(day - 1) < 1e-9 ? 1 : 0));
    expect(startupPeak(busyStart, restarts)).toEqual({ value: 3, starts: 1 });
  });

  it('is unknown where nothing started', () => {
    expect(startupPeak(busyStart, undefined)).toBeUndefined();
  });
});

describe('throttled usage', () => {
  const cpu = recorded(2, () => 1);

  it('is raised by the share of throttled periods, to twice at most', () => {
    const demand = demandOf(
      cpu,
      recorded(2, () => 0.4),
    );
    expect(demand.series.max.every((value) => Math.abs(value - 1.4) < 1e-12)).toBe(true);
    expect(demand.measure).toMatchObject({ name: 'throttled', value: 0.4 });
    expect(
      demandOf(
        cpu,
        recorded(2, () => 5),
      ).series.max[0],
    ).toBe(2);
  });

  it('stays as it is where throttling is slight, unknown or on another grid', () => {
    expect(demandOf(cpu, undefined).series).toBe(cpu);
    expect(
      demandOf(
        cpu,
        recorded(2, () => 0.01),
      ).series,
    ).toBe(cpu);
    expect(
      demandOf(
        cpu,
        recorded(2, () => Number.NaN),
      ).series,
    ).toBe(cpu);
    expect(demandOf(cpu, { ...recorded(2, () => 1), stepMs: 60_000 }).series).toBe(cpu);
  });
});
