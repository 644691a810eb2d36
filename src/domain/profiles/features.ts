/** What the shape of a workload's activity says: level, variance, duty cycle, bursts, rhythm, share of accelerators. */
import { quantileOfSorted } from '#domain/statistics/order.ts';
import { type EvenSamples, evenly, type ProfileObservation } from './observation.ts';
import { dailyRhythmOf, periodicityOf, smoothedBy } from './rhythm.ts';

/** Absent where the samples do not tell. */
export interface ShapeFeatures {
  /** What the activity was read from. */
  readonly source: 'gpu utilisation' | 'cpu utilisation' | 'power';
  readonly knownSamples: number;
  readonly spanHours: number;
  /** Mean activity, 0–1; absent for watts whose idle and maximum are not known. */
  readonly level?: number;
  /** The activity that it exceeds for five samples, or half a percent of them; absent as above. */
  readonly peak?: number;
  /** Share of the time at work, 0–1. */
  readonly dutyCycle: number;
  /** Deviation over mean of the activity while at work. */
  readonly variation: number;
  /** Median length of a stretch of work. */
  readonly burstMinutes: number;
  /** Stretches of work per hour. */
  readonly burstsPerHour: number;
  /** Share of the time since it last worked, 0–1. */
  readonly endedShare: number;
  /** How much more alike hours a day apart are than those half a day apart, −1 to 1; absent below two days. */
  readonly dailyRhythm?: number;
  /** Deviation over mean of the half-hourly means: what a daily rhythm moves. */
  readonly slowVariation: number;
  /** Best autocorrelation of work and rest at a lag of up to a third of the time, −1 to 1. */
  readonly periodicity?: number;
  /** Watts of accelerators over all watts; 0 where there is none for sure; absent where not known. */
  readonly gpuShare?: number;
}

/** Fewer known samples have no shape. */
export const FEWEST_KNOWN = 10;
/** At work is above this share of the peak, */
const WORKING_SHARE = 0.25;
/** and above this activity. */
const LEAST_WORKING = 0.05;
/** Watts that vary less than this share of their peak say nothing of work and rest. */
const LEAST_POWER_SPREAD = 0.1;
/** Accelerators that do less do nothing. */
const BUSY_GPU = 0.02;
/** Of the watts of a workload that uses accelerators, where they are not measured. */
const ASSUMED_GPU_SHARE = 0.8;
const HOUR_MS = 3_600_000;

interface Activity {
  readonly source: ShapeFeatures['source'];
  /** NaN where unknown. */
  readonly values: Float64Array;
  /** Whether 1 means full use. */
  readonly absolute: boolean;
}

/** The features, or why there are none. */
export function featuresOf(observation: ProfileObservation): ShapeFeatures | { readonly unknown: string } {
  const samples = evenly(observation);
  const activity = activityOf(samples, observation);
  if ('unknown' in activity) return activity;
  const known = activity.values.filter(Number.isFinite).sort();
  if (known.length < FEWEST_KNOWN)
    return {
      unknown: `${known.length} of ${activity.values.length} samples are known, ${FEWEST_KNOWN} are needed`,
    };
  return shape(activity, samples, { known, gpuShare: gpuShareOf(samples, observation) });
}

