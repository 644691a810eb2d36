/** What an analysis came to, whole: enough for the operator to decide as if it had analysed by itself. */
import { type Static, Type } from 'typebox';
import { OPTIMIZATION_TYPES } from '../optimization.k8s.io/v1/spec.ts';
import {
  FieldMapSchema,
  nullable,
  numberOrNull,
  RecommendationTypeSchema,
  RiskLevelSchema,
  text,
  time,
} from './vocabulary.ts';
import { RecommendationSchema } from './recommendation.ts';
import { WorkloadMetricsSchema, WorkloadSchema } from './workload.ts';

const DataQuality = Type.Object({
  samples: Type.Integer(),
  coverage: Type.Number({ description: 'Share of the steps that have a sample, 0–1.' }),
  age_seconds: nullable(Type.Integer()),
  history_seconds: nullable(Type.Integer()),
  source: Type.String(),
});

const Evidence = Type.Object({
  name: Type.String(),
  value: Type.Optional(Type.String()),
  source: Type.Optional(Type.String()),
  age_seconds: Type.Optional(Type.Integer()),
});

const Alternative = Type.Object({ action: Type.String(), verdict: Type.String(), why: Type.String() });

/** How sure one can be of a step, and what it may cost. */
const StepAssessment = Type.Object({
  fields: FieldMapSchema,
  confidence_score: Type.Number(),
  risk_level: RiskLevelSchema,
  risk_factors: Type.Array(Type.String()),
});

const shared = {
  optimization_type: Type.Enum([...OPTIMIZATION_TYPES], { description: 'What was looked at.' }),
  data_quality: DataQuality,
  inputs: Type.Array(Evidence, { description: 'What it was based on, with sources and ages.' }),
  alternatives: Type.Array(Alternative, { description: 'What else was weighed, and why not.' }),
  throttled_ratio: numberOrNull('Share of CPU periods throttled lately, 0–1.'),
} as const;

export const AnalysisSchema = Type.Union(
  [
    Type.Object({
      ...shared,
      outcome: Type.Literal('wanted'),
      type: RecommendationTypeSchema,
      wanted: FieldMapSchema,
      reasons: Type.Array(Type.String()),
      assessments: Type.Array(StepAssessment, {
        description: 'Of the way to what is wanted: its end, and the first step where max_change_percent was given.',
      }), // prettier-ignore
    }),
    Type.Object({ ...shared, outcome: Type.Literal('nothing'), message: Type.String() }),
    Type.Object({
      ...shared,
      outcome: Type.Literal('unknown'),
      reason: Type.String(),
      message: Type.String(),
    }),
  ],
  { description: 'What one look at a workload came to: a wish, contentment, or why the data does not tell.' },
);
export type AnalysisAnswer = Static<typeof AnalysisSchema>;

export const OptimizeAnswer = Type.Object({
  workload: WorkloadSchema,
  metrics: WorkloadMetricsSchema,
  recommendations: Type.Array(RecommendationSchema),
  total_potential_savings: numberOrNull('USD per month of those that go together.'),
  analyses: Type.Array(AnalysisSchema),
  analysis_timestamp: time('When usage was read.'),
  unknown: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type OptimizeAnswer = Static<typeof OptimizeAnswer>;

const ClusterCostSummary = Type.Object({
  cluster_name: text('As configured.'),
  provider: nullable(Type.String()),
  workload_count: Type.Integer(),
  current_monthly_cost: numberOrNull('USD per month.'),
  optimized_monthly_cost: numberOrNull('USD per month.'),
  potential_monthly_savings: numberOrNull('USD per month.'),
  savings_percentage: numberOrNull('In percent of the present cost.'),
  recommendation_count: Type.Integer(),
});

export const CostSummary = Type.Object({
  total_workloads: Type.Integer({ description: 'Workloads that were looked at.' }),
  unknown_workloads: Type.Integer({ description: 'Those of which the data does not tell.' }),
  total_current_monthly_cost: numberOrNull('Of the workloads with a known cost, USD per month.'),
  total_optimized_monthly_cost: numberOrNull('USD per month.'),
  total_potential_monthly_savings: numberOrNull('USD per month of those that go together.'),
  total_potential_yearly_savings: numberOrNull('USD per year.'),
  overall_savings_percentage: numberOrNull('In percent of the present cost.'),
  clusters: Type.Array(ClusterCostSummary),
  top_recommendations: Type.Array(RecommendationSchema, { description: 'The ten that save most.' }),
  by_optimization_type: Type.Record(Type.String(), Type.Number(), {
    description: 'USD per month by type; types that exclude each other are not added up in the totals.',
  }),
  analysis_timestamp: time('When usage was read.'),
  unknown: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type CostSummary = Static<typeof CostSummary>;
