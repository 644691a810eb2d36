/**
 * What a workload used, as decisions read it. Series lie on a regular grid; a step without a sample is NaN and
 * never zero. Sources (embedded collector, Prometheus) deliver exactly this shape.
 */
import type { WorkloadRef } from '../workload/workload-ref.ts';

/**
 * One quantity of one container name over the pods of a workload. Step `i` covers
 * (startMs + i·stepMs, startMs + (i+1)·stepMs]. The three arrays have the same length.
 */
export interface UsageSeries {
  readonly startMs: number;
  readonly stepMs: number;
  /** The highest value that any single pod reached in the step. */
  readonly max: Float64Array;
  /** The mean over the pods in the step. */
  readonly mean: Float64Array;
  /** How many pods were sampled in the step, the most at one time; NaN where the source did not look. */
  readonly pods: Float64Array;
  /** How many values the source gave that cannot be true (not finite, negative, absurd); each is left out. */
  readonly rejected?: number;
}

/** A container was killed for memory. */
export interface OomKill {
  readonly atMs: number;
  readonly pod: string;
  /** The memory limit it ran into, in bytes, where known. */
  readonly limitBytes?: number;
}

/** The usage of one container name. A quantity that the source does not know is undefined. */
export interface ContainerUsage {
  readonly container: string;
  /**
   * CPU used, in cores, averaged within a step. In a step longer than CPU_AVERAGING_MS, `max` is the highest
   * average over that time instead: a busy five minutes stay visible in a quiet hour.
   */
  readonly cpuCores?: UsageSeries;
  /** Memory working set, in bytes, the peak within a step. */
  readonly memoryBytes?: UsageSeries;
  /** Share of CFS periods in which the container was throttled, 0–1. */
  readonly throttledRatio?: UsageSeries;
  /** Container restarts seen in each step: `max` per pod, `mean` over pods. */
  readonly restarts?: UsageSeries;
  readonly oomKills: readonly OomKill[];
}

export interface WorkloadUsage {
  readonly workload: WorkloadRef;
  readonly fromMs: number;
  readonly toMs: number;
  readonly containers: readonly ContainerUsage[];
  /** Which source answered, e.g. `prometheus` or `embedded`. */
  readonly source: string;
  /** When the newest sample was taken; undefined where there is none. */
  readonly lastSampleAtMs: number | undefined;
  /** What the source said about this answer, e.g. that a part of it is missing. */
  readonly warnings?: readonly string[];
}

export interface UsageQuery {
  readonly workloads: readonly WorkloadRef[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/**
 * The longest time over which CPU is averaged before its peak is taken. Autopilot (EuroSys 2020) sizes on averages
 * over five minutes: shorter ones are noise that the scheduler absorbs, longer ones hide peaks.
 */
export const CPU_AVERAGING_MS = 300_000;

/**
 * A history of usage. Its grid begins at `fromMs` and has the whole steps that fit before `toMs`. Answers every workload asked for, in order; one without data has no containers.
 * Rejects with KC_METRICS_UNAVAILABLE where the source cannot answer: that is unknown, not idle.
 */
export interface UsageSource {
  readonly name: string;
  usage(query: UsageQuery): Promise<readonly WorkloadUsage[]>;
}

/** What a PromQL expression amounts to: one finite number, or why there is none. */
export type SloReading =
  | { readonly value: number; readonly reason?: undefined }
  | { readonly value?: undefined; readonly reason: string };

/**
 * Answers a PromQL expression with one number; undefined where it has no, or no finite, value. Rejects with
 * KC_METRICS_UNAVAILABLE where the source is down, with KC_PROMQL_INVALID where it refuses the expression.
 */
export interface SloSource {
  evaluate(promql: string, atMs: number): Promise<number | undefined>;
  /** The same, with the reason where there is no number. */
  read?(promql: string, atMs: number): Promise<SloReading>;
}