function shape(
  { source, values, absolute }: Activity,
  { stepMs }: EvenSamples,
  { known, gpuShare }: { readonly known: Float64Array; readonly gpuShare: number | undefined },
): ShapeFeatures {
  const peak = quantileOfSorted(known, 1 - Math.max(5 / known.length, 0.005));
  const threshold = Math.max(absolute ? LEAST_WORKING : 0, WORKING_SHARE * peak);
  const working = values.map((value) => (Number.isNaN(value) ? Number.NaN : value > threshold ? 1 : 0));
  const bursts = burstsOf(working);
  const spanHours = (values.length * stepMs) / HOUR_MS;
  const slow = smoothedBy(values, Math.round((0.25 * HOUR_MS) / stepMs));
  const dailyRhythm = dailyRhythmOf(slow, Math.round((24 * HOUR_MS) / stepMs));
  const periodicity = periodicityOf(working);
  return {
    source,
    knownSamples: known.length,
    spanHours,
    ...(absolute ? { level: mean(known), peak } : {}),
    dutyCycle: mean(working.filter(Number.isFinite)),
    variation: variationOf(values.filter((value) => value > threshold)),
    slowVariation: variationOf(slow.filter(Number.isFinite)),
    burstMinutes: (quantileOfSorted(Float64Array.from(bursts).sort(), 0.5) * stepMs) / 60_000 || 0,
    burstsPerHour: bursts.length / spanHours,
    endedShare: 1 - (working.lastIndexOf(1) + 1) / working.length,
    ...(dailyRhythm === undefined ? {} : { dailyRhythm }),
    ...(periodicity === undefined ? {} : { periodicity }),
    ...(gpuShare === undefined ? {} : { gpuShare }),
  };
}

/** Of accelerators where they do anything, of the CPU where that is known, else of the watts. */
function activityOf(
  samples: EvenSamples,
  observation: ProfileObservation,
): Activity | { readonly unknown: string } {
  const gpu = samples.gpuUtilFraction;
  const cpu = samples.cpuUtilFraction;
  if (some(gpu, (value) => value > BUSY_GPU) || (some(gpu, Number.isFinite) && !some(cpu, Number.isFinite)))
    return { source: 'gpu utilisation', values: gpu, absolute: true };
  if (some(cpu, Number.isFinite)) return { source: 'cpu utilisation', values: cpu, absolute: true };
  if (some(samples.powerWatts, Number.isFinite)) return powerActivity(samples.powerWatts, observation);
  return { unknown: 'no sample has a known power or utilisation' };
}

function powerActivity(
  watts: Float64Array,
  { idlePowerWatts, maxPowerWatts }: ProfileObservation,
): Activity | { readonly unknown: string } {
  const known = watts.filter(Number.isFinite).sort();
  const absolute =
    idlePowerWatts !== undefined && maxPowerWatts !== undefined && maxPowerWatts > idlePowerWatts;
  const [least, most] = absolute
    ? [idlePowerWatts, maxPowerWatts]
    : [known[0] ?? 0, quantileOfSorted(known, 0.99)];
  if (!absolute && most - least < LEAST_POWER_SPREAD * most)
    return { unknown: 'the watts hardly change, and what the workload draws idle and at most is not known' };
  return {
    source: 'power',
    values: watts.map((value) => Math.max(0, (value - least) / (most - least))),
    absolute,
  };
}

function gpuShareOf(samples: EvenSamples, { gpusRequested }: ProfileObservation): number | undefined {
  const measured = meanKnown(samples.gpuPowerWatts) / meanKnown(samples.powerWatts);
  if (Number.isFinite(measured)) return Math.min(1, measured);
  if (some(samples.gpuUtilFraction, (value) => value > BUSY_GPU)) return ASSUMED_GPU_SHARE;
  if (gpusRequested !== undefined) return gpusRequested > 0 ? ASSUMED_GPU_SHARE : 0;
  return some(samples.gpuUtilFraction, Number.isFinite) ? 0 : undefined;
}

function meanKnown(values: Float64Array): number {
  return mean(values.filter(Number.isFinite));
}

/** Lengths in steps; an unknown step neither ends a stretch nor adds to it. */
function burstsOf(working: Float64Array): number[] {
  const lengths: number[] = [];
  let length = 0;
  for (const value of working) {
    if (value === 1) length++;
    if (value === 0 && length > 0) {
      lengths.push(length);
      length = 0;
    }
  }
  return length > 0 ? [...lengths, length] : lengths;
}

function variationOf(values: Float64Array): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return centre > 0 ? Math.sqrt(mean(values.map((value) => (value - centre) ** 2))) / centre : 0;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function some(values: Float64Array, holds: (value: number) => boolean): boolean {
  return values.some((value) => !Number.isNaN(value) && holds(value));
}
