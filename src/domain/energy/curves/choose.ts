/** Which shape of the power curve predicts a node's measurements best: decided on points that it was not fitted to. */
import { type XY } from '../line.ts';
import { type CurveFamily, tabulate, type TabulatedCurve, wattsAt } from './curve.ts';
import { CURVE_FITS, type CurveFit } from './fits.ts';

export interface CurveScore {
  readonly family: CurveFamily;
  /** Root mean square error on points that were left out, in watts. */
  readonly errorWatts: number;
  /** Mean absolute error on points that were left out, as a share of the measured watts. */
  readonly relativeError: number;
}

export interface CurveChoice {
  /** Best first; `line` is among them. */
  readonly scores: readonly CurveScore[];
  /** Absent where the line is as good. */
  readonly chosen?: TabulatedCurve;
}

/** Fewer points between the least and the greatest utilisation leave nothing to judge by. */
const FEWEST_BETWEEN = 2;
const MOST_FOLDS = 10;
/** A curve is used only where its error is this much below the line's: simpler is surer. */
const LEAST_GAIN = 0.05;

/**
 * Compares all shapes by cross-validation: points between the ends are left out in turn, in up to ten groups. The ends stay,
 * as what lies between measurements is asked for later, not what lies beyond. Undefined with too few points to tell.
 */
export function chooseCurve(points: readonly XY[]): CurveChoice | undefined {
  const folds = foldsOf(points);
  if (folds === undefined) return undefined;
  const scores = (Object.entries(CURVE_FITS) as [CurveFamily, CurveFit][])
    .flatMap(([family, fit]) => scoreOf({ family, fit }, folds))
    .sort((a, b) => a.relativeError - b.relativeError);
  const [best, line] = [scores[0], scores.find(({ family }) => family === 'line')];
  if (best === undefined || line === undefined) return { scores };
  const fitted = CURVE_FITS[best.family]?.(points);
  if (fitted === undefined || best.relativeError > (1 - LEAST_GAIN) * line.relativeError) return { scores };
  return { scores, chosen: { ...tabulate(best.family, fitted), residualSdWatts: best.errorWatts } };
}

interface Fold {
  readonly fitted: readonly XY[];
  readonly judged: readonly XY[];
}

function foldsOf(points: readonly XY[]): Fold[] | undefined {
  const sorted = [...points].sort((a, b) => a.x - b.x);
  const [least, most] = [sorted[0]?.x, sorted.at(-1)?.x];
  const between = sorted.filter(({ x }) => x !== least && x !== most);
  if (between.length < FEWEST_BETWEEN) return undefined;
  const ends = sorted.filter(({ x }) => x === least || x === most);
  const count = Math.min(MOST_FOLDS, between.length);
  return Array.from({ length: count }, (_, fold) => ({
    fitted: [...ends, ...between.filter((_point, index) => index % count !== fold)],
    judged: between.filter((_point, index) => index % count === fold),
  }));
}

/** None where the shape cannot be fitted without one of the groups. */
function scoreOf(
  { family, fit }: { readonly family: CurveFamily; readonly fit: CurveFit },
  folds: readonly Fold[],
): CurveScore[] {
  const errors: XY[] = [];
  for (const { fitted, judged } of folds) {
    const curve = fit(fitted);
    if (curve === undefined) return [];
    const table = tabulate(family, curve);
    errors.push(...judged.map(({ x, y }) => ({ x: wattsAt(table, x) - y, y })));
  }
  const squares = errors.reduce((sum, { x }) => sum + x * x, 0);
  const relative = errors.reduce((sum, { x, y }) => sum + Math.abs(x) / Math.max(y, 1), 0);
  return [
    { family, errorWatts: Math.sqrt(squares / errors.length), relativeError: relative / errors.length },
  ];
}
