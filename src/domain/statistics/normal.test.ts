import { describe, expect, it } from 'vitest';
import { normalShareBelow } from './normal.ts';
import golden from './testdata/golden.json' with { type: 'json' };

describe('the normal distribution function', () => {
  it('agrees with the error function to seven digits', () => {
    for (const [z = 0, expected = 0] of golden.normal)
      expect(Math.abs(normalShareBelow(z) - expected)).toBeLessThan(1e-7);
  });

  it('knows nothing of nothing, and everything at the ends', () => {
    expect(normalShareBelow(Number.NaN)).toBeNaN();
    expect([normalShareBelow(Number.NEGATIVE_INFINITY), normalShareBelow(Number.POSITIVE_INFINITY)]).toEqual([
      0, 1,
    ]);
  });
});
