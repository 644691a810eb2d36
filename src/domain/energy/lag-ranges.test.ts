import { expect, test } from 'vitest';
import { withLagRanges } from './lag-ranges.ts';

test.each([
  ['AR(1,2,3,4,24,25) of ∇1', 'AR(1–4,24,25) of ∇1'],
  ['log AR(1,2)', 'log AR(1,2)'],
  ['ARIMA(1,2,3) with mean', 'ARIMA(1,2,3) with mean'],
  ['AR() of ∇1', 'AR() of ∇1'],
  ['naive', 'naive'],
])('%s is shown as %s', (description, expected) => {
  expect(withLagRanges(description)).toBe(expected);
});
