/** The resolutions at which history is kept: fine for days, coarse for months. */
import { CPU_AVERAGING_MS } from '#domain/usage/usage.ts';

export type LevelNumber = 0 | 1 | 2;

export interface Level {
  readonly number: LevelNumber;
  readonly stepMs: number;
  /** The time that one stored block covers; a whole number of steps, aligned to the epoch. */
  readonly spanMs: number;
  /** Blocks that end before this age are dropped. */
  readonly retentionMs: number;
}

/** Raw steps, five minutes (the time over which CPU is averaged), one hour. */
export type Levels = readonly [Level, Level, Level];

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** How long each level is kept, in milliseconds. */
export interface Retention {
  readonly rawMs: number;
  readonly fiveMinutesMs: number;
  readonly hourMs: number;
}

/** Two weeks of five-minute steps feed a right-sizing window with room; a quarter of hours shows seasons. */
export const DEFAULT_RETENTION: Retention = {
  rawMs: 2 * DAY_MS,
  fiveMinutesMs: 16 * DAY_MS,
  hourMs: 95 * DAY_MS,
};

/** How often the collector looks unless told otherwise: metrics-server has a new sample every 15 s by default. */
export const DEFAULT_RAW_STEP_MS = 30_000;
/** Below this a block of an hour would outgrow its page many times over. */
const MIN_RAW_STEP_MS = 5000;

/** Whether history can be kept at this step: whole steps must fill five minutes. */
export function isRawStep(stepMs: number): boolean {
  return stepMs >= MIN_RAW_STEP_MS && CPU_AVERAGING_MS % stepMs === 0;
}

/** The levels for a raw step; see isRawStep. */
export function levelsFor(rawStepMs: number, retention: Retention = DEFAULT_RETENTION): Levels {
  return [
    { number: 0, stepMs: rawStepMs, spanMs: HOUR_MS, retentionMs: retention.rawMs },
    { number: 1, stepMs: CPU_AVERAGING_MS, spanMs: DAY_MS, retentionMs: retention.fiveMinutesMs },
    { number: 2, stepMs: HOUR_MS, spanMs: 8 * DAY_MS, retentionMs: retention.hourMs },
  ];
}

/** The start of the block that holds the step that ends at `endMs`. */
export function blockStartMs(spanMs: number, endMs: number): number {
  return (Math.ceil(endMs / spanMs) - 1) * spanMs;
}
