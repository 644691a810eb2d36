/** The little linear algebra that fitting needs. */
import { coefficients, factor } from '#domain/forecasting/algebra/least-squares.ts';

export type Matrix = readonly (readonly number[])[];

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/** Solves a symmetric positive definite system. */
export function solve(matrix: Matrix, right: readonly number[]): number[] {
  const size = right.length;
  const equations = {
    size,
    matrix: Float64Array.from(matrix.flat()),
    right: Float64Array.from(right),
    total: 0,
  };
  return [...coefficients(factor(equations, 1e-9), size)];
}

export interface Component {
  /** Of length 1. */
  readonly shape: readonly number[];
  /** Deviation of the rows along it. */
  readonly sd: number;
}

/** The directions in which rows vary most, by power iteration with deflation. */
export function components(rows: Matrix, count: number): Component[] {
  let left = rows;
  return Array.from({ length: count }, () => {
    const found = leading(left);
    left = left.map((row) => {
      const amount = dot(row, found.shape);
      return row.map((value, index) => value - amount * (found.shape[index] ?? 0));
    });
    return found;
  });
}

function leading(rows: Matrix): Component {
  let shape = (rows[0] ?? []).map((_, index) => 1 + index / 100);
  for (let round = 0; round < 500; round++) {
    const next = shape.map(() => 0);
    for (const row of rows) {
      const amount = dot(row, shape);
      row.forEach((value, index) => (next[index] = (next[index] ?? 0) + amount * value));
    }
    const length = Math.sqrt(dot(next, next));
    shape = next.map((value) => value / length);
  }
  return { shape, sd: Math.sqrt(rows.reduce((sum, row) => sum + dot(row, shape) ** 2, 0) / rows.length) };
}

/** Numbers of 0–1 from a seed (Lehmer). */
export function uniform(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
