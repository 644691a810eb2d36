/** Lasting jumps of the level: a release, a resize, a move to other hardware. */
import { median, quantile } from '#domain/statistics/order.ts';

export interface LevelShift {
  /** The first step on the new level. */
  readonly at: number;
  /** New level minus old. */
  readonly by: number;
}

/** A jump counts when it is this many times the usual change between neighbouring windows. */
const RATIO = 6;

/**
 * The last lasting jump of finite values, if there is one: the medians of the `window` values before and after differ by 6
 * times what such medians usually differ, and nearly all of what came after lies beyond nearly all of the window before.
 * A steady trend has no jump, since all its changes are alike.
 */
export function findLevelShift(values: Float64Array, window: number): LevelShift | undefined {
  if (values.length < 5 * window) return undefined;
  const places = steps(window, values.length - window, Math.max(1, Math.floor(window / 4)));
  const changes = Float64Array.from(places, (place) => change(values, place, window));
  const usual = median(changes.map(Math.abs));
  const noise = median(values.subarray(1).map((value, t) => Math.abs(value - (values[t] ?? value))));
  const limit = RATIO * Math.max(usual, noise);
  const largest = changes.reduce(
    (best, size, index) => (Math.abs(size) > Math.abs(changes[best] ?? 0) ? index : best),
    0,
  );
  if (!(Math.abs(changes[largest] ?? 0) > limit)) return undefined;
  const shift = refine(values, places[largest] ?? 0, window);
  return lasting(values, shift, window) ? shift : undefined;
}

/** The history before the jump moved to the present level. */
export function moveToPresent(values: Float64Array, { at, by }: LevelShift): Float64Array {
  return values.map((value, t) => (t < at ? value + by : value));
}

function steps(from: number, to: number, stride: number): number[] {
  return Array.from({ length: Math.floor((to - from) / stride) + 1 }, (_, k) => from + k * stride);
}

function change(values: Float64Array, place: number, window: number): number {
  return median(values.subarray(place, place + window)) - median(values.subarray(place - window, place));
}

/** The place near the best window edge where the step from one value to the next goes furthest the same way. */
function refine(values: Float64Array, near: number, window: number): LevelShift {
  const by = change(values, near, window);
  let at = near;
  let most = Number.NEGATIVE_INFINITY;
  const reach = Math.floor(window / 2);
  for (let t = Math.max(near - reach, 1); t <= near + reach && t < values.length; t++) {
    const step = ((values[t] ?? 0) - (values[t - 1] ?? 0)) * Math.sign(by);
    if (step > most) [at, most] = [t, step];
  }
  return { at, by };
}

function lasting(values: Float64Array, { at, by }: LevelShift, window: number): boolean {
  const before = values.subarray(Math.max(at - 2 * window, 0), at);
  const after = values.subarray(at);
  if (after.length < window || before.length < window) return false;
  return by > 0
    ? quantile(before, 0.95) < quantile(after, 0.05)
    : quantile(before, 0.05) > quantile(after, 0.95);
}
