/** Which count a plan asks for at an instant, and when that changes next. */
import { MINUTE_MS } from '../units/duration.ts';
import { minuteAtOffset, offsetChange, offsetMs, WEEK_MINUTES } from './local-time.ts';
import { type ScalingPlan, weekSegments, type WeekSegment } from './plan.ts';

/** The count at an instant; undefined where the workload's own holds. */
export function countAt(plan: ScalingPlan, atMs: number): number | undefined {
  const minute = minuteAtOffset(atMs, offsetMs(plan.timeZone, atMs));
  return segmentAt(weekSegments(plan), minute)?.replicas;
}

function segmentAt(segments: readonly WeekSegment[], minute: number): WeekSegment | undefined {
  return segments.find(({ from, to }) => from <= minute && minute < to);
}

/** A change of daylight saving moves boundaries at most this often on the way to the next one. */
const MOST_HOPS = 20;

/** The first instant after `atMs` at which the count is another; undefined for a plan that never changes. */
export function nextChange(plan: ScalingPlan, atMs: number): number | undefined {
  const segments = weekSegments(plan);
  if (segments.length <= 1) return undefined;
  const present = countAt(plan, atMs);
  let fromMs = atMs;
  for (let hop = 0; hop < MOST_HOPS; hop += 1) {
    const boundaryMs = nextBoundary(plan.timeZone, segments, fromMs);
    // Where the clocks change before it, the boundary comes earlier or later: look afresh from there.
    fromMs = offsetChange(plan.timeZone, fromMs, boundaryMs) ?? boundaryMs;
    if (countAt(plan, fromMs) !== present) return fromMs;
  }
  return undefined;
}

/** The end of the segment that holds `fromMs`, were the clocks not to change. */
function nextBoundary(timeZone: string, segments: readonly WeekSegment[], fromMs: number): number {
  const minute = minuteAtOffset(fromMs, offsetMs(timeZone, fromMs));
  const end = segmentAt(segments, minute)?.to ?? WEEK_MINUTES;
  return Math.round(fromMs + (end - minute) * MINUTE_MS);
}
