/** Durations as users write them: a whole number and one unit. */
import { KcError } from '#errors/kc-error.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

interface DurationBounds {
  readonly field: string;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Milliseconds of `90s`, `15m`, `24h` or `7d`. Throws KC_DURATION_INVALID outside the bounds. */
export function parseDuration(text: string, bounds: DurationBounds): number {
  const match = /^(\d+)([smhd])$/.exec(text);
  const ms = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN);
  if (!(ms >= bounds.minMs && ms <= bounds.maxMs)) {
    const problem = `"${text}" is not a duration from ${formatDuration(bounds.minMs)} to ${formatDuration(bounds.maxMs)}`;
    throw new KcError('KC_DURATION_INVALID', { field: bounds.field, problem });
  }
  return ms;
}

/** The shortest exact text: `90s`, `15m`, `2d`; below a second, milliseconds. */
export function formatDuration(ms: number): string {
  for (const [unit, unitMs] of Object.entries(UNIT_MS).reverse()) {
    if (ms >= unitMs && ms % unitMs === 0) return `${String(ms / unitMs)}${unit}`;
  }
  return `${String(ms)}ms`;
}

/** A rounded text for people: `3 h`, `2 days`, `40 s`. */
export function approximateDuration(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${String(Math.round(ms / DAY_MS))} days`;
  if (ms >= 2 * HOUR_MS) return `${String(Math.round(ms / HOUR_MS))} h`;
  if (ms >= 2 * MINUTE_MS) return `${String(Math.round(ms / MINUTE_MS))} min`;
  return `${String(Math.round(ms / 1000))} s`;
}

/** The metrics window of a CostOptimization in milliseconds, 1 h to 90 d. */
export function parseMetricsWindow(text: string): number {
  return parseDuration(text, { field: 'spec.metricsWindow', minMs: HOUR_MS, maxMs: 90 * DAY_MS });
}

/** The verification window of a CostOptimization in milliseconds, 1 s to 7 d. */
export function parseVerificationWindow(text: string): number {
  return parseDuration(text, { field: 'spec.verificationWindow', minMs: 1000, maxMs: 7 * DAY_MS });
}
