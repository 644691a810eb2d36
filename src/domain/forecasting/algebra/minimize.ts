/** Minimisers of smooth functions of a few unbounded parameters. */

export interface Minimum {
  readonly at: Float64Array;
  readonly value: number;
}

export interface MinimizeOptions {
  readonly maxSteps?: number;
  /** Stops when a step gains less than this share of the value (plus this much). */
  readonly tolerance?: number;
}

type Objective = (at: Float64Array) => number;

/**
 * BFGS with gradients from differences and a backtracking search (Nocedal & Wright 2006, §6.1). The objective may
 * return Infinity outside of its domain, but not at the start.
 */
export function bfgs(objective: Objective, start: Float64Array, options: MinimizeOptions = {}): Minimum {
  const { maxSteps = 60, tolerance = 1e-8 } = options;
  let best: Minimum = { at: start.slice(), value: objective(start) };
  let gradient = slope(objective, best);
  let inverse = identity(start.length);
  for (let step = 0; step < maxSteps && start.length > 0; step++) {
    if (inner(times(inverse, gradient), gradient) <= 0) inverse = identity(start.length);
    const direction = times(inverse, gradient).map((x) => -x);
    const next = search(objective, best, { direction, fall: inner(direction, gradient) });
    if (next === undefined) return best;
    if (best.value - next.value < tolerance * (Math.abs(best.value) + tolerance)) return next;
    const nextGradient = slope(objective, next);
    inverse = update(inverse, minus(next.at, best.at), minus(nextGradient, gradient));
    [best, gradient] = [next, nextGradient];
  }
  return best;
}

function identity(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}

/** Central differences. */
function slope(objective: Objective, { at, value }: Minimum): Float64Array {
  const moved = at.slice();
  return at.map((x, i) => {
    const width = 1e-5 * Math.max(1, Math.abs(x));
    moved[i] = x + width;
    const above = objective(moved);
    moved[i] = x - width;
    const below = objective(moved);
    moved[i] = x;
    if (Number.isFinite(above) && Number.isFinite(below)) return (above - below) / (2 * width);
    return Number.isFinite(above)
      ? (above - value) / width
      : Number.isFinite(below)
        ? (value - below) / width
        : 0;
  });
}

interface Line {
  readonly direction: Float64Array;
  readonly fall: number;
}

function search(objective: Objective, from: Minimum, { direction, fall }: Line): Minimum | undefined {
  const longest = Math.max(...direction.map(Math.abs));
  for (let length = Math.min(1, 2 / longest); length > 1e-10; length /= 2.5) {
    const at = from.at.map((x, i) => x + length * (direction[i] ?? 0));
    const value = objective(at);
    if (value <= from.value + 1e-4 * length * fall) return { at, value };
  }
  return undefined;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length;
  return vector.map((_, i) => inner(matrix.subarray(i * n, (i + 1) * n), vector));
}

function inner(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
}

function minus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x - (b[i] ?? 0));
}

/** The new inverse Hessian: (I − ρ·s·yᵀ)·H·(I − ρ·y·sᵀ) + ρ·s·sᵀ with ρ = 1/yᵀs, where that curvature is positive. */
function update(inverse: Float64Array, step: Float64Array, change: Float64Array): Float64Array {
  const curvature = inner(step, change);
  if (!(curvature > 1e-12)) return inverse;
  const n = step.length;
  const bent = times(inverse, change);
  const scale = (1 + inner(change, bent) / curvature) / curvature;
  return inverse.map((value, index) => {
    const [i, j] = [Math.floor(index / n), index % n];
    const [si, sj] = [step[i] ?? 0, step[j] ?? 0];
    return value + scale * si * sj - ((bent[i] ?? 0) * sj + si * (bent[j] ?? 0)) / curvature;
  });
}
