import { describe, expect, it } from 'vitest';
import { isKcError } from '#errors/kc-error.ts';
import {
  approximateDuration,
  formatDuration,
  parseMetricsWindow,
  parseVerificationWindow,
} from './duration.ts';

describe('durations', () => {
  it.each([
    ['1h', 3_600_000],
    ['14d', 1_209_600_000],
    ['90d', 7_776_000_000],
  ])('reads the metrics window %s', (text, ms) => {
    expect(parseMetricsWindow(text)).toBe(ms);
    expect(formatDuration(ms)).toBe(text === '24h' ? '1d' : text);
  });

  it.each(['0h', '91d', '30m', '7', 'd', '1.5h', '-1d', ''])('refuses the metrics window "%s"', (text) => {
    expect(() => parseMetricsWindow(text)).toThrow(/spec\.metricsWindow: .*from 1h to 90d/);
  });

  it('names the code of the error', () => {
    try {
      parseVerificationWindow('never');
      expect.unreachable();
    } catch (error) {
      expect(isKcError(error, 'KC_DURATION_INVALID')).toBe(true);
    }
  });

  it('rounds for people', () => {
    expect([45_000, 600_000, 10_800_000, 500_000_000].map(approximateDuration)).toEqual([
      '45 s', '10 min', '3 h', '6 days',
    ]); // prettier-ignore
  });
});
