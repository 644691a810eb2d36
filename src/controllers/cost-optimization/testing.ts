/** Observations for tests: a calm workload, changed where a case needs it. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { FINALIZER } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { DEFAULT_BUDGET } from '#domain/arbiter/arbiter.ts';
import type { FieldMap } from '#domain/change/field.ts';
import { DEFAULT_PRICES } from '#domain/cost/resource-prices.ts';
import { readPolicy } from '#domain/policy/optimization-policy.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import { openEntry, type RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { PodFacts } from '#domain/workload/pod-facts.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import type { Action, Decision } from './decision.ts';
import type { Observation } from './observation.ts';

export const NOW = Date.parse('2026-11-21T10:30:00Z');
export const CPU = 'containers/app/requests/cpu';
export const MEMORY = 'containers/app/requests/memory';

export const SIZES: FieldMap = {
  [CPU]: '2',
  [MEMORY]: '4Gi',
  'containers/app/limits/cpu': null,
  'containers/app/limits/memory': '4Gi',
};

type Spec = CostOptimization['spec'];
type Status = NonNullable<CostOptimization['status']>;

export function optimization(spec: Partial<Spec> = {}, status?: Status): CostOptimization {
  return {
    metadata: {
      name: 'cpu',
      namespace: 'shop',
      uid: 'u1',
      generation: 1,
      resourceVersion: '10',
      finalizers: [FINALIZER],
    },
    spec: {
      targetWorkload: { kind: 'Deployment', name: 'web' },
      optimizationType: 'CPU',
      dryRun: false,
      autoApply: true,
      ...spec,
    },
    ...(status === undefined ? {} : { status: { observedGeneration: 1, ...status } }),
  };
}

export function target(more: Partial<TargetFacts> = {}): TargetFacts {
  return {
    uid: 'w1',
    resourceVersion: '5',
    fields: { ...SIZES, replicas: 2 },
    annotations: {},
    rollout: {
      unsettledBecause: undefined,
      failure: undefined,
      desiredReplicas: 2,
      blockedBecause: undefined,
    },
    restartsOnResize: [],
    ...more,
  };
}

export function pod(name: string, sizes: FieldMap = SIZES, more: Partial<PodFacts> = {}): PodFacts {
  return {
    name,
    uid: name,
    nodeName: 'n1',
    terminating: false,
    running: true,
    ended: false,
    actual: sizes,
    asked: sizes,
    resize: { problem: undefined, message: '', sinceMs: undefined, inProgress: false },
    unreadySinceMs: undefined,
    health: {
      pod: name,
      ready: true,
      createdAtMs: NOW - 3_600_000,
      unschedulableSinceMs: undefined,
      containers: [{ container: 'app', restarts: 0, crashLooping: false, oomKilledAtMs: undefined }],
    },
    ...more,
  };
}

const QUALITY = { samples: 2016, coverage: 1, ageSeconds: 30, source: 'test' };

/** An analysis that wants these sizes with the given confidence and risk. */
export function wants(wanted: FieldMap, more: { confidence?: number; risk?: 'LOW' | 'HIGH' } = {}): Analysis {
  const { confidence = 0.9, risk = 'LOW' } = more;
  return {
    outcome: 'wanted',
    type: 'right_size_cpu',
    atMs: NOW,
    quality: QUALITY,
    inputs: [],
    alternatives: [],
    throttledRatio: 0.01,
    wanted,
    reasons: ['because'],
    assess: () => ({ confidence, risk, riskFactors: [] }),
  };
}

export function unknownData(): Analysis {
  return {
    outcome: 'unknown',
    reason: 'MetricsUnavailable',
    message: 'the source does not answer',
    atMs: NOW,
    quality: { samples: 0, coverage: 0, source: 'test' },
    inputs: [],
    alternatives: [],
    throttledRatio: undefined,
  };
}

/** An entry with these fields applied over the present sizes. */
export function entry(applied: FieldMap, more: Partial<RollbackEntry> = {}): RollbackEntry {
  const identity = {
    owner: { uid: 'u1', namespace: 'shop', name: 'cpu' },
    target: { kind: 'Deployment', namespace: 'shop', name: 'web' } as const,
    targetUid: 'w1',
    storedAtMs: NOW - 60_000,
  };
  const original = Object.fromEntries(Object.keys(applied).map((path) => [path, SIZES[path] ?? 2]));
  return {
    ...openEntry(identity),
    original,
    applied,
    steps: 1,
    recommendationId: 'r1',
    predictedMonthlyUsd: 10,
    resized: Object.keys(more.overlay ?? {}),
    version: 1,
    ...more,
  };
}

export function observation(more: Partial<Observation> = {}): Observation {
  const object = more.optimization ?? optimization();
  return {
    nowMs: NOW,
    settings: {
      analysisIntervalMs: 1_800_000,
      budget: DEFAULT_BUDGET,
      applyDeadlineMs: 900_000,
      resizePatienceMs: 300_000,
    },
    optimization: object,
    policy: readPolicy(object),
    target: target(),
    pods: [pod('web-1'), pod('web-2')],
    surroundings: {
      protectedBecause: undefined,
      gitOpsOwner: undefined,
      verticalAutoscaler: undefined,
      disruptionBudgets: [],
      hpas: [],
    },
    entry: undefined,
    canResizeInPlace: true,
    prices: DEFAULT_PRICES,
    ledger: { savedUsd: 0, lastRate: undefined, sinceMs: undefined },
    activeChanges: [],
    analysis: undefined,
    evidence: undefined,
    ...more,
  };
}

/** The kinds of what is to be done, in order. */
export function kinds(decision: Decision): Action['kind'][] {
  return decision.actions.map((action) => action.kind);
}

export function reasons(decision: Decision): string[] {
  return decision.events.map((event) => event.reason);
}

export function condition(decision: Decision, type: string): string | undefined {
  return decision.status.conditions?.find((found) => found.type === type)?.status;
}
