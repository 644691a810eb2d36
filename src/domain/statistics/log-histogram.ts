/**
 * Histograms over logarithmic buckets: a fixed relative resolution at any scale, cheap to decay, shift and mix.
 * The idea is that of the recommenders of Borg (Autopilot, EuroSys 2020, section 3.2) and of the Kubernetes vertical
 * pod autoscaler; here buckets are narrow (1 %) so that a quantile is exact to 1 %.
 */

/** Bucket 0 holds all values up to `min`; bucket b > 0 holds (min·growth^(b−1), min·growth^b]. */
export interface LogGrid {
  readonly min: number;
  /** ln of the growth from bucket to bucket. */
  readonly logGrowth: number;
  readonly buckets: number;
}

/** A grid from `min` to at least `max` (both > 0) whose buckets grow by `growth` (> 1). */
export function logGrid(min: number, max: number, growth: number): LogGrid {
  const logGrowth = Math.log(growth);
  return { min, logGrowth, buckets: Math.max(1, Math.ceil(Math.log(max / min) / logGrowth - 1e-9)) + 1 };
}

/** The bucket of a value; values beyond the grid fall into the outermost buckets. */
export function bucketOf(grid: LogGrid, value: number): number {
  if (!(value > grid.min)) return 0;
  // 1e-9: a value exactly on a bound belongs to the bucket that it closes, whatever the rounding of the logarithm.
  const bucket = Math.ceil(Math.log(value / grid.min) / grid.logGrowth - 1e-9);
  return Math.min(Math.max(bucket, 0), grid.buckets - 1);
}

/** The highest value of a bucket. */
export function upperBound(grid: LogGrid, bucket: number): number {
  return grid.min * Math.exp(bucket * grid.logGrowth);
}

/** Adds `source`, moved up by `shift` buckets and multiplied by `weight`, to `target`; what leaves the grid stays at its ends. */
export function addShifted(
  target: Float64Array,
  source: Float64Array,
  move: { weight: number; shift: number },
): void {
  const last = target.length - 1;
  for (let bucket = 0; bucket < source.length; bucket++) {
    const mass = source[bucket] ?? 0;
    if (mass === 0) continue;
    const to = Math.min(Math.max(bucket + move.shift, 0), last);
    target[to] = (target[to] ?? 0) + mass * move.weight;
  }
}

/** The bucket in which the cumulative weight reaches share `q` (0–1) of the total; −1 if there is no weight. */
export function quantileBucket(weights: Float64Array, q: number): number {
  let total = 0;
  for (const weight of weights) total += weight;
  if (!(total > 0)) return -1;
  // The tolerance keeps a share that is met exactly from slipping into the next bucket by rounding.
  const threshold = q * total * (1 - 1e-12);
  let sum = 0;
  for (let bucket = 0; bucket < weights.length; bucket++) {
    sum += weights[bucket] ?? 0;
    if (sum >= threshold && sum > 0) return bucket;
  }
  return weights.length - 1;
}

/** The share of weight above `value`, 0–1, to the resolution of the grid. */
export function shareAbove(grid: LogGrid, weights: Float64Array, value: number): number {
  const at = bucketOf(grid, value);
  let total = 0;
  let above = 0;
  for (let bucket = 0; bucket < weights.length; bucket++) {
    const weight = weights[bucket] ?? 0;
    total += weight;
    if (bucket > at) above += weight;
  }
  return total > 0 ? above / total : Number.NaN;
}

/** A gaussian kernel of standard deviation `sigma` buckets, cut at four sigma, summing to 1. */
export function gaussianKernel(sigma: number): Float64Array {
  const reach = Math.max(0, Math.ceil(4 * sigma));
  const kernel = new Float64Array(2 * reach + 1);
  let sum = 0;
  for (let i = -reach; i <= reach; i++)
    sum += kernel[i + reach] = sigma > 0 ? Math.exp(-0.5 * (i / sigma) ** 2) : 1;
  for (let i = 0; i < kernel.length; i++) kernel[i] = (kernel[i] ?? 0) / sum;
  return kernel;
}

/** Spreads every bucket's weight by `kernel` (odd length) into `target`; what leaves the grid stays at its ends. */
export function spread(target: Float64Array, source: Float64Array, kernel: Float64Array): void {
  const reach = (kernel.length - 1) / 2;
  target.fill(0);
  for (let bucket = 0; bucket < source.length; bucket++) {
    const mass = source[bucket] ?? 0;
    if (mass === 0) continue;
    for (let i = 0; i < kernel.length; i++) {
      const to = Math.min(Math.max(bucket + i - reach, 0), target.length - 1);
      target[to] = (target[to] ?? 0) + mass * (kernel[i] ?? 0);
    }
  }
}
