/** The normal equations of an autoregression without forming its columns. */
import { at } from './elements.ts';
import { type NormalEquations } from './least-squares.ts';

/**
 * The equations of regressing x[t] on a constant and x[t − lag] for each of `lags`, over t from the longest lag to the end.
 * Products of lags with one distance differ by what enters and leaves at the ends, so one full sum per distance is enough.
 */
export function lagEquations(values: Float64Array, lags: readonly number[]): NormalEquations {
  const start = Math.max(...lags);
  const size = lags.length + 1;
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  const products = new Products(values, start);
  matrix[0] = values.length - start;
  right[0] = products.sum(0);
  const ascending = [...lags.keys()].sort((a, b) => (lags[a] ?? 0) - (lags[b] ?? 0));
  const total = products.of(0, 0);
  for (const [rank, i] of ascending.entries()) {
    const lag = lags[i] ?? 0;
    right[i + 1] = products.of(0, lag);
    set(matrix, size, { i: 0, j: i + 1, value: products.sum(lag) });
    for (const j of ascending.slice(0, rank + 1))
      set(matrix, size, { i: i + 1, j: j + 1, value: products.of(lags[j] ?? 0, lag) });
  }
  return { size, matrix, right, total };
}

function set(
  matrix: Float64Array,
  size: number,
  { i, j, value }: { i: number; j: number; value: number },
): void {
  matrix[i * size + j] = value;
  matrix[j * size + i] = value;
}

/** Σ x[t−a]·x[t−b] over t from `start`, remembering the last one per distance. */
class Products {
  readonly #values: Float64Array;
  readonly #start: number;
  readonly #last = new Map<number, { readonly lag: number; readonly product: number }>();

  constructor(values: Float64Array, start: number) {
    this.#values = values;
    this.#start = start;
  }

  sum(lag: number): number {
    let sum = 0;
    for (let t = this.#start; t < this.#values.length; t++) sum += at(this.#values, t - lag);
    return sum;
  }

  /** For a ≤ b; of one distance, smaller lags must be asked for first to be quick. */
  of(a: number, b: number): number {
    const distance = b - a;
    const known = this.#last.get(distance);
    const product =
      known !== undefined && known.lag <= a ? this.#moved(known, { a, distance }) : this.#full(a, b);
    this.#last.set(distance, { lag: a, product });
    return product;
  }

  #full(a: number, b: number): number {
    const x = this.#values;
    let sum = 0;
    for (let t = this.#start; t < x.length; t++) sum += at(x, t - a) * at(x, t - b);
    return sum;
  }

  #moved(
    { lag, product }: { lag: number; product: number },
    { a, distance }: { a: number; distance: number },
  ): number {
    const x = this.#values;
    let sum = product;
    for (let k = lag; k < a; k++) {
      const [enters, leaves] = [this.#start - 1 - k, x.length - 1 - k];
      sum += at(x, enters) * at(x, enters - distance) - at(x, leaves) * at(x, leaves - distance);
    }
    return sum;
  }
}
