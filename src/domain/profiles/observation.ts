/** What is seen of a workload, and the evenly spaced activity that features are read from. */

export interface ProfileSample {
  /** When it was taken; all samples have it or none. */
  readonly atMs?: number;
  /** Of the whole workload. */
  readonly powerWatts?: number;
  /** Of its accelerators alone. */
  readonly gpuPowerWatts?: number;
  /** CPU used over CPU requested or present, mostly 0–1. */
  readonly cpuUtilFraction?: number;
  /** 0–1. */
  readonly gpuUtilFraction?: number;
}

export interface ProfileObservation {
  /** Oldest first, or with times. Unknown values are absent or NaN. */
  readonly samples: readonly ProfileSample[];
  /** Between samples without times; default one minute. */
  readonly stepMs?: number;
  /** What the workload draws when it does nothing and at most, where known: they give watts a meaning. */
  readonly idlePowerWatts?: number;
  readonly maxPowerWatts?: number;
  /** Names of namespace, workload, pod and container. */
  readonly names?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly command?: readonly string[];
  /** Whether it requests accelerators; found from the samples when not given. */
  readonly gpusRequested?: number;
  /** The kind of its owner, such as `Job` or `Deployment`. */
  readonly ownerKind?: string;
}

/** Two weeks of minutes; of more, the latest are used. */
export const MOST_SAMPLES = 20_160;
export const DEFAULT_STEP_MS = 60_000;

/** Evenly spaced, NaN where unknown. */
export interface EvenSamples {
  readonly stepMs: number;
  readonly powerWatts: Float64Array;
  readonly gpuPowerWatts: Float64Array;
  readonly cpuUtilFraction: Float64Array;
  readonly gpuUtilFraction: Float64Array;
}

type Quantity = Exclude<keyof ProfileSample, 'atMs'>;

/** Puts samples on an even grid: as they come, or in bins of their usual distance where they have times. */
export function evenly({ samples, stepMs = DEFAULT_STEP_MS }: ProfileObservation): EvenSamples {
  const timed = samples.flatMap((sample): Timed[] =>
    sample.atMs !== undefined && Number.isFinite(sample.atMs) ? [{ ...sample, atMs: sample.atMs }] : [],
  );
  if (timed.length === 0 || timed.length < samples.length)
    return columns(samples.slice(-MOST_SAMPLES), stepMs);
  const sorted = timed.sort((a, b) => a.atMs - b.atMs).slice(-MOST_SAMPLES);
  const step = usualStep(sorted) ?? stepMs;
  return columns(binned(sorted, step), step);
}

type Timed = ProfileSample & { readonly atMs: number };

/** The latest sample of each bin; bins without one are unknown. */
function binned(sorted: readonly Timed[], stepMs: number): ProfileSample[] {
  const [earliest, last] = [sorted[0]?.atMs ?? 0, sorted.at(-1)?.atMs ?? 0];
  const first = Math.max(earliest, last - (MOST_SAMPLES - 1) * stepMs);
  const bins = Array.from({ length: Math.round((last - first) / stepMs) + 1 }, (): ProfileSample => ({}));
  for (const sample of sorted) {
    const bin = Math.round((sample.atMs - first) / stepMs);
    if (bin >= 0) bins[bin] = sample;
  }
  return bins;
}

/** The median distance of neighbours; undefined where all have one time. */
function usualStep(sorted: readonly Timed[]): number | undefined {
  const distances = sorted.slice(1).map(({ atMs }, index) => atMs - (sorted[index]?.atMs ?? atMs));
  const positive = distances.filter((distance) => distance > 0).sort((a, b) => a - b);
  return positive[Math.floor(positive.length / 2)];
}

function columns(samples: readonly ProfileSample[], stepMs: number): EvenSamples {
  const column = (quantity: Quantity): Float64Array =>
    Float64Array.from(samples, (sample) => {
      const value = sample[quantity];
      return value !== undefined && Number.isFinite(value) && value >= 0 ? value : Number.NaN;
    });
  return {
    stepMs,
    powerWatts: column('powerWatts'),
    gpuPowerWatts: column('gpuPowerWatts'),
    cpuUtilFraction: column('cpuUtilFraction'),
    gpuUtilFraction: column('gpuUtilFraction'),
  };
}
