/** The settings of one loop, whole: what is optimized, how, and by what it ends. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { OptimizationType } from '#apis/optimization.k8s.io/v1/spec.ts';
import type { HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';
import type { WorkloadKind, WorkloadRef } from '#domain/workload/workload-ref.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import { type Placed, placed } from '../stage/stage.ts';

export interface Scenario {
  readonly kind: WorkloadKind;
  readonly type: OptimizationType;
  readonly strategy: 'InPlace' | 'Rollout' | 'Auto';
  readonly scaled: boolean;
  /** A person asks for the rollback, or memory runs out. */
  readonly ending: 'by hand' | 'out of memory';
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
const TYPES = ['CPU', 'MEMORY', 'REPLICAS', 'ALL'] as const;
const STRATEGIES = ['InPlace', 'Rollout', 'Auto'] as const;

/** Every combination that makes sense. */
export const SCENARIOS: readonly Scenario[] = KINDS.flatMap((kind) =>
  TYPES.flatMap((type) =>
    STRATEGIES.flatMap((strategy) =>
      [false, true].flatMap((scaled) =>
        (['by hand', 'out of memory'] as const).map((ending) => ({ kind, type, strategy, scaled, ending })),
      ),
    ),
  ),
).filter(makesSense);

function makesSense({ kind, type, strategy, scaled, ending }: Scenario): boolean {
  if (kind === 'DaemonSet' && (scaled || type === 'REPLICAS')) return false;
  // Replicas of a StatefulSet want an approval each time; those under an autoscaler are its own.
  if (type === 'REPLICAS' && (kind === 'StatefulSet' || scaled || strategy !== 'Auto')) return false;
  return ending === 'by hand' || type === 'MEMORY' || type === 'ALL';
}

export function describeScenario({ kind, type, strategy, scaled, ending }: Scenario): string {
  return `${type} of a ${kind}${scaled ? ' with autoscaler' : ''}, ${strategy}, ends ${ending}`;
}

export const TARGET = { namespace: 'default', name: 'web' } as const;

export function targetOf({ kind }: Scenario): WorkloadRef {
  return { ...TARGET, kind };
}

/** Demand without noise or season, so that a run that is some seconds late sees the same. */
function usageOf({ ending }: Scenario): string {
  const surge = ending === 'out of memory' ? { steps: [{ after: '150m', factor: 12, for: '5m' }] } : {};
  return JSON.stringify({
    cpu: { coresPerPod: 0.2, noise: 0, skew: 0 },
    memory: { base: '150Mi', perCore: '400Mi', noise: 0 },
    load: { ...surge },
  });
}

export function workloadOf(scenario: Scenario): readonly Placed[] {
  const { kind, scaled } = scenario;
  const { name } = TARGET;
  const metadata = { ...TARGET, labels: { app: name } };
  const resources = { requests: { cpu: '1500m', memory: '2Gi' }, limits: { cpu: '3', memory: '3Gi' } };
  const template = {
    metadata: { labels: { app: name }, annotations: { 'playground.kcloud.io/usage': usageOf(scenario) } },
    spec: { containers: [{ name: 'app', image: 'nginx:1.27', resources }], terminationGracePeriodSeconds: 2 },
  };
  const spec = { selector: { matchLabels: { app: name } }, template };
  const replicas = scenario.type === 'REPLICAS' || scenario.type === 'ALL' ? 6 : 3;
  const made = {
    Deployment: placed(DEPLOYMENTS, { metadata, spec: { ...spec, replicas } }),
    StatefulSet: placed(STATEFUL_SETS, { metadata, spec: { ...spec, replicas, serviceName: name } }),
    DaemonSet: placed(DAEMON_SETS, { metadata, spec }),
  }[kind];
  return scaled ? [made, placed(HORIZONTAL_POD_AUTOSCALERS, autoscaler(kind))] : [made];
}

function autoscaler(kind: WorkloadKind): HorizontalPodAutoscaler {
  const target = { type: 'Utilization', averageUtilization: 50 };
  return {
    metadata: { namespace: TARGET.namespace, name: `${TARGET.name}-hpa` },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind, name: TARGET.name },
      minReplicas: 3,
      maxReplicas: 6,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  };
}

export function optimizationOf({ kind, type, strategy }: Scenario): CostOptimization {
  return {
    metadata: { ...TARGET },
    spec: {
      targetWorkload: { kind, name: TARGET.name },
      optimizationType: type,
      dryRun: false,
      autoApply: true,
      maxChangePercent: 30,
      minConfidence: 0.2,
      schedule: '*/30 * * * *',
      verificationWindow: '5m',
      updateStrategy: strategy,
    },
  };
}
