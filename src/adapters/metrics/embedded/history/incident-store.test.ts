import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APP, FIVE_MS, HistoryFixture, MIB, STEP_MS, T0, row } from '../testing/history-fixture.ts';
import type { Incident } from './incident-store.ts';

let fixture: HistoryFixture;
beforeEach(() => {
  fixture = new HistoryFixture();
});
afterEach(() => {
  fixture.dispose();
});

describe('incidents', () => {
  const kill = (atMs: number, pod: string): Incident => ({
    kind: 'oom',
    atMs,
    uid: `uid-${pod}`,
    pod,
    count: 1,
    limitBytes: 256 * MIB,
  });
  const restart = (atMs: number, pod: string, count = 1): Incident => ({
    kind: 'restart',
    atMs,
    uid: `uid-${pod}`,
    pod,
    count,
  });

  it('are kept to the second and counted once, however often they are told', async () => {
    const told = [
      kill(T0 + 61_000, 'a'),
      kill(T0 + 61_000, 'b'),
      restart(T0 + 61_000, 'a'),
      restart(T0 + 90_000, 'a', 2),
    ];
    fixture.record(T0 + 2 * STEP_MS, [[APP, row(1, 100, 4)]], told);
    fixture.record(T0 + 3 * STEP_MS, [[APP, row(1, 100, 4)]], told);
    fixture.reopen();
    fixture.record(T0 + 12 * STEP_MS, [[APP, row(1, 100, 4)]], told);
    const app = await fixture.container({ fromMs: T0, toMs: T0 + 2 * FIVE_MS, stepMs: FIVE_MS });
    expect(app?.oomKills).toEqual([
      { atMs: T0 + 61_000, pod: 'a', limitBytes: 256 * MIB },
      { atMs: T0 + 61_000, pod: 'b', limitBytes: 256 * MIB },
    ]);
    expect([...(app?.restarts?.max ?? [])]).toEqual([3, 0]);
    expect([...(app?.restarts?.mean ?? [])]).toEqual([0.75, 0]);
  });

  it('are unknown, not zero, where nobody looked', async () => {
    fixture.record(T0 + STEP_MS, [[APP, row(1, 100)]]);
    const app = await fixture.container({ fromMs: T0, toMs: T0 + 2 * FIVE_MS, stepMs: FIVE_MS });
    expect([...(app?.restarts?.max ?? [])]).toEqual([0, Number.NaN]);
  });

  it('show even where no usage was seen', async () => {
    fixture.record(T0 + STEP_MS, [], [kill(T0 + 20_000, 'a')]);
    const app = await fixture.container({ fromMs: T0, toMs: T0 + FIVE_MS, stepMs: FIVE_MS });
    expect(app).toMatchObject({ container: 'app', oomKills: [{ pod: 'a' }] });
    expect(app?.cpuCores).toBeUndefined();
  });
});
