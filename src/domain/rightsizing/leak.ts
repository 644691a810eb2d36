/**
 * Tells memory that grows without bound from a plateau that is being approached (a JVM heap, a cache that fills) and
 * from a saw-tooth whose height is known. A leak rises steadily, has not slowed down and has never let go.
 */
import { median } from '../statistics/order.ts';

export interface Growth {
  /** ln of growth per day over the whole history, and over its last day. */
  readonly perDay: number;
  readonly lastDay: number;
  /** Share of the hours that lie above the same hour of the day before, 0–1. */
  readonly steadiness: number;
  /** The deepest fall from a high, as a share of the whole rise. */
  readonly deepestFall: number;
}

const HOURS = 24;
/** Two days against the days before them: less shows no direction. */
const MIN_HOURS = 3 * HOURS;
/** Faster than this a size that is right today is wrong within two weeks. */
const MIN_PER_DAY = 0.02;
const MIN_STEADINESS = 0.9;
/** A plateau slows down: its last day grows less than half as fast as the days before. */
const MIN_PACE = 0.5;
const MAX_FALL = 0.2;

/** How the hourly levels (ln, newest first, NaN unknown) have grown; undefined where they are too few. */
export function growthOf(levels: Float64Array): Growth | undefined {
  if (levels.length < MIN_HOURS) return undefined;
  const changes = Float64Array.from({ length: levels.length - HOURS }, (_, hour) => {
    return (levels[hour] ?? Number.NaN) - (levels[hour + HOURS] ?? Number.NaN);
  }).filter(Number.isFinite);
  if (changes.length < HOURS) return undefined;
  return {
    perDay: median(changes),
    lastDay: median(changes.subarray(0, HOURS)),
    steadiness: changes.filter((change) => change > 0).length / changes.length,
    deepestFall: deepestFall(levels),
  };
}

function deepestFall(levels: Float64Array): number {
  let [high, low, fall] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (let hour = levels.length - 1; hour >= 0; hour--) {
    const level = levels[hour] ?? Number.NaN;
    if (!Number.isFinite(level)) continue;
    high = Math.max(high, level);
    low = Math.min(low, level);
    fall = Math.max(fall, high - level);
  }
  return high > low ? fall / (high - low) : 0;
}

/** True where memory rises day by day without slowing down. */
export function isLeak({ perDay, lastDay, steadiness, deepestFall: fall }: Growth): boolean {
  return (
    perDay >= MIN_PER_DAY && lastDay >= MIN_PACE * perDay && steadiness >= MIN_STEADINESS && fall <= MAX_FALL
  );
}
