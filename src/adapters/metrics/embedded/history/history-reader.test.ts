import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APP, FIVE_MS, HistoryFixture, STEP_MS, T0, row } from '../testing/history-fixture.ts';
import { HistoryReader } from './history-reader.ts';
import { HOUR_MS } from './levels.ts';

let fixture: HistoryFixture;
beforeEach(() => {
  fixture = new HistoryFixture();
});
afterEach(() => {
  fixture.dispose();
});

describe('a reader beside the writer', () => {
  it('sees each finished poll and never a part of one', async () => {
    fixture.record(T0 + STEP_MS, [[APP, row(1, 100)]]);
    const { reader, database } = HistoryReader.openFile(fixture.path);
    expect(
      (await fixture.ask({ fromMs: T0, toMs: T0 + FIVE_MS, stepMs: STEP_MS }, reader)).lastSampleAtMs,
    ).toBe(T0 + STEP_MS);
    fixture.play(T0 + STEP_MS, T0 + 3 * HOUR_MS, () => row(2, 100));
    const after = await fixture.ask({ fromMs: T0, toMs: T0 + 3 * HOUR_MS, stepMs: FIVE_MS }, reader);
    expect(after).toEqual(await fixture.ask({ fromMs: T0, toMs: T0 + 3 * HOUR_MS, stepMs: FIVE_MS }));
    database.close();
  });

  it('says that usage is unknown where the file fails', async () => {
    const { reader, database } = HistoryReader.openFile(fixture.path);
    database.close();
    await expect(
      fixture.ask({ fromMs: T0, toMs: T0 + FIVE_MS, stepMs: STEP_MS }, reader),
    ).rejects.toMatchObject({
      code: 'KC_METRICS_UNAVAILABLE',
    });
  });
});
