/**
 * Which replica count each half-hour of the local week needs, from a history of usage. Workdays are compared with
 * workdays and weekends with weekends; within a class the needs of its days are pooled robustly, since one holiday or
 * one incident must not shape every week.
 */
import { quantileOfSorted, sortedFinite } from '../statistics/order.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { DAY_MS, MINUTE_MS } from '../units/duration.ts';
import { minuteAtOffset, offsetChange, offsetMs } from './local-time.ts';
import { DAY_MINUTES } from './plan.ts';

export const SLOT_MINUTES = 30;
export const DAY_SLOTS = DAY_MINUTES / SLOT_MINUTES;

/** One local day of demand: the highest total of each half-hour, in cores; NaN where half of it was not seen. */
export interface DemandDay {
  /** Days since the epoch of the local date. */
  readonly date: number;
  readonly isWeekend: boolean;
  readonly slots: Float64Array;
  /** Share of the half-hours that are known, 0–1. */
  readonly coverage: number;
}

interface SlotSums {
  readonly highest: Float64Array;
  readonly known: Float64Array;
}

/** Cuts a series of total demand into local days, oldest first. Both hours of a repeated one fall into its slot. */
export function demandDays(total: UsageSeries, timeZone: string): DemandDay[] {
  const days = new Map<number, SlotSums>();
  const offsetAt = offsetsFrom(timeZone, total.startMs);
  for (let step = 0; step < total.max.length; step += 1) {
    // The middle of the step: its end may belong to the next slot.
    const atMs = total.startMs + (step + 0.5) * total.stepMs;
    const value = total.max[step] ?? Number.NaN;
    if (Number.isFinite(value)) addSample(days, atMs + offsetAt(atMs), value);
  }
  const enough = (SLOT_MINUTES * MINUTE_MS) / total.stepMs / 2;
  return [...days.entries()].sort(([a], [b]) => a - b).map(([date, sums]) => dayOf(date, sums, enough));
}

/** Offsets of ever later times; the zone is asked once a day, and to the second where its clocks change within it. */
function offsetsFrom(timeZone: string, startMs: number): (atMs: number) => number {
  let day = { untilMs: startMs, changeMs: Infinity, before: offsetMs(timeZone, startMs), after: Number.NaN };
  return (atMs) => {
    while (atMs >= day.untilMs) {
      const untilMs = day.untilMs + DAY_MS;
      const before = offsetMs(timeZone, day.untilMs);
      const changeMs = offsetChange(timeZone, day.untilMs, untilMs) ?? Infinity;
      day = { untilMs, changeMs, before, after: offsetMs(timeZone, untilMs) };
    }
    return atMs < day.changeMs ? day.before : day.after;
  };
}

function addSample(days: Map<number, SlotSums>, localMs: number, value: number): void {
  const date = Math.floor(localMs / DAY_MS);
  const sums = days.get(date) ?? {
    highest: new Float64Array(DAY_SLOTS).fill(Number.NaN),
    known: new Float64Array(DAY_SLOTS),
  };
  days.set(date, sums);
  const slot = Math.floor((localMs - date * DAY_MS) / (SLOT_MINUTES * MINUTE_MS));
  const highest = sums.highest[slot] ?? Number.NaN;
  sums.highest[slot] = highest >= value ? highest : value;
  sums.known[slot] = (sums.known[slot] ?? 0) + 1;
}

function dayOf(date: number, { highest, known }: SlotSums, enough: number): DemandDay {
  const slots = highest.map((value, slot) => ((known[slot] ?? 0) >= enough ? value : Number.NaN));
  const seen = slots.filter((value) => Number.isFinite(value)).length;
  const weekday = Math.floor(minuteAtOffset(date * DAY_MS, 0) / DAY_MINUTES);
  return { date, isWeekend: weekday >= 5, slots, coverage: seen / DAY_SLOTS };
}

/** With fewer days the highest counts, with more the second highest of ten: one odd day in ten is let go. */
const ROBUST_SHARE = 0.9;
const FEW_DAYS = 5;

/**
 * The demand that each half-hour of such a day must be ready for: pooled over the days, and the highest of the
 * half-hours just before and after, so that pods are up before they are needed and days may shift a little.
 */
export function profileOf(days: readonly DemandDay[]): Float64Array {
  const pooled = Float64Array.from({ length: DAY_SLOTS }, (_, slot) => {
    const known = sortedFinite(Float64Array.from(days, (day) => day.slots[slot] ?? Number.NaN));
    if (known.length === 0) return Number.NaN;
    return quantileOfSorted(known, known.length < FEW_DAYS ? 1 : ROBUST_SHARE);
  });
  return pooled.map((_, slot) => {
    const around = [slot - 1, slot, slot + 1].map(
      (place) => pooled[(place + DAY_SLOTS) % DAY_SLOTS] ?? Number.NaN,
    );
    return around.some((value) => Number.isNaN(value)) ? Number.NaN : Math.max(...around);
  });
}
