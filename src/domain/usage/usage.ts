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
  /** How many pods were sampled in the step; NaN where the source did not look. */
  readonly pods: Float64Array;
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
  /** CPU used, in cores, averaged within a step. */
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
}

export interface UsageQuery {
  readonly workloads: readonly WorkloadRef[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/**
 * A history of usage. Answers every workload asked for, in order; one without data has no containers.
 * Rejects with KC_METRICS_UNAVAILABLE where the source cannot answer: that is unknown, not idle.
 */
export interface UsageSource {
  readonly name: string;
  usage(query: UsageQuery): Promise<readonly WorkloadUsage[]>;
}

/** Answers a PromQL expression with one number; undefined where it has no, or no finite, value. */
export interface SloSource {
  evaluate(promql: string, atMs: number): Promise<number | undefined>;
}
