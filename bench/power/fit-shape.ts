/**
 * Fits the shape of power curves (`src/domain/energy/curves/shape.ts`) to servers, and writes its numbers.
 *
 *   node bench/power/fit-shape.ts --data <folder> > src/domain/energy/curves/shape-numbers.ts
 *
 * Centres of the bumps are k-means clusters of the servers; amounts minimise the sum of absolute relative errors (iteratively
 * reweighted least squares), with a ridge on the bumps.
 */
import { parseArgs } from 'node:util';
import { BUMP, features, fractionsOf } from '#domain/energy/curves/shape.ts';
import type { ShapeModel } from '#domain/energy/curves/shape-model.ts';
import { type Component, components, dot, type Matrix, solve, uniform } from './algebra.ts';
import { type Server, servers } from './dataset.ts';

export interface FitOptions {
  readonly bumps: number;
  readonly components: number;
  readonly ridge: number;
}

export const CHOSEN: FitOptions = { bumps: 40, components: 2, ridge: 30 };
const ROUNDS = 10;
const LEAST_ERROR = 0.01;

interface Row {
  readonly fractions: readonly number[];
  /** What a unit of fraction is of the watts. */
  readonly weights: readonly number[];
  readonly at: readonly [number, number];
}

function rowOf({ watts }: Server): Row {
  const [idle, max] = [watts[0] ?? 0, watts.at(-1) ?? 0];
  return {
    fractions: watts.map((value) => (value - idle) / (max - idle)),
    weights: watts.map((value) => (max - idle) / value),
    at: [idle / max, Math.log(max)],
  };
}

export function fitShape(training: readonly Server[], options: FitOptions = CHOSEN): ShapeModel {
  const rows = training.map(rowOf);
  const mean = average(rows.map(({ fractions }) => fractions));
  const deviations = rows.map(({ fractions }) => minus(fractions, mean));
  const shapes = components(deviations, options.components).map(({ shape }) => shape);
  const centres = clusters(
    rows.map(({ at }) => at),
    options.bumps,
  );
  const amounts = leastAbsolute(rows, {
    mean,
    shapes,
    centres,
    ridge: (options.ridge * 0.3 * rows.length) / options.bumps,
  });
  const model = { mean, components: shapes, centres, amounts, residuals: [], restSd: 0 };
  return { ...model, ...residualsOf(training, model) };
}

function average(rows: Matrix): number[] {
  return (rows[0] ?? []).map(
    (_, index) => rows.reduce((sum, row) => sum + (row[index] ?? 0), 0) / rows.length,
  );
}

function minus(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, index) => value - (b[index] ?? 0));
}

interface Fitted {
  readonly mean: readonly number[];
  readonly shapes: Matrix;
  readonly centres: readonly (readonly [number, number])[];
  readonly ridge: number;
}

function leastAbsolute(rows: readonly Row[], { mean, shapes, centres, ridge }: Fitted): number[][] {
  const columns = rows.map(({ at }) => features(...at, centres));
  const size = columns[0]?.length ?? 0;
  let amounts = shapes.map(() => new Array<number>(size).fill(0));
  for (let round = 0; round < ROUNDS; round++) {
    const matrix = Array.from({ length: size * shapes.length }, (_, i) =>
      Array.from({ length: size * shapes.length }, (_column, j) =>
        i === j ? (i % size < 3 ? 1e-6 : ridge) : 0,
      ),
    );
    const right = new Array<number>(size * shapes.length).fill(0);
    rows.forEach(({ fractions, weights }, server) => {
      const row = columns[server] ?? [];
      const own = amounts.map((each) => dot(each, row));
      for (let step = 1; step < mean.length - 1; step++) {
        const target = (fractions[step] ?? 0) - (mean[step] ?? 0);
        const error = target - shapes.reduce((sum, shape, k) => sum + (own[k] ?? 0) * (shape[step] ?? 0), 0);
        const weight = weights[step] ?? 0;
        const q = round === 0 ? weight ** 2 : weight / Math.max(Math.abs(error), LEAST_ERROR);
        accumulate({ matrix, right }, { row, shape: shapes.map((each) => each[step] ?? 0), q, target });
      }
    });
    const solution = solve(matrix, right);
    amounts = shapes.map((_, k) => solution.slice(k * size, (k + 1) * size));
  }
  return amounts;
}

