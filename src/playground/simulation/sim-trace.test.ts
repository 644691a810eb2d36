import { describe, expect, it } from 'vitest';
import { SimTrace } from './sim-trace.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('SimTrace', () => {
  it('has the same digest for the same story and another for any change of it', async () => {
    const story = async (words: readonly string[], stepMs: number): Promise<string> => {
      const clock = new VirtualClock({ startMs: 0 });
      const trace = new SimTrace(clock);
      for (const word of words) {
        trace.record('teller', word);
        await clock.runFor(stepMs);
      }
      return trace.digest();
    };
    expect(await story(['a', 'b'], 1)).toBe(await story(['a', 'b'], 1));
    expect(await story(['a', 'b'], 1)).not.toBe(await story(['b', 'a'], 1));
    expect(await story(['a', 'b'], 1)).not.toBe(await story(['a', 'b'], 2));
  });

  it('keeps the last lines only, while the digest covers all', () => {
    const clock = new VirtualClock({ startMs: 5 });
    const short = new SimTrace(clock, { keepLines: 2 });
    const long = new SimTrace(clock);
    for (let index = 0; index < 20; index += 1) {
      short.record('s', `line ${index}`);
      long.record('s', `line ${index}`);
    }
    expect(short.tail()).toEqual(['5 s line 18', '5 s line 19']);
    expect(short.count).toBe(20);
    expect(short.digest()).toBe(long.digest());
  });
});
