/** CostOptimization.spec: what a user writes. Descriptions become the CRD's and the reference documentation's. */
import { type Static, Type } from 'typebox';
import { ContainerPolicy } from './container-policy.ts';
import { ScalingSpec } from './scaling-spec.ts';
import { SpotSpec } from './spot-spec.ts';

export const OPTIMIZATION_TYPES = [
  'CPU',
  'MEMORY',
  'REPLICAS',
  'ALL',
  'SPOT_INSTANCES',
  'SCHEDULED_SCALING',
] as const;
export type OptimizationType = (typeof OPTIMIZATION_TYPES)[number];

/** From harmless to dangerous; compare by place in this list, never as texts. */
export const RISK_LEVELS = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

const TargetWorkload = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 253, description: 'Name of the workload.' }),
    kind: Type.Enum(['Deployment', 'StatefulSet', 'DaemonSet'], { description: 'Kind of the workload.' }),
    namespace: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 63,
        description:
          'Namespace of the workload; the namespace of the CostOptimization where absent. Another namespace is ' +
          'accepted only from users who may patch that workload there.',
      }),
    ),
  },
  {
    description: 'The workload to optimize. It cannot be changed: create another CostOptimization instead.',
    'x-kubernetes-validations': [
      {
        rule: 'self == oldSelf',
        message: 'is immutable; create another CostOptimization for another workload',
      },
    ],
  },
);

const ServiceLevel = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'Shown in messages.' })),
    promql: Type.String({ minLength: 1, description: 'A PromQL expression with one value.' }),
    max: Type.Number({ description: 'The value above which a change is rolled back.' }),
  },
  { description: 'A service level that a change must keep.' },
);
export type ServiceLevel = Static<typeof ServiceLevel>;

export const CostOptimizationSpec = Type.Object(
  {
    targetWorkload: TargetWorkload,
    optimizationType: Type.Enum([...OPTIMIZATION_TYPES], {
      description: 'What to optimize. `ALL` covers CPU, MEMORY and REPLICAS.',
    }),
    maxChangePercent: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        default: 50,
        description:
          'Largest change of each value in one apply, in percent of its present value. A larger recommendation is applied in steps.',
      }),
    ),
    minConfidence: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0.7,
        description: 'Lowest confidence at which a recommendation is applied.',
      }),
    ),
    dryRun: Type.Optional(
      Type.Boolean({ default: true, description: 'Show what would change; change nothing.' }),
    ),
    autoApply: Type.Optional(
      Type.Boolean({ default: false, description: 'Apply recommendations without asking.' }),
    ),
    rollbackOnFailure: Type.Optional(
      Type.Boolean({ default: true, description: 'Roll back by itself when a change does harm.' }),
    ),
    maxRiskLevel: Type.Optional(
      Type.Enum([...RISK_LEVELS], {
        default: 'MEDIUM',
        description: 'Highest risk at which a recommendation is applied.',
      }),
    ),
    metricsWindow: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]{0,3}[hd]$',
        default: '7d',
        description: 'How far back usage is read: `<n>h` or `<n>d`, from 1h to 90d.',
      }),
    ),
    schedule: Type.Optional(
      Type.String({
        minLength: 1,
        default: '0 */6 * * *',
        description:
          'Cron expression. Each tick analyses afresh and opens one opportunity to apply; creation and spec changes open one too.',
      }),
    ),
    timeZone: Type.Optional(
      Type.String({ description: 'IANA time zone of the schedule, e.g. `Asia/Seoul`; UTC where absent.' }),
    ),
    verificationWindow: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]{0,5}[smhd]$',
        default: '15m',
        description: 'How long a change is watched before its savings are booked.',
      }),
    ),
    slo: Type.Optional(
      Type.Array(ServiceLevel, { maxItems: 16, description: 'Service levels watched after a change.' }),
    ),
    containers: Type.Optional(
      Type.Array(ContainerPolicy, {
        maxItems: 64,
        description: 'Policies per container.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
    ),
    minReplicas: Type.Optional(
      Type.Integer({
        minimum: 1,
        default: 1,
        description:
          'Fewest replicas that a workload must have for its sizes to be changed, and that it is ever reduced to.',
      }),
    ),
    suspend: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Stop analysing and applying; what was applied stays and is still watched.',
      }),
    ),
    updateStrategy: Type.Optional(
      Type.Enum(['Auto', 'InPlace', 'Rollout'], {
        default: 'Auto',
        description:
          '`InPlace` resizes running pods and never touches the template; `Rollout` changes the template; `Auto` resizes in place where ' +
          'the cluster can and rolls out otherwise.',
      }),
    ),
    spot: Type.Optional(SpotSpec),
    scaling: Type.Optional(ScalingSpec),
    gitOps: Type.Optional(
      Type.Enum(['Respect', 'Override'], {
        default: 'Respect',
        description:
          '`Respect` never changes a workload that Argo CD or Flux manages: it shows a ready patch instead. `Override` changes it all the same.',
      }),
    ),
  },
  {
    description: 'What to optimize and how far to go.',
    'x-kubernetes-validations': [
      {
        rule: '!(self.autoApply && self.dryRun)',
        message:
          'autoApply and dryRun cannot both be true; set dryRun: false to apply, or autoApply: false to look',
      },
      {
        rule: "!(self.autoApply && self.maxRiskLevel in ['HIGH', 'CRITICAL'])",
        message: 'autoApply needs maxRiskLevel LOW or MEDIUM; riskier changes want an approval',
      },
      {
        rule: '!(self.autoApply && self.maxChangePercent > 80)',
        message: 'autoApply needs maxChangePercent of at most 80; larger changes are reached in steps',
      },
      {
        rule: "!(self.autoApply && self.optimizationType == 'SPOT_INSTANCES' && self.minConfidence < 0.8)",
        message: 'autoApply of SPOT_INSTANCES needs minConfidence of at least 0.8',
      },
      {
        rule: "!(self.autoApply && self.optimizationType == 'REPLICAS' && self.targetWorkload.kind == 'StatefulSet')",
        message:
          'replicas of a StatefulSet are never reduced without approval; set autoApply: false and approve the recommendation',
      },
      {
        rule: "!(self.targetWorkload.kind == 'DaemonSet' && self.optimizationType in ['REPLICAS', 'SCHEDULED_SCALING', 'SPOT_INSTANCES'])",
        message: 'a DaemonSet has no replicas to optimize; use CPU, MEMORY or ALL',
      },
    ],
  },
);
export type CostOptimizationSpec = Static<typeof CostOptimizationSpec>;
