/** Least squares on any basis, with points that count as they are sure and coefficients that may be held back. */
import { coefficients, factor } from '#domain/forecasting/algebra/least-squares.ts';
import { type XY } from '../line.ts';

export interface Basis {
  /** The columns at x. */
  readonly columns: (x: number) => readonly number[];
  /** Added to the diagonal per column: noise variance over the variance expected of the coefficient; default none. */
  readonly penalties?: readonly number[];
}

/** One coefficient per column. */
export function regress(points: readonly XY[], { columns, penalties = [] }: Basis): Float64Array {
  const rows = points.map(({ x }) => columns(x));
  const size = rows[0]?.length ?? 0;
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  rows.forEach((row, index) => {
    const y = points[index]?.y ?? 0;
    row.forEach((a, i) => {
      right[i] = (right[i] ?? 0) + a * y;
      row.forEach((b, j) => (matrix[i * size + j] = (matrix[i * size + j] ?? 0) + a * b));
    });
  });
  penalties.forEach((penalty, i) => (matrix[i * size + i] = (matrix[i * size + i] ?? 0) + penalty));
  const total = points.reduce((sum, { y }) => sum + y * y, 0);
  return coefficients(factor({ size, matrix, right, total }), size);
}

/** The value of the fitted basis at x. */
export function valueAt({ columns }: Basis, coefs: Float64Array, x: number): number {
  return columns(x).reduce((sum, column, index) => sum + column * (coefs[index] ?? 0), 0);
}
