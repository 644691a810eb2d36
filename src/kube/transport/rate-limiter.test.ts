import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../testing/manual-clock.ts';
import { RateLimiter } from './rate-limiter.ts';

describe('a rate limiter', () => {
  it('lets a burst pass and then so many a second', async () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter({ perSecond: 10, burst: 5 }, clock);
    let passed = 0;
    for (let index = 0; index < 100; index += 1) void limiter.acquire('a').then(() => (passed += 1));
    await settle();
    expect(passed).toBe(5);
    await clock.advance(1000);
    expect(passed).toBe(15);
    await clock.advance(60_000);
    expect(passed).toBe(100);
    expect(clock.pending).toBe(0);
  });

  it('lets flows take turns', async () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, clock);
    const order: string[] = [];
    for (const flow of ['flood', 'flood', 'flood', 'flood', 'small', 'other']) {
      void limiter.acquire(flow).then(() => order.push(flow));
    }
    await clock.advance(10_000);
    expect(order).toEqual(['flood', 'flood', 'small', 'other', 'flood', 'flood']);
  });

  it('lets go of a caller that gives up, without spending its turn', async () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, clock);
    await limiter.acquire('a');
    const abort = new AbortController();
    const given = limiter.acquire('a', abort.signal);
    const next = limiter.acquire('a');
    abort.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    await clock.advance(1000);
    await expect(next).resolves.toBeUndefined();
    await expect(limiter.acquire('a', abort.signal)).rejects.toThrow('enough');
  });

  it('never lets more pass in any time than burst and rate allow', async () => {
    const pauses = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 700 })), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(pauses, async (schedule) => {
        const clock = new ManualClock();
        const limiter = new RateLimiter({ perSecond: 7, burst: 3 }, clock);
        const passedAtMs: number[] = [];
        for (const [calls, pauseMs] of schedule) {
          for (let call = 0; call < calls; call += 1) {
            void limiter.acquire(String(call)).then(() => passedAtMs.push(clock.now()));
          }
          await clock.advance(pauseMs);
        }
        await clock.advance(600_000);
        expect(passedAtMs).toHaveLength(schedule.reduce((sum, [calls]) => sum + calls, 0));
        passedAtMs.forEach((fromMs, first) => {
          passedAtMs.slice(first).forEach((untilMs, more) => {
            expect(more + 1).toBeLessThanOrEqual(3 + ((untilMs - fromMs) * 7) / 1000 + 1e-3);
          });
        });
      }),
      { numRuns: 60 },
    );
  });
});