interface Observation {
  readonly row: readonly number[];
  readonly shape: readonly number[];
  readonly q: number;
  readonly target: number;
}

function accumulate(
  { matrix, right }: { readonly matrix: number[][]; readonly right: number[] },
  { row, shape, q, target }: Observation,
): void {
  const columns = shape.flatMap((amount) => row.map((value) => amount * value));
  columns.forEach((left, i) => {
    if (Math.abs(left) < 1e-9) return;
    right[i] = (right[i] ?? 0) + q * left * target;
    const line = matrix[i] ?? [];
    columns.forEach((value, j) => (line[j] = (line[j] ?? 0) + q * left * value));
  });
}

type Point = readonly [number, number];

function distance(a: Point, b: Point): number {
  return ((a[0] - b[0]) / BUMP.ratio) ** 2 + ((a[1] - b[1]) / BUMP.logMax) ** 2;
}

/** k-means from the best of five seeded starts (Arthur & Vassilvitskii 2007). */
function clusters(points: readonly Point[], count: number): Point[] {
  const found = [1, 2, 3, 4, 5].map((seed) => {
    let centres = starts(points, count, uniform(seed * 7919));
    for (let round = 0; round < 40; round++) centres = moved(points, centres);
    return { centres, spread: points.reduce((sum, point) => sum + nearest(point, centres).distance, 0) };
  });
  return found.sort((a, b) => a.spread - b.spread)[0]?.centres ?? [];
}

function starts(points: readonly Point[], count: number, random: () => number): Point[] {
  const centres: Point[] = [points[Math.floor(random() * points.length)] ?? [0, 0]];
  while (centres.length < count) {
    const distances = points.map((point) => nearest(point, centres).distance);
    let left = random() * distances.reduce((sum, each) => sum + each, 0);
    const index = distances.findIndex((each) => (left -= each) <= 0);
    centres.push(points[Math.max(index, 0)] ?? [0, 0]);
  }
  return centres;
}

function nearest(
  point: Point,
  centres: readonly Point[],
): { readonly index: number; readonly distance: number } {
  let best = { index: 0, distance: Number.POSITIVE_INFINITY };
  centres.forEach((centre, index) => {
    const found = distance(point, centre);
    if (found < best.distance) best = { index, distance: found };
  });
  return best;
}

function moved(points: readonly Point[], centres: readonly Point[]): Point[] {
  const groups = centres.map((): Point[] => []);
  for (const point of points) groups[nearest(point, centres).index]?.push(point);
  return groups.map((group, index) => {
    if (group.length === 0) return centres[index] ?? [0, 0];
    return [0, 1].map((k) => group.reduce((sum, point) => sum + (point[k] ?? 0), 0) / group.length) as [
      number,
      number,
    ];
  });
}

/** How servers stray from the model: three shapes with their deviations, and the rest. */
function residualsOf(
  training: readonly Server[],
  model: ShapeModel,
): Pick<ShapeModel, 'residuals' | 'restSd'> {
  const rows = training.map((server) => {
    const [idleWatts, maxWatts] = [server.watts[0] ?? 0, server.watts.at(-1) ?? 0];
    return minus(rowOf(server).fractions, fractionsOf({ idleWatts, maxWatts }, model));
  });
  const found: Component[] = components(rows, 3);
  const left = rows.map((row) =>
    found.reduce((rest, { shape }) => {
      const amount = dot(row, shape);
      return minus(
        rest,
        shape.map((value) => amount * value),
      );
    }, row),
  );
  const squares = left.flat().reduce((sum, value) => sum + value ** 2, 0);
  return { residuals: found, restSd: Math.sqrt(squares / (left.length * 9)) };
}

/** The numbers as source text, rounded: more digits say nothing. */
function sourceOf(model: ShapeModel, count: number): string {
  const text = JSON.stringify(model, (_key, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value,
  );
  return `/**
 * The numbers of the shape model, fitted to ${count} SPECpower_ssj2008 results by \`bench/power/fit-shape.ts\` (spec.org; SPECpower_ssj2008
 * is a trademark of the Standard Performance Evaluation Corporation). They are derived; no result is contained.
 */
import type { ShapeModel } from './shape-model.ts';

export const SHAPE: ShapeModel = ${text};
`;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  const found = servers(values.data ?? '');
  if (found === undefined) throw new Error('name the folder with the SPECpower curves: --data <folder>');
  process.stdout.write(sourceOf(fitShape(found), found.length));
}
