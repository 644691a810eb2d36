import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FIVE_MS, HistoryFixture, STEP_MS, T0, WEB, row } from '../testing/history-fixture.ts';
import type { HeadRow } from './head-store.ts';
import { DAY_MS, HOUR_MS } from './levels.ts';
import type { SeriesName } from './series-index.ts';

let fixture: HistoryFixture;
beforeEach(() => {
  fixture = new HistoryFixture();
});
afterEach(() => {
  fixture.dispose();
});

describe('the length of the history', () => {
  const retention = { rawMs: 2 * HOUR_MS, fiveMinutesMs: 2 * DAY_MS, hourMs: 16 * DAY_MS };

  it('drops fine steps first and keeps coarse ones', async () => {
    fixture.reopen({ retention });
    fixture.play(T0, T0 + 4 * DAY_MS, () => row(1, 100));
    const known = async (fromMs: number, stepMs: number): Promise<boolean> => {
      const app = await fixture.container({ fromMs: fromMs, toMs: fromMs + HOUR_MS, stepMs: stepMs });
      return app?.cpuCores?.max.some((value) => !Number.isNaN(value)) ?? false;
    };
    expect(await known(T0 + 4 * DAY_MS - HOUR_MS, STEP_MS)).toBe(true);
    expect(await known(T0 + 3 * DAY_MS, STEP_MS)).toBe(false);
    expect(await known(T0 + 3 * DAY_MS, FIVE_MS)).toBe(true);
    expect(await known(T0, FIVE_MS)).toBe(false);
    expect(await known(T0, HOUR_MS)).toBe(true);
  });

  it('stays below its size limit by keeping less', async () => {
    const maxBytes = 300_000;
    fixture.reopen({
      maxBytes,
      retention: { rawMs: 40 * DAY_MS, fiveMinutesMs: 40 * DAY_MS, hourMs: 40 * DAY_MS },
    });
    const noise = (endMs: number): HeadRow =>
      row(((endMs / STEP_MS) * 7919) % 61, 100 + (((endMs / STEP_MS) * 104_729) % 977));
    fixture.play(T0, T0 + 10 * DAY_MS, noise);
    expect(fixture.history.sizeBytes()).toBeLessThan(maxBytes * 1.2);
    const lastDay = await fixture.container({
      fromMs: T0 + 9 * DAY_MS,
      toMs: T0 + 10 * DAY_MS,
      stepMs: FIVE_MS,
    });
    expect(lastDay?.cpuCores?.max.every((value) => !Number.isNaN(value))).toBe(true);
  });

  it('throws nothing away because a clock jumped ahead for a while', async () => {
    fixture.reopen({ retention });
    fixture.play(T0, T0 + 3 * HOUR_MS, () => row(1, 100));
    const wrong = T0 + 400 * DAY_MS;
    fixture.play(wrong, wrong + 3 * HOUR_MS, () => row(2, 100));
    fixture.play(T0 + 6 * HOUR_MS, T0 + 9 * HOUR_MS, () => row(3, 100));
    const app = await fixture.container({ fromMs: T0, toMs: T0 + 9 * HOUR_MS, stepMs: HOUR_MS });
    expect([...(app?.cpuCores?.max ?? [])]).toEqual([1, 1, 1, NaN, NaN, NaN, 3, 3, 3]);
  });

  it('takes what it saw again after a clock was set back', async () => {
    fixture.play(T0, T0 + 3 * HOUR_MS, () => row(1, 100));
    fixture.play(T0 + HOUR_MS, T0 + 4 * HOUR_MS, () => row(2, 100));
    const app = await fixture.container({ fromMs: T0, toMs: T0 + 4 * HOUR_MS, stepMs: HOUR_MS });
    expect([...(app?.cpuCores?.max ?? [])]).toEqual([1, 2, 2, 2]);
  });

  it('forgets a workload that is long gone', async () => {
    fixture.reopen({ retention: { rawMs: HOUR_MS, fiveMinutesMs: DAY_MS, hourMs: DAY_MS } });
    const keeper: SeriesName = { workload: { ...WEB, name: 'keeper' }, container: 'app' };
    fixture.play(T0, T0 + HOUR_MS, () => row(1, 100));
    for (let endMs = T0 + HOUR_MS; endMs < T0 + 40 * DAY_MS; endMs += HOUR_MS)
      fixture.record(endMs, [[keeper, row(1, 1)]]);
    expect((await fixture.ask({ fromMs: T0, toMs: T0 + 40 * DAY_MS, stepMs: HOUR_MS })).containers).toEqual(
      [],
    );
  });
});
