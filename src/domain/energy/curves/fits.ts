/** The shapes that compete for a node's power curve, each fitted to points of utilisation (percent) and watts. */
import { fitLine, type XY } from '../line.ts';
import { type CurveFamily } from './curve.ts';
import { type Curve, risingKnots, smooth, straight } from './interpolate.ts';
import { learnedShape } from './learned-shape.ts';
import { regress, valueAt } from './regress.ts';

/** Undefined where the points do not determine the shape. */
export type CurveFit = (points: readonly XY[]) => Curve | undefined;

/** With more knots, curves through knots follow the noise. */
const MOST_KNOTS = 8;

const line: CurveFit = (points) => {
  const { slope, intercept } = fitLine(points);
  return (x) => slope * x + intercept;
};

/** Through the means of up to eight groups of neighbouring points. */
function throughKnots(curve: (knots: readonly XY[]) => Curve): CurveFit {
  return (points) => {
    const knots = risingKnots(points, MOST_KNOTS);
    return knots.length < 3 ? undefined : curve(knots);
  };
}

/** Watts = a + b·u + c·u² + d·u³, as in SPECpower studies; least squares. */
const cubic: CurveFit = (points) => {
  if (distinct(points) < 4) return undefined;
  const basis = { columns: (x: number) => [1, x / 100, (x / 100) ** 2, (x / 100) ** 3] };
  const found = regress(points, basis);
  return (x) => valueAt(basis, found, x);
};

const EXPONENTS = Array.from({ length: 25 }, (_, step) => 0.25 + (0.125 * step) / 2);

/** Watts = a + b·u^γ, γ from 0.25 to 1.75; b at least 0. */
const powerLaw: CurveFit = (points) => {
  if (distinct(points) < 3) return undefined;
  const found = EXPONENTS.map((exponent) => {
    const basis = { columns: (x: number) => [1, (x / 100) ** exponent] };
    const coefs = regress(points, basis);
    const error = points.reduce((sum, { x, y }) => sum + (valueAt(basis, coefs, x) - y) ** 2, 0);
    return { basis, coefs, error };
  }).filter(({ coefs }) => (coefs[1] ?? 0) > 0);
  const best = found.sort((a, b) => a.error - b.error)[0];
  return best === undefined ? undefined : (x) => valueAt(best.basis, best.coefs, x);
};

function distinct(points: readonly XY[]): number {
  return new Set(points.map(({ x }) => x)).size;
}

export type CurveFits = Readonly<Partial<Record<CurveFamily, CurveFit>>>;

export const CURVE_FITS: CurveFits = {
  line,
  'learned-shape': (points) => learnedShape(points),
  'power-law': powerLaw,
  cubic,
  piecewise: throughKnots(straight),
  'monotone-cubic': throughKnots(smooth),
};
