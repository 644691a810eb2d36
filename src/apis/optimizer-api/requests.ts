/** What callers of the optimizer API send. */
import { type Static, Type } from 'typebox';
import { ContainerPolicy } from '../optimization.k8s.io/v1/container-policy.ts';
import { OPTIMIZATION_TYPES } from '../optimization.k8s.io/v1/spec.ts';
import { AskedRiskLevel, AskedType, FieldMapSchema, share } from './vocabulary.ts';

const closed = { additionalProperties: false } as const;
const name = Type.String({ minLength: 1, maxLength: 253 });

export const AnalyzeRequest = Type.Object(
  {
    cluster_filter: Type.Optional(Type.Union([Type.Array(name, { maxItems: 100 }), Type.Null()])),
    namespace_filter: Type.Optional(Type.Union([Type.Array(name, { maxItems: 1000 }), Type.Null()])),
    min_savings_threshold: Type.Optional(
      Type.Number({ minimum: -1e12, maximum: 1e12, default: 0, description: 'USD per month.' }),
    ),
    min_confidence: share('Lowest confidence.', 0.5),
    include_high_risk: Type.Optional(Type.Boolean({ default: false })),
  },
  { ...closed, description: 'Which workloads to sum up.' },
);
export type AnalyzeRequest = Static<typeof AnalyzeRequest>;

/** What the operator knows of a workload and this service does not. */
const OptimizeContext = Type.Object(
  {
    optimization_type: Type.Enum([...OPTIMIZATION_TYPES]),
    metrics_window: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,3}[hd]$', description: '1h to 90d.' })),
    max_change_percent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    present: Type.Optional(FieldMapSchema),
    replicas: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    floors: Type.Optional(FieldMapSchema),
    autoscaler: Type.Optional(Type.String({ maxLength: 253 })),
    containers: Type.Optional(Type.Array(ContainerPolicy, { maxItems: 64 })),
  },
  { ...closed, description: 'The policy of a CostOptimization and the sizes in force; sent by the operator.' },
); // prettier-ignore
export type OptimizeContext = Static<typeof OptimizeContext>;

export const OptimizeRequest = Type.Object(
  {
    min_confidence: share('Lowest confidence.', 0.6),
    max_risk_level: Type.Optional(AskedRiskLevel),
    optimization_types: Type.Optional(Type.Union([Type.Array(AskedType, { maxItems: 20 }), Type.Null()])),
    context: Type.Optional(OptimizeContext),
  },
  { ...closed, description: 'What to look for in one workload.' },
);
export type OptimizeRequest = Static<typeof OptimizeRequest>;

export const ApplyRequest = Type.Object(
  {
    dry_run: Type.Optional(Type.Boolean({ default: false, description: 'Change nothing.' })),
    auto_rollback_on_failure: Type.Optional(Type.Boolean({ default: true })),
    auto_rollback: Type.Optional(Type.Boolean({ description: 'The same under its older name.' })),
    validation_timeout_seconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 604_800, default: 300, description: 'How long it is watched.' }),
    ),
    wait_seconds: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 60, default: 0, description: 'How long to wait for the operator.' }),
    ),
  },
  { ...closed, description: 'How to apply.' },
); // prettier-ignore
export type ApplyRequest = Static<typeof ApplyRequest>;

export const ExportRequest = Type.Object(
  {
    namespace_filter: Type.Optional(Type.Union([Type.Array(name, { maxItems: 1000 }), Type.Null()])),
    min_savings_threshold: Type.Optional(Type.Number({ minimum: -1e12, maximum: 1e12, default: 0 })),
    min_confidence: share('Lowest confidence.', 0.5),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  },
  { ...closed, description: 'What to export.' },
);
export type ExportRequest = Static<typeof ExportRequest>;
