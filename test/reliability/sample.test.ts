/** A few seeds of every harness; `make soak SEEDS=…` plays as many as one likes. */
import { describe, expect, it } from 'vitest';
import { expectSound } from './harness.ts';
import { HARNESSES } from './harnesses.ts';

const SEEDS: Readonly<Record<string, readonly number[]>> = {
  r1: [1, 2, 3, 4, 5, 6, 7, 8],
  r2: [1],
  r3: [1, 2],
  'r3-state': [1, 2],
  r4: [1, 2],
  r5: [1, 3, 4, 6, 9, 13, 14, 16],
  r7: [1, 2],
};

describe.each(HARNESSES)('$name: $about', (harness) => {
  it.each(SEEDS[harness.name] ?? [1])('seed %i', async (seed) => {
    const { checks } = await expectSound(harness, seed);
    expect(checks).toBeGreaterThan(0);
  });

  it('plays the same story from the same seed', async () => {
    const [first, second] = [await harness.run(1), await harness.run(1)];
    expect(second.digest).toBe(first.digest);
  });
});
