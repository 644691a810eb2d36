/** Least squares by the Cholesky factor of the normal equations. */
import { at } from './elements.ts';

/** A symmetric positive definite system of `size` unknowns; row-major `matrix`. */
export interface NormalEquations {
  readonly size: number;
  readonly matrix: Float64Array;
  readonly right: Float64Array;
  /** The target's sum of squares. */
  readonly total: number;
}

export interface Factor {
  readonly size: number;
  /** The lower triangle L of matrix = L·Lᵀ. */
  readonly lower: Float64Array;
  /** L⁻¹·right. */
  readonly forward: Float64Array;
  /** Residual sums of squares when only the first k columns are used, for k from 0 to size. */
  readonly residual: Float64Array;
}

/**
 * Factors the equations with `ridge` × the diagonal added. One factorisation answers for every leading set of columns:
 * the residual sum of squares falls by the square of each new element of L⁻¹·right. Columns that depend on earlier
 * ones get no weight.
 */
export function factor(equations: NormalEquations, ridge = 1e-10): Factor {
  const { size, matrix, right, total } = equations;
  const lower = new Float64Array(size * size);
  const forward = new Float64Array(size);
  const residual = new Float64Array(size + 1).fill(total);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++)
      lower[i * size + j] =
        (at(matrix, i * size + j) - rowsDot(lower, size, [i, j])) / at(lower, j * size + j);
    const diagonal = at(matrix, i * size + i);
    const left = diagonal * (1 + ridge) - rowsDot(lower, size, [i, i]);
    const pivot = left > diagonal * 1e-12 ? Math.sqrt(left) : Number.POSITIVE_INFINITY;
    lower[i * size + i] = pivot;
    forward[i] = (at(right, i) - partial(lower, size, { row: i, vector: forward })) / pivot;
    residual[i + 1] = Math.max(at(residual, i) - at(forward, i) ** 2, 0);
  }
  return { size, lower, forward, residual };
}

/** Σ L[a,k]·L[b,k] over k below b. */
function rowsDot(lower: Float64Array, size: number, [a, b]: readonly [number, number]): number {
  let sum = 0;
  for (let k = 0; k < b; k++) sum += (lower[a * size + k] ?? 0) * (lower[b * size + k] ?? 0);
  return sum;
}

function partial(lower: Float64Array, size: number, at: { row: number; vector: Float64Array }): number {
  let sum = 0;
  for (let k = 0; k < at.row; k++) sum += (lower[at.row * size + k] ?? 0) * (at.vector[k] ?? 0);
  return sum;
}

/** The coefficients when only the first `count` columns are used. */
export function coefficients({ size, lower, forward }: Factor, count: number): Float64Array {
  const solution = new Float64Array(count);
  for (let i = count - 1; i >= 0; i--) {
    let sum = forward[i] ?? 0;
    for (let k = i + 1; k < count; k++) sum -= (lower[k * size + i] ?? 0) * (solution[k] ?? 0);
    solution[i] = sum / (lower[i * size + i] ?? 1);
  }
  return solution;
}
