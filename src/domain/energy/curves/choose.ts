/** Which shape of the power curve predicts a node's measurements best: decided on points that it was not fitted to. */
import { clamp } from '../clamp.ts';
import { type XY } from '../line.ts';
import { type CurveFamily, tabulate, type TabulatedCurve, wattsAt } from './curve.ts';
import { CURVE_FITS, type CurveFit, type CurveFits } from './fits.ts';
import { type Curve } from './interpolate.ts';

export interface CurveScore {
  readonly family: CurveFamily;
  /** Root mean square error on points that were left out, in watts. */
  readonly errorWatts: number;
  /** Mean absolute error on points that were left out, as a share of the measured watts. */
  readonly relativeError: number;
  /** The same, shrunk towards what it is on published servers as long as the points are few: what the choice goes by. */
  readonly expectedError: number;
}

export interface CurveChoice {
  /** Best first; `line` is among them. */
  readonly scores: readonly CurveScore[];
  /** Absent where the line is as good. */
  readonly chosen?: TabulatedCurve;
}

/** Fewer points between the least and the greatest utilisation leave nothing to judge by. */
const FEWEST_BETWEEN = 1;
const MOST_FOLDS = 10;
/** A curve is used only where its error is this much below the line's: simpler is surer. */
const LEAST_GAIN = 0.05;
/** A line this good is as good as meters are. */
const GOOD_LINE = 0.005;
/** Mean absolute relative errors on SPECpower_ssj2008 servers between 4 or 5 points, rounded (`bench/power`), */
const USUAL_ERROR: Readonly<Partial<Record<CurveFamily, number>>> = {
  'learned-shape': 0.015,
  'monotone-cubic': 0.025,
  piecewise: 0.03,
  cubic: 0.03,
  'power-law': 0.05,
  line: 0.07,
};
/**
 * which count as much as so many points of the node itself, so that few decide nothing by chance. As these become more, they count
 * still less; not so where the node was not seen at the ends, of which its points say nothing.
 */
const USUAL_POINTS = 5;
/** Points that reach this close to 0 and 100 % show what happens at the ends. */
const REACH = 5;

/**
 * Compares all shapes by cross-validation: points between the ends are left out in turn, in up to ten groups. The ends stay,
 * as what lies between measurements is asked for later. Where measurements do not reach the ends of utilisation, only the
 * learnt shape knows what lies beyond, and only it competes with the line. Undefined with too few points to tell.
 */
export function chooseCurve(points: readonly XY[], fits: CurveFits = CURVE_FITS): CurveChoice | undefined {
  const folds = foldsOf(points);
  if (folds === undefined) return undefined;
  const reaching = reachesEnds(points);
  const scores = (Object.entries(fits) as [CurveFamily, CurveFit][])
    .flatMap(([family, fit]) => scoreOf({ family, fit }, { folds, reaching }))
    .sort((a, b) => a.expectedError - b.expectedError);
  const best = bestOf(scores, reaching);
  const fitted = best === undefined ? undefined : fits[best.family]?.(points);
  if (best === undefined || fitted === undefined) return { scores };
  const bounded = best.family === 'learned-shape' ? fitted : within(points, fitted);
  return { scores, chosen: { ...tabulate(best.family, bounded), residualSdWatts: residualSd(best, points) } };
}

/** From the errors, or from what is expected where a few of them happen to be small: 1.25 mean absolute errors, as if normal. */
function residualSd({ errorWatts, expectedError }: CurveScore, points: readonly XY[]): number {
  const meanWatts = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  return Math.max(errorWatts, 1.25 * expectedError * meanWatts);
}

/** Undefined where the line is as good. */
function bestOf(scores: readonly CurveScore[], reaching: boolean): CurveScore | undefined {
  const line = scores.find(({ family }) => family === 'line');
  if (reaching && line !== undefined && line.relativeError <= GOOD_LINE) return undefined;
  const best = scores.find(({ family }) => reaching || family === 'learned-shape');
  const most = (1 - LEAST_GAIN) * (line?.expectedError ?? Number.POSITIVE_INFINITY);
  return best !== undefined && best.expectedError <= most ? best : undefined;
}

function reachesEnds(points: readonly XY[]): boolean {
  return points.some(({ x }) => x <= REACH) && points.some(({ x }) => x >= 100 - REACH);
}

/** Not beyond the watts that were seen. */
function within(points: readonly XY[], curve: Curve): Curve {
  const watts = points.map(({ y }) => y);
  const [least, most] = [Math.min(...watts), Math.max(...watts)];
  return (x) => clamp(curve(x), least, most);
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
  { folds, reaching }: { readonly folds: readonly Fold[]; readonly reaching: boolean },
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
  const usualPoints = reaching ? USUAL_POINTS / errors.length : USUAL_POINTS;
  const usual = (USUAL_ERROR[family] ?? Number.POSITIVE_INFINITY) * usualPoints;
  return [
    {
      family,
      errorWatts: Math.sqrt(squares / errors.length),
      relativeError: relative / errors.length,
      expectedError: (relative + usual) / (errors.length + usualPoints),
    },
  ];
}
