/** The power of a node over its utilisation, as a table that any shape fits into. */

/** How a curve came about. `idle-and-max` is the shape that servers with such an idle and such a peak power have. */
export type CurveFamily =
  'line' | 'idle-and-max' | 'learned-shape' | 'piecewise' | 'monotone-cubic' | 'power-law' | 'cubic';

export interface TabulatedCurve {
  readonly family: CurveFamily;
  /** Watts at 0, 1, … 100 % utilisation; never falling. */
  readonly wattsAtPercent: readonly number[];
  /** Deviation of single measurements from the curve, in watts, as cross-validation has it; absent where unknown. */
  readonly residualSdWatts?: number;
}

const STEPS = 100;

/** Watts at a utilisation of 0–100 %, linear between whole percents. */
export function wattsAt({ wattsAtPercent }: TabulatedCurve, utilPercent: number): number {
  const at = Math.min(Math.max(utilPercent, 0), STEPS);
  const below = Math.min(Math.floor(at), STEPS - 1);
  const [from, to] = [wattsAtPercent[below] ?? Number.NaN, wattsAtPercent[below + 1] ?? Number.NaN];
  return from + (at - below) * (to - from);
}

/** The table of any function of the utilisation in percent; where that falls, the table stays level. */
export function tabulate(family: CurveFamily, watts: (utilPercent: number) => number): TabulatedCurve {
  let most = Number.NEGATIVE_INFINITY;
  const wattsAtPercent = Array.from({ length: STEPS + 1 }, (_, percent) => {
    most = Math.max(most, watts(percent));
    return most;
  });
  return { family, wattsAtPercent };
}
