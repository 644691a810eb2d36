/** Analyses one workload on usage that was read: each look, with what it proposes. */
import type { OptimizationType } from '#apis/optimization.k8s.io/v1/spec.ts';
import type { OptimizeContext } from '#apis/optimizer-api/requests.ts';
import type { FieldMap } from '#domain/change/field.ts';
import { type OptimizationPolicy, readPolicy } from '#domain/policy/optimization-policy.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import type { AnalysisRequest } from '#domain/recommendation/analysis-source.ts';
import { analyzeUsage } from '#domain/recommendation/analyze-usage.ts';
import { type Proposal, propose } from '#domain/recommendation/proposal.ts';
import type { UsageQuery, WorkloadUsage } from '#domain/usage/usage.ts';
import type { SpotMarket } from '#services/recommendations/spot-facts.ts';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import type { Look } from './plan.ts';
import { lookAtSchedule, lookAtSpot } from './special-looks.ts';

export interface WorkloadQuestion {
  readonly facts: WorkloadFacts;
  readonly usage: WorkloadUsage;
  readonly query: Pick<UsageQuery, 'fromMs' | 'toMs' | 'stepMs'>;
  readonly looks: readonly Look[];
  readonly market: SpotMarket;
  /** What the operator knows and the cluster does not show. */
  readonly context?: OptimizeContext | undefined;
}

/** One look and what came of it; without a proposal nothing worthwhile is left to do. */
export interface LookResult {
  readonly type: OptimizationType;
  readonly analysis: Analysis;
  readonly present: FieldMap;
  readonly proposal: Proposal | undefined;
}

export function analyzeWorkload(question: WorkloadQuestion): LookResult[] {
  const results: LookResult[] = [];
  for (const look of question.looks) {
    const sizesAreRight = results.every(({ proposal }) => proposal === undefined);
    if (!look.onlyIfSizesAreRight || sizesAreRight) results.push(take(question, look));
  }
  return results;
}

function take(question: WorkloadQuestion, { type }: Look): LookResult {
  const { facts, query, context } = question;
  const request: AnalysisRequest = {
    query,
    policy: policyOf(question, type),
    present: { ...facts.present, ...context?.present },
    replicas: context?.replicas ?? facts.target.rollout.desiredReplicas,
    floors: context?.floors ?? {},
    autoscaler: context === undefined ? facts.hpas[0]?.name : context.autoscaler,
  };
  const analysis = analyze(question, request);
  return { type, analysis, present: request.present, proposal: proposalOf(question, request, analysis) };
}

function analyze({ facts, usage, market }: WorkloadQuestion, request: AnalysisRequest): Analysis {
  const { type } = request.policy;
  if (type === 'SPOT_INSTANCES') return lookAtSpot({ facts, usage, request, market });
  if (type === 'SCHEDULED_SCALING') return lookAtSchedule({ facts, usage, request, market });
  return analyzeUsage({ ...request, usage });
}

function proposalOf(
  { facts }: WorkloadQuestion,
  { present, policy, replicas }: AnalysisRequest,
  analysis: Analysis,
): Proposal | undefined {
  if (analysis.outcome !== 'wanted') return undefined;
  const { wanted, step, monthlyUsdOf } = analysis;
  return propose({
    present,
    hpaFields: Object.assign({}, ...facts.hpas.map((hpa) => hpa.fields)) as FieldMap,
    original: {},
    wanted,
    maxChangePercent: policy.maxChangePercent,
    replicas,
    prices: facts.prices,
    step,
    monthlyUsdOf,
  });
}

/** What a CostOptimization of this type and of the caller's wishes would say. */
function policyOf({ facts, query, context }: WorkloadQuestion, type: OptimizationType): OptimizationPolicy {
  const { ref } = facts;
  const windowHours = Math.max(1, Math.round((query.toMs - query.fromMs) / 3_600_000));
  return readPolicy({
    metadata: { name: ref.name, namespace: ref.namespace },
    spec: {
      targetWorkload: { ...ref },
      optimizationType: type,
      metricsWindow: `${String(windowHours)}h`,
      maxChangePercent: context?.max_change_percent ?? 100,
      ...(context?.containers === undefined ? {} : { containers: context.containers }),
    },
  });
}
