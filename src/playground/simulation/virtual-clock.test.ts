import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep } from '#platform/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

describe('VirtualClock', () => {
  it('fires timers by time, and those of equal time in the order in which they were set', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 })), async (delays) => {
        const clock = new VirtualClock({ startMs: START_MS });
        const fired: [number, number][] = [];
        delays.forEach((ms, order) => clock.after(ms, () => fired.push([clock.now() - START_MS, order])));
        await clock.runFor(20);
        const expected = delays.map((ms, order): [number, number] => [ms, order]);
        expect(fired).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
    );
  });

  it('never fires a cancelled timer, whatever mix is cancelled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 3000 }), async (timers) => {
        const clock = new VirtualClock({ startMs: START_MS });
        let fired = 0;
        const set = timers.map(([ms]) => clock.after(ms, () => { fired += 1; })); // prettier-ignore
        timers.forEach(([, cancel], index) => { if (cancel) set[index]?.cancel(); }); // prettier-ignore
        await clock.runFor(50);
        expect(fired).toBe(timers.filter(([, cancel]) => !cancel).length);
      }),
      { numRuns: 20 },
    );
  });

  it('stays in order where most of many timers are cancelled on the way', async () => {
    const clock = new VirtualClock({ startMs: START_MS });
    const timers = Array.from({ length: 5000 }, (_, index) => clock.after(100 + index, () => undefined));
    const fired: number[] = [];
    for (let ms = 90; ms > 0; ms -= 10) clock.after(ms, () => fired.push(ms));
    for (const timer of timers.slice(10)) timer.cancel();
    await clock.runFor(10_000);
    expect(fired).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(clock.fired).toBe(19);
  });

  it('lets every promise settle between two timers', async () => {
    const clock = new VirtualClock({ startMs: START_MS });
    const log: string[] = [];
    clock.after(1, () => {
      void (async () => {
        for (let step = 0; step < 500; step += 1) await Promise.resolve();
        log.push('chain');
      })();
    });
    clock.after(1, () => log.push('next timer'));
    await clock.runFor(1);
    expect(log).toEqual(['chain', 'next timer']);
  });

  it('passes days of sleeping at once', async () => {
    const clock = new VirtualClock({ startMs: START_MS });
    let wakes = 0;
    void (async () => {
      for (;;) {
        await sleep(clock, 60_000);
        wakes += 1;
      }
    })();
    await clock.runFor(7 * DAY_MS);
    expect(wakes).toBe(7 * 24 * 60);
    expect(clock.now()).toBe(START_MS + 7 * DAY_MS);
  });

  it('surfaces what a timer throws', async () => {
    const clock = new VirtualClock({ startMs: START_MS });
    clock.after(5, () => {
      throw new Error('boom');
    });
    await expect(clock.runFor(10)).rejects.toThrow('boom');
    await clock.runFor(10);
    expect(clock.now()).toBe(START_MS + 15);
  });

  it('stops as soon as a predicate holds, and says so', async () => {
    const clock = new VirtualClock({ startMs: START_MS });
    let done = false;
    clock.after(70, () => { done = true; }); // prettier-ignore
    expect(await clock.runUntil(() => done, 50)).toBe(false);
    expect(clock.now()).toBe(START_MS + 50);
    expect(await clock.runUntil(() => done, 50)).toBe(true);
    expect(clock.now()).toBe(START_MS + 70);
  });

  it('hands on the outcome of a promise, and reports one that never settles', async () => {
    const clock = new VirtualClock({ startMs: START_MS });
    expect(
      await clock.settle(
        sleep(clock, 1000).then(() => 'slept'),
        2000,
      ),
    ).toBe('slept');
    await expect(clock.settle(Promise.reject(new Error('no')), 10)).rejects.toThrow('no');
    await expect(clock.settle(new Promise(() => undefined), 10)).rejects.toThrow('KC_SIMULATION_STALLED');
  });

  it('reports code that sets timers without ever letting time pass', async () => {
    const clock = new VirtualClock({ startMs: START_MS, turnsPerTimer: 0 });
    const again = (): void => {
      clock.after(0, again);
    };
    again();
    await expect(clock.runFor(1)).rejects.toThrow('KC_SIMULATION_STALLED');
  });

  it('refuses to run twice at once and to wait for NaN', async () => {
    const clock = new VirtualClock({ startMs: START_MS });
    const first = clock.runFor(1);
    await expect(clock.runFor(1)).rejects.toThrow(RangeError);
    await first;
    expect(() => clock.after(NaN, () => undefined)).toThrow(RangeError);
  });
});
