/** What an analysis of a workload's usage comes to, before it is turned into a step. */
import type { RiskLevel } from '#apis/optimization.k8s.io/v1/spec.ts';
import type { Alternative, DataQuality, Evidence } from '#apis/optimization.k8s.io/v1/status.ts';
import type { FieldMap } from '../change/field.ts';

/** The names of the optimizer API. */
export type RecommendationType =
  | 'right_size_cpu'
  | 'right_size_memory'
  | 'reduce_replicas'
  | 'increase_replicas'
  | 'spot_migration'
  | 'scheduled_scaling'
  | 'delete_unused';

export interface AnalysisRecord {
  readonly atMs: number;
  readonly quality: DataQuality;
  /** What the analysis looked at, with sources and ages. */
  readonly inputs: readonly Evidence[];
  readonly alternatives: readonly Alternative[];
  /** Share of CPU periods throttled lately, 0–1; undefined where not known. */
  readonly throttledRatio: number | undefined;
}

/** How sure one can be of a step, and what it may cost. */
export interface Assessment {
  /** Estimated probability that the promise holds, 0–1. */
  readonly confidence: number;
  readonly risk: RiskLevel;
  /** The points behind the level (see rightsizing/risk.ts), where it was counted in points. */
  readonly riskPoints?: number;
  /** What makes it risky, heaviest first. */
  readonly riskFactors: readonly string[];
}

/** `wanted`: these sizes would be better. `nothing`: all is well as it is. `unknown`: the data does not tell. */
export type Analysis =
  | (AnalysisRecord & {
      readonly outcome: 'wanted';
      readonly type: RecommendationType;
      readonly wanted: FieldMap;
      readonly reasons: readonly string[];
      /** The next step, where the change is no plain amount that can be capped by itself. */
      readonly step?: FieldMap;
      /** USD per month with these fields, where that is not the price of sizes and replicas. */
      readonly monthlyUsdOf?: (fields: FieldMap) => number;
      /** Judges any step on the way to what is wanted. */
      readonly assess: (step: FieldMap) => Assessment;
    })
  | (AnalysisRecord & { readonly outcome: 'nothing'; readonly message: string })
  | (AnalysisRecord & { readonly outcome: 'unknown'; readonly reason: string; readonly message: string });
