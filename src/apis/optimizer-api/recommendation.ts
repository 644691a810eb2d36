/** Recommendations with their costs, risks and ways back, as the optimizer API answers. */
import { type Static, Type } from 'typebox';
import {
  FieldMapSchema,
  nullable,
  numberOrNull,
  RecommendationTypeSchema,
  RiskLevelSchema,
  text,
  time,
  UnknownReasons,
} from './vocabulary.ts';

const CostBreakdown = Type.Object({
  compute: numberOrNull('CPU and GPUs, USD per month.'),
  memory: numberOrNull('Memory, USD per month.'),
  storage: numberOrNull('Volumes, USD per month.'),
  network: numberOrNull('Traffic, USD per month.'),
  total: numberOrNull('Sum of what is known, USD per month.'),
  unknown: UnknownReasons,
});

export const CostEstimateSchema = Type.Object(
  {
    hourly: numberOrNull('USD per hour.'),
    daily: numberOrNull('USD per day.'),
    monthly: numberOrNull('USD per month of 730 hours.'),
    yearly: numberOrNull('USD per year of 8,760 hours.'),
    breakdown: CostBreakdown,
    price_source: text('node-price-list, configured or default.'),
    unknown: UnknownReasons,
  },
  { description: 'What the pods of a workload reserve, at the prices of their nodes.' },
);
export type CostEstimate = Static<typeof CostEstimateSchema>;

const RiskAssessment = Type.Object({
  level: RiskLevelSchema,
  score: Type.Number({ description: '0–1: below 0.5 LOW, below 0.7 MEDIUM, below 0.9 HIGH, else CRITICAL.' }),
  factors: Type.Array(Type.String(), { description: 'What makes it risky, heaviest first.' }),
  mitigation_steps: Type.Array(Type.String(), { description: 'What keeps the risk small.' }),
});

export const RollbackPlanSchema = Type.Object({
  steps: Type.Array(Type.String()),
  estimated_time_minutes: numberOrNull('How long it takes.'),
  automation_available: Type.Boolean({ description: 'Whether the operator does it by itself.' }),
  unknown: UnknownReasons,
});

const Config = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
  description: 'cpu_request, memory_request, cpu_limit, memory_limit, replicas; with the container’s name before each where there are several.',
}); // prettier-ignore

export const RecommendationSchema = Type.Object(
  {
    id: text('Names this very recommendation: another finding has another id.'),
    workload_id: text('The workload.'),
    workload_name: text('Its name.'),
    workload_kind: text('Its kind.'),
    cluster_name: text('Its cluster.'),
    namespace: text('Its namespace.'),
    optimization_type: RecommendationTypeSchema,
    title: text('In a few words.'),
    description: text('Why.'),
    current_config: Config,
    recommended_config: Config,
    changes: FieldMapSchema,
    current_cost: CostEstimateSchema,
    optimized_cost: CostEstimateSchema,
    monthly_savings: numberOrNull('USD per month; negative where safety costs more.'),
    yearly_savings: numberOrNull('USD per year.'),
    savings_percentage: numberOrNull('In percent of the present cost.'),
    confidence_score: Type.Number({
      description: 'Estimated probability that the promise holds, 0–1.',
    }),
    risk_assessment: RiskAssessment,
    rollback_plan: RollbackPlanSchema,
    dependencies: Type.Array(Type.String(), { description: 'What else it touches or waits for.' }),
    implementation_complexity: Type.Enum(['low', 'medium', 'high']),
    estimated_implementation_time: text('What it takes.'),
    status: Type.Enum(['pending', 'applying', 'applied', 'rolled_back', 'failed'], {
      description: 'How the CostOptimization that carries it out stands.',
    }),
    created_at: time('When it was found.'),
    unknown: UnknownReasons,
  },
  { description: 'Something to change about a workload.' },
);
export type RecommendationAnswer = Static<typeof RecommendationSchema>;

export const RecommendationsAnswer = Type.Object({
  recommendations: Type.Array(RecommendationSchema),
  count: Type.Integer({ description: 'How many are listed.' }),
  total_count: Type.Integer({ description: 'How many there are.' }),
  unknown_workloads: Type.Integer({ description: 'Workloads of which the data does not tell.' }),
  analysis_timestamp: time('When usage was read.'),
});

export const ApplyAnswer = Type.Object({
  recommendation_id: text('As asked.'),
  status: Type.Enum(['dry_run_success', 'accepted', 'applying', 'applied'], {
    description: 'How far it has come: accepted means that the operator has not begun yet.',
  }),
  message: text('The same in a sentence.'),
  applied_at: nullable(Type.String({ format: 'date-time' })),
  rollback_plan: RollbackPlanSchema,
  cost_optimization: Type.Object(
    { namespace: Type.String(), name: Type.String() },
    { description: 'The object that carries it out, watches it and undoes it.' },
  ),
});
export type ApplyAnswer = Static<typeof ApplyAnswer>;
