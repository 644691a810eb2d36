import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import {
  FIVE_MS,
  HistoryFixture,
  MIB,
  STEP_MS,
  T0,
  WEB,
  expectAlike,
  row,
} from '../testing/history-fixture.ts';
import { DAY_MS, HOUR_MS } from './levels.ts';
import { UsageHistory } from './usage-history.ts';

let fixture: HistoryFixture;
beforeEach(() => {
  fixture = new HistoryFixture();
});
afterEach(() => {
  fixture.dispose();
});

describe('an import', () => {
  it('comes back as it went in, and again from what was exported', async () => {
    fixture.play(T0, T0 + 2 * DAY_MS, (endMs) =>
      row(1 + ((endMs / STEP_MS) % 5), 100 + ((endMs / STEP_MS) % 9), 3),
    );
    const exported = await fixture.ask({ fromMs: T0, toMs: T0 + 2 * DAY_MS, stepMs: FIVE_MS });
    const copy = UsageHistory.open(join(fixture.folder, 'copy.db'));
    copy.import([exported]);
    copy.import([exported]);
    const back = await fixture.ask({ fromMs: T0, toMs: T0 + 2 * DAY_MS, stepMs: FIVE_MS }, copy.reader);
    expect(back.lastSampleAtMs).toBe(exported.lastSampleAtMs);
    expectAlike(back.containers[0]?.cpuCores, exported.containers[0]?.cpuCores, 2e-5);
    expectAlike(back.containers[0]?.memoryBytes, exported.containers[0]?.memoryBytes, 4096);
    const hours = await fixture.ask({ fromMs: T0, toMs: T0 + 2 * DAY_MS, stepMs: HOUR_MS }, copy.reader);
    const direct = await fixture.ask({ fromMs: T0, toMs: T0 + 2 * DAY_MS, stepMs: HOUR_MS });
    expectAlike(hours.containers[0]?.cpuCores, direct.containers[0]?.cpuCores, 2e-5);
    expectAlike(hours.containers[0]?.memoryBytes, direct.containers[0]?.memoryBytes, 4096);
    copy.close();
  });

  it('goes on with what is collected afterwards', async () => {
    const column = (value: number): Float64Array => new Float64Array(24).fill(value);
    const series = (value: number) => ({
      startMs: T0,
      stepMs: FIVE_MS,
      max: column(value),
      mean: column(value),
      pods: column(2),
    });
    const usage: WorkloadUsage = {
      workload: WEB,
      fromMs: T0,
      toMs: T0 + 2 * HOUR_MS,
      source: 'trace',
      lastSampleAtMs: T0 + 2 * HOUR_MS,
      containers: [{ container: 'app', cpuCores: series(0.5), memoryBytes: series(64 * MIB), oomKills: [] }],
    };
    fixture.history.import([usage]);
    fixture.play(T0 + 2 * HOUR_MS, T0 + 5 * HOUR_MS, () => row(1, 128));
    const app = await fixture.container({ fromMs: T0, toMs: T0 + 5 * HOUR_MS, stepMs: HOUR_MS });
    expect([...(app?.cpuCores?.max ?? [])]).toEqual([0.5, 0.5, 1, 1, 1]);
    expect([...(app?.memoryBytes?.max ?? [])].map((bytes) => bytes / MIB)).toEqual([64, 64, 128, 128, 128]);
  });

  it('leaves out values that cannot be true, and is whole or nothing', async () => {
    const values = Float64Array.of(1, -1, Number.POSITIVE_INFINITY, 1e9, Number.NaN, 2);
    const series = { startMs: T0, stepMs: FIVE_MS, max: values, mean: values, pods: values };
    const good: WorkloadUsage = {
      workload: WEB,
      fromMs: T0,
      toMs: T0 + HOUR_MS,
      source: 'trace',
      lastSampleAtMs: undefined,
      containers: [{ container: 'app', cpuCores: series, oomKills: [] }],
    };
    fixture.history.import([good]);
    const app = await fixture.container({ fromMs: T0, toMs: T0 + 6 * FIVE_MS, stepMs: FIVE_MS });
    expect([...(app?.cpuCores?.max ?? [])]).toEqual([1, NaN, NaN, NaN, NaN, 2]);
    expect([...(app?.memoryBytes?.max ?? [])].every(Number.isNaN)).toBe(true);
    const broken = { ...good, workload: { ...WEB, name: 'late' }, get containers(): never { throw new Error('lost'); } }; // prettier-ignore
    const extra = { ...good, workload: { ...WEB, name: 'extra' } };
    expect(() => { fixture.history.import([extra, broken]); }).toThrow('lost'); // prettier-ignore
    const [answer] = await fixture.history.reader.usage({
      workloads: [extra.workload],
      fromMs: T0,
      toMs: T0 + HOUR_MS,
      stepMs: FIVE_MS,
    });
    expect(answer?.containers).toEqual([]);
    fixture.history.import([extra]);
    expect(
      (
        await fixture.history.reader.usage({
          workloads: [extra.workload],
          fromMs: T0,
          toMs: T0 + HOUR_MS,
          stepMs: FIVE_MS,
        })
      )[0]?.containers,
    ).toHaveLength(1);
  });
});
