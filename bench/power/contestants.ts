/** What predicts a server's watts at 0, 10, … 100 % load, from as much as each is told. */
import { clamp } from '#domain/energy/clamp.ts';
import { chooseCurve } from '#domain/energy/curves/choose.ts';
import { tabulate, wattsAt } from '#domain/energy/curves/curve.ts';
import { CURVE_FITS } from '#domain/energy/curves/fits.ts';
import { smooth, straight } from '#domain/energy/curves/interpolate.ts';
import { learnedShape } from '#domain/energy/curves/learned-shape.ts';
import { regress, valueAt } from '#domain/energy/curves/regress.ts';
import { fractionsOf } from '#domain/energy/curves/shape.ts';
import type { ShapeModel } from '#domain/energy/curves/shape-model.ts';
import { fitLine, type XY } from '#domain/energy/line.ts';
import { LOADS, type Server } from './dataset.ts';

/** Watts at every load of `LOADS`. */
export type Predict = (server: Server) => readonly number[];

function ends({ watts }: Server): { readonly idleWatts: number; readonly maxWatts: number } {
  return { idleWatts: watts[0] ?? Number.NaN, maxWatts: watts.at(-1) ?? Number.NaN };
}

function fromFractions(fractions: (server: Server) => readonly number[]): Predict {
  return (server) => {
    const { idleWatts, maxWatts } = ends(server);
    return fractions(server).map((fraction) => idleWatts + fraction * (maxWatts - idleWatts));
  };
}

/** Told idle and maximum. */
export const line = fromFractions(() => LOADS.map((load) => load / 100));
/** Fan, Weber & Barroso (ISCA 2007). */
export const fan = fromFractions(() => LOADS.map((load) => (2 * load) / 100 - (load / 100) ** 1.4));

/** The mean curve of the servers it is fitted to. */
export function meanCurve(training: readonly Server[]): Predict {
  const mean = LOADS.map((_, step) => {
    const fractions = training.map((server) => {
      const { idleWatts, maxWatts } = ends(server);
      return ((server.watts[step] ?? 0) - idleWatts) / (maxWatts - idleWatts);
    });
    return fractions.reduce((sum, each) => sum + each, 0) / fractions.length;
  });
  return fromFractions(() => mean);
}

export function shaped(model?: ShapeModel): Predict {
  return fromFractions((server) => fractionsOf(ends(server), model));
}

function pointsOf({ watts }: Server, loads: readonly number[]): XY[] {
  return loads.map((x) => ({ x, y: watts[LOADS.indexOf(x)] ?? Number.NaN }));
}

/** Polynomials by least squares on the points at `loads`. */
export function polynomial(degree: number, loads: readonly number[] = LOADS): Predict {
  const basis = {
    columns: (x: number) => Array.from({ length: degree + 1 }, (_, power) => (x / 100) ** power),
  };
  return (server) => {
    const found = regress(pointsOf(server, loads), basis);
    return LOADS.map((load) => valueAt(basis, found, load));
  };
}

export function through(loads: readonly number[], how: 'straight' | 'smooth'): Predict {
  return (server) => LOADS.map((how === 'straight' ? straight : smooth)(pointsOf(server, loads)));
}

/** Told points at `loads`, and the shape of servers like it. */
export function learned(loads: readonly number[], model?: ShapeModel): Predict {
  return (server) => LOADS.map(learnedShape(pointsOf(server, loads), model) ?? (() => Number.NaN));
}

/** What a calibration uses: the shape that cross-validates best on the points, within the watts seen. */
export function calibrated(loads: readonly number[], model?: ShapeModel): Predict {
  const fits = { ...CURVE_FITS, 'learned-shape': (points: readonly XY[]) => learnedShape(points, model) };
  return (server) => {
    const points = pointsOf(server, loads);
    const { slope, intercept } = fitLine(points);
    const seen = points.map(({ y }) => y);
    const straightLine = tabulate('line', (x) =>
      clamp(slope * x + intercept, Math.min(...seen), Math.max(...seen)),
    );
    const table = chooseCurve(points, fits)?.chosen ?? straightLine;
    return LOADS.map((load) => wattsAt(table, load));
  };
}
