/**
 * The load of a workload over time: a product of season, trend, bursts, steps and trace, with a mean near 1.
 * A pure function of time, so that the past can be asked for as well as the future.
 */
import { DAY_MS, HOUR_MS, parseDuration } from '#domain/units/duration.ts';
import { KcError } from '#errors/kc-error.ts';
import { hashText } from '#platform/random.ts';
import type { TraceLibrary } from '../../traces/trace-library.ts';
import { sampleSeries } from '../../traces/trace.ts';
import { unitHash } from './noise.ts';
import type { LoadProfile } from './usage-schema.ts';

/** One factor of the load, and the most it can be at any time up to `untilMs`. */
export interface LoadFactor {
  at(atMs: number): number;
  most(untilMs: number): number;
}

export interface LoadOptions {
  /** Names the workload: workloads differ in when their bursts come. */
  readonly seed: string;
  /** When the workload was created; steps and trends count from here. */
  readonly originMs: number;
  readonly traces: TraceLibrary;
}

export function compileLoad(profile: LoadProfile, options: LoadOptions): LoadFactor {
  const factors = [
    profile.daily && daily(profile.daily),
    profile.weekend === undefined ? undefined : weekend(profile.weekend),
    profile.trendPerDay === undefined ? undefined : trend(profile.trendPerDay, options.originMs),
    profile.bursts && bursts(profile.bursts, hashText(`${options.seed}/bursts`)),
    profile.window && dailyWindow(profile.window),
    profile.trace === undefined ? undefined : replay(profile.trace, options.traces),
    ...(profile.steps ?? []).map((step) => stepFactor(step, options)),
  ].filter((factor) => factor !== undefined);
  return {
    at: (atMs) => factors.reduce((product, factor) => product * factor.at(atMs), 1),
    most: (untilMs) => factors.reduce((product, factor) => product * factor.most(untilMs), 1),
  };
}

function hourOf(atMs: number): number {
  return (atMs % DAY_MS) / HOUR_MS;
}

function daily({ amplitude, peakHour }: NonNullable<LoadProfile['daily']>): LoadFactor {
  return {
    at: (atMs) => 1 + amplitude * Math.cos(((hourOf(atMs) - peakHour) / 12) * Math.PI),
    most: () => 1 + amplitude,
  };
}

function weekend(factor: number): LoadFactor {
  // Day 0 of the epoch was a Thursday: days 2 and 3 of each seven are the weekend.
  const isWeekend = (atMs: number): boolean => [2, 3].includes(Math.floor(atMs / DAY_MS) % 7);
  return { at: (atMs) => (isWeekend(atMs) ? factor : 1), most: () => Math.max(1, factor) };
}

function trend(perDay: number, originMs: number): LoadFactor {
  const at = (atMs: number): number => Math.max(0, 1 + (perDay * (atMs - originMs)) / DAY_MS);
  return { at, most: (untilMs) => (perDay > 0 ? at(untilMs) : Infinity) };
}

/** Time is cut into slots with one burst each, somewhere in its slot; a burst may reach into the next slot. */
function bursts(profile: NonNullable<LoadProfile['bursts']>, seed: number): LoadFactor {
  const slotMs = DAY_MS / profile.perDay;
  const lengthMs = Math.min(profile.minutes * 60_000, slotMs);
  const strength = (slot: number, atMs: number): number => {
    const beginMs = (slot + unitHash(seed, slot * 2)) * slotMs;
    if (atMs < beginMs || atMs >= beginMs + lengthMs) return 1;
    return profile.factor * (2 / 3 + (2 / 3) * unitHash(seed, slot * 2 + 1));
  };
  return {
    at: (atMs) => {
      const slot = Math.floor(atMs / slotMs);
      return Math.max(strength(slot, atMs), strength(slot - 1, atMs));
    },
    most: () => Math.max(1, (profile.factor * 4) / 3),
  };
}

function dailyWindow({ fromHour, hours, idle = 0 }: NonNullable<LoadProfile['window']>): LoadFactor {
  return {
    at: (atMs) => ((hourOf(atMs) - fromHour + 24) % 24 < hours ? 1 : idle),
    most: () => 1,
  };
}

function replay(name: string, traces: TraceLibrary): LoadFactor {
  const { cpu, stepMs } = traces.get(name);
  const peak = cpu.reduce((most, value) => Math.max(most, value), 0);
  return { at: (atMs) => sampleSeries(cpu, stepMs, atMs), most: () => peak };
}

function stepFactor(step: NonNullable<LoadProfile['steps']>[number], options: LoadOptions): LoadFactor {
  const fromMs = stepStart(step, options);
  const untilMs = step.for === undefined ? Infinity : fromMs + durationOf(step.for, 'load.steps.for');
  return {
    at: (atMs) => (atMs >= fromMs && atMs < untilMs ? step.factor : 1),
    most: (limitMs) => (limitMs >= fromMs ? Math.max(1, step.factor) : 1),
  };
}

function stepStart(step: NonNullable<LoadProfile['steps']>[number], options: LoadOptions): number {
  if (step.at === undefined) return options.originMs + durationOf(step.after ?? '0s', 'load.steps.after');
  const atMs = Date.parse(step.at);
  if (!Number.isNaN(atMs)) return atMs;
  const problem = `"${step.at}" is not an RFC 3339 time`;
  throw new KcError('KC_USAGE_PROFILE_INVALID', { object: options.seed, field: 'load.steps.at', problem });
}

function durationOf(text: string, field: string): number {
  return parseDuration(text, { field, minMs: 0, maxMs: 3650 * DAY_MS });
}
