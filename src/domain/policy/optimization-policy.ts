/** A CostOptimization's spec, read once: defaults filled in, texts parsed, the target resolved. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { ContainerPolicy } from '#apis/optimization.k8s.io/v1/container-policy.ts';
import {
  type OptimizationType,
  type RiskLevel,
  type ServiceLevel,
} from '#apis/optimization.k8s.io/v1/spec.ts';
import type { SpotSpec } from '#apis/optimization.k8s.io/v1/spot-spec.ts';
import { compareRisk } from '../rightsizing/risk.ts';
import { readScalingPolicy, type ScalingPolicy } from '../scheduled-scaling/scaling-policy.ts';
import { parseSchedule, type Schedule } from '../schedule/schedule.ts';
import { parseMetricsWindow, parseVerificationWindow } from '../units/duration.ts';
import type { WorkloadRef } from '../workload/workload-ref.ts';

export interface OptimizationPolicy {
  readonly target: WorkloadRef;
  readonly type: OptimizationType;
  readonly maxChangePercent: number;
  readonly minConfidence: number;
  readonly maxRiskLevel: RiskLevel;
  readonly dryRun: boolean;
  readonly autoApply: boolean;
  readonly rollbackOnFailure: boolean;
  readonly suspend: boolean;
  /** Fewest replicas for sizes to be changed, and to reduce to. */
  readonly minReplicas: number;
  readonly metricsWindowMs: number;
  readonly verificationWindowMs: number;
  readonly schedule: Schedule;
  readonly serviceLevels: readonly ServiceLevel[];
  readonly containers: readonly ContainerPolicy[];
  readonly updateStrategy: 'Auto' | 'InPlace' | 'Rollout';
  readonly respectGitOps: boolean;
  readonly spot: SpotPolicy;
  readonly scaling: ScalingPolicy;
}

/** How SPOT_INSTANCES moves a workload. */
export interface SpotPolicy {
  /** A count, or a percentage such as `20%`. */
  readonly minOnDemand: number | string;
  readonly maxInterruptionsPerDay: number;
  readonly nodeLabel: SpotSpec['nodeLabel'];
}

/** Defaults of the CRD, for objects that did not pass an API server. */
const DEFAULTS = {
  maxChangePercent: 50,
  minConfidence: 0.7,
  maxRiskLevel: 'MEDIUM',
  dryRun: true,
  autoApply: false,
  rollbackOnFailure: true,
  suspend: false,
  minReplicas: 1,
  metricsWindow: '7d',
  verificationWindow: '15m',
  schedule: '0 */6 * * *',
  updateStrategy: 'Auto',
  gitOps: 'Respect',
} as const;

const SPOT_DEFAULTS = { minOnDemand: '20%', maxInterruptionsPerDay: 3, nodeLabel: undefined } as const;

/** Throws KC_DURATION_INVALID, KC_SCHEDULE_INVALID or KC_WINDOW_INVALID, naming the field. */
export function readPolicy(optimization: CostOptimization): OptimizationPolicy {
  const spec = { ...DEFAULTS, ...optimization.spec };
  return {
    target: targetOf(optimization),
    type: spec.optimizationType,
    maxChangePercent: spec.maxChangePercent,
    minConfidence: spec.minConfidence,
    maxRiskLevel: spec.maxRiskLevel,
    dryRun: spec.dryRun,
    autoApply: spec.autoApply,
    rollbackOnFailure: spec.rollbackOnFailure,
    suspend: spec.suspend,
    minReplicas: spec.minReplicas,
    metricsWindowMs: parseMetricsWindow(spec.metricsWindow),
    verificationWindowMs: parseVerificationWindow(spec.verificationWindow),
    schedule: parseSchedule(spec.schedule, spec.timeZone),
    serviceLevels: spec.slo ?? [],
    containers: spec.containers ?? [],
    updateStrategy: spec.updateStrategy,
    respectGitOps: spec.gitOps === 'Respect',
    spot: { ...SPOT_DEFAULTS, ...spec.spot },
    scaling: readScalingPolicy(spec.scaling, spec.timeZone),
  };
}

/** The workload that a CostOptimization is about; its namespace is the CostOptimization's own by default. */
export function targetOf(optimization: CostOptimization): WorkloadRef {
  const { name, kind, namespace } = optimization.spec.targetWorkload;
  return { kind, name, namespace: namespace ?? optimization.metadata.namespace ?? 'default' };
}

/** True where `level` is at most `most`; levels compare by place, not as texts. */
export function withinRisk(level: RiskLevel, most: RiskLevel): boolean {
  return compareRisk(level, most) <= 0;
}

/** What an optimization type changes; two of one workload may not share any of it. */
export type Aspect = 'CPU' | 'MEMORY' | 'REPLICAS' | 'SPOT_INSTANCES' | 'SCHEDULED_SCALING';

/** `ALL` covers CPU, MEMORY and REPLICAS (replicas not for a DaemonSet); scheduled scaling owns replicas too. */
export function aspectsOf(type: OptimizationType, kind: WorkloadRef['kind']): readonly Aspect[] {
  if (type === 'ALL') return kind === 'DaemonSet' ? ['CPU', 'MEMORY'] : ['CPU', 'MEMORY', 'REPLICAS'];
  return type === 'SCHEDULED_SCALING' ? ['SCHEDULED_SCALING', 'REPLICAS'] : [type];
}

/** The aspects that both types change. */
export function sharedAspects(a: OptimizationType, b: OptimizationType, kind: WorkloadRef['kind']): Aspect[] {
  const others = aspectsOf(b, kind);
  return aspectsOf(a, kind).filter((aspect) => others.includes(aspect));
}
