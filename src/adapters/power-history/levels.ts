/** Buckets of time that energy is added up in. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';

export const FINE_MS = 5 * MINUTE_MS;
export const COARSE_MS = HOUR_MS;
export const LEVELS_MS = [FINE_MS, COARSE_MS] as const;

export const FINE_RETENTION_MS = 7 * DAY_MS;

/** A part of an interval that lies in one bucket. */
export interface BucketShare {
  readonly bucketMs: number;
  readonly ms: number;
}

/** How the time from `fromMs` to `toMs` falls into buckets of a level; the parts sum to the whole. */
export function bucketShares(levelMs: number, fromMs: number, toMs: number): readonly BucketShare[] {
  const shares: BucketShare[] = [];
  for (let atMs = fromMs; atMs < toMs;) {
    const bucketMs = Math.floor(atMs / levelMs) * levelMs;
    const endMs = Math.min(bucketMs + levelMs, toMs);
    shares.push({ bucketMs, ms: endMs - atMs });
    atMs = endMs;
  }
  return shares;
}
