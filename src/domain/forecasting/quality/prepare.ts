/** From a series as measured to one that models can be fitted to, with notes on what was wrong with it. */
import { fillGaps } from './gaps.ts';
import { findLevelShift, moveToPresent } from './level-shift.ts';
import { replaceOutliers } from './outliers.ts';

export interface QualityNote {
  readonly kind: 'gaps' | 'stale-end' | 'outliers' | 'level-shift' | 'constant' | 'short' | 'no-backtest';
  /** One sentence with the numbers. */
  readonly text: string;
}

export interface Prepared {
  /** Finite values that end with the last known one. */
  readonly values: Float64Array;
  /** Unknown steps after the last known value. */
  readonly staleSteps: number;
  readonly constant: boolean;
  readonly notes: readonly QualityNote[];
}

export interface PrepareOptions {
  /** Season lengths in steps, ascending. */
  readonly seasons: readonly number[];
}

/** Below so many known values nothing is forecast. */
export const FEWEST_KNOWN = 3;
/** Below this share of known values nothing is forecast. */
const LEAST_KNOWN_SHARE = 0.3;

/** The prepared series, or the reason why nothing can be said. */
export function prepare(
  series: ArrayLike<number>,
  { seasons }: PrepareOptions,
): Prepared | { readonly unknown: string } {
  const all = Float64Array.from(series);
  const first = all.findIndex(Number.isFinite);
  const end = all.findLastIndex(Number.isFinite) + 1;
  const known = all.reduce((count, value) => count + (Number.isFinite(value) ? 1 : 0), 0);
  if (known < FEWEST_KNOWN)
    return { unknown: `${known} of ${all.length} values are known; at least ${FEWEST_KNOWN} are needed` };
  const inside = all.slice(first, end);
  if (known < LEAST_KNOWN_SHARE * inside.length)
    return {
      unknown: `only ${known} of the ${inside.length} values between the first and the last are known`,
    };
  if (Math.max(...extremes(inside)) > 1e150) return { unknown: 'values beyond 1e150 cannot be forecast' };
  return cleaned(inside, { seasons, missing: inside.length - known, staleSteps: all.length - end });
}

function extremes(values: Float64Array): number[] {
  return [values.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0)];
}

function cleaned(
  inside: Float64Array,
  { seasons, missing, staleSteps }: { seasons: readonly number[]; missing: number; staleSteps: number },
): Prepared {
  const season = seasons[0] ?? 1;
  const filled = fillGaps(inside, season);
  const notes: QualityNote[] = [];
  if (missing > 0)
    notes.push({ kind: 'gaps', text: `${missing} of ${inside.length} values were missing and were filled` });
  if (staleSteps > 0) notes.push({ kind: 'stale-end', text: `the last ${staleSteps} values are unknown` });
  if (filled.every((value) => value === filled[0])) {
    notes.push({ kind: 'constant', text: 'every known value is the same' });
    return { values: filled, staleSteps, constant: true, notes };
  }
  return { ...steadied(filled, seasons, notes), staleSteps, constant: false };
}

function steadied(
  filled: Float64Array,
  seasons: readonly number[],
  notes: QualityNote[],
): Pick<Prepared, 'values' | 'notes'> {
  const season = seasons[0] ?? 1;
  const { values, replaced } = replaceOutliers(filled, season);
  if (replaced.length > 0)
    notes.push({
      kind: 'outliers',
      text: `${replaced.length} isolated spikes were replaced by the median around them`,
    });
  const window = Math.max(seasons.find((m) => m >= 8) ?? 0, 12);
  const shift = findLevelShift(values, window);
  if (shift === undefined) return { values, notes };
  const ago = values.length - shift.at;
  notes.push({
    kind: 'level-shift',
    text: `the level moved by ${shift.by.toPrecision(3)} ${ago} steps ago; what came before was moved along`,
  });
  return { values: moveToPresent(values, shift), notes };
}
