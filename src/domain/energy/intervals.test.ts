import { expect, test } from 'vitest';
import { studentValue } from './intervals.ts';

// scipy.stats.t.ppf(0.975, n)
test.each([
  [2, 4.302652729911275, 0.11],
  [3, 3.182446305284263, 0.05],
  [5, 2.570581836614739, 0.015],
  [10, 2.228138851986273, 0.005],
  [100, 1.9839715185235551, 0.001],
])('the 97.5 % value of Student’s t with %d degrees of freedom is %d', (n, expected, tolerance) => {
  expect(Math.abs(studentValue(1.959963984540054, n) - expected) / expected).toBeLessThan(tolerance);
});

test('it is symmetric and rises', () => {
  const values = [-3, -1, 0, 1, 3].map((z) => studentValue(z, 3));
  expect(values).toEqual([...values].sort((a, b) => a - b));
  expect(studentValue(-2, 4)).toBe(-studentValue(2, 4));
});
