/**
 * A node's curve from a few of its own measurements and from what servers like it do: idle, maximum and the amounts by which it
 * strays from the shape of its kind are estimated together, the latter held back as servers seldom stray far (maximum a
 * posteriori with normal priors). With many measurements these decide; with two the shape does.
 */
import { fitLine, type XY } from '../line.ts';
import { type Curve, straight } from './interpolate.ts';
import { regress, valueAt } from './regress.ts';
import { fractionCurve, fractionsOf } from './shape.ts';
import type { ShapeModel } from './shape-model.ts';
import { SHAPE } from './shape-numbers.ts';

/** Watts are measured to about this share; SPECpower allows analysers an uncertainty of 1 %. */
const METER_SHARE = 0.005;
/** The assumed noise counts as this many measurements. */
const NOISE_WEIGHT = 5;
/** Shape, idle and maximum depend on each other; they settle at once. */
const ROUNDS = 4;

/** Undefined where the points do not tell idle from maximum. */
export function learnedShape(points: readonly XY[], model: ShapeModel = SHAPE): Curve | undefined {
  const xs = points.map(({ x }) => x);
  if (points.length < 2 || Math.max(...xs) - Math.min(...xs) < 1) return undefined;
  let state = firstGuess(points);
  let curve: Curve | undefined;
  for (let round = 0; round < ROUNDS && state.maxWatts > state.idleWatts && state.idleWatts > 0; round++) {
    const fitted = fittedTo(points, state, model);
    curve = fitted.curve;
    state = fitted.state;
  }
  return curve;
}

interface State {
  readonly idleWatts: number;
  readonly maxWatts: number;
  readonly noiseWatts: number;
}

function firstGuess(points: readonly XY[]): State {
  const { slope, intercept } = fitLine(points);
  const watts = points.map(({ y }) => y);
  const least = Math.min(...watts);
  const idleWatts = Math.max(Math.min(intercept, least), 0.3 * least);
  const maxWatts = Math.max(intercept + 100 * slope, ...watts);
  return { idleWatts, maxWatts, noiseWatts: METER_SHARE * maxWatts };
}

function fittedTo(
  points: readonly XY[],
  { idleWatts, maxWatts, noiseWatts }: State,
  model: ShapeModel,
): { readonly curve: Curve; readonly state: State } {
  const range = maxWatts - idleWatts;
  const fraction = fractionCurve(fractionsOf({ idleWatts, maxWatts }, model));
  const strays = model.residuals.map(({ shape }) => straight(shape.map((y, step) => ({ x: 10 * step, y }))));
  const unexplained = noiseWatts ** 2 + (model.restSd * range) ** 2;
  const basis = {
    columns: (x: number) => [1 - fraction(x), fraction(x), ...strays.map((stray) => stray(x))],
    penalties: [0, 0, ...model.residuals.map(({ sd }) => unexplained / (sd * range) ** 2)],
  };
  const found = regress(points, basis);
  const curve = (x: number): number => valueAt(basis, found, x);
  return {
    curve,
    state: { idleWatts: found[0] ?? 0, maxWatts: found[1] ?? 0, noiseWatts: noiseOf(points, curve) },
  };
}

/** From the residuals, and from what meters are known to do. */
function noiseOf(points: readonly XY[], curve: Curve): number {
  const meanWatts = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const assumed = NOISE_WEIGHT * (METER_SHARE * meanWatts) ** 2;
  const squares = points.reduce((sum, { x, y }) => sum + (curve(x) - y) ** 2, 0);
  return Math.sqrt((squares + assumed) / (points.length + NOISE_WEIGHT));
}
