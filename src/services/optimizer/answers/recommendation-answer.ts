/** Findings as recommendations of the API. */
import type { CostEstimate, RecommendationAnswer } from '#apis/optimizer-api/recommendation.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { Phase } from '#apis/optimization.k8s.io/v1/status.ts';
import { displayChanges } from '#domain/change/display.ts';
import { type FieldMap, parseResourcePath, REPLICAS } from '#domain/change/field.ts';
import { sharedAspects } from '#domain/policy/optimization-policy.ts';
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import type { Finding } from '../analysis/findings.ts';
import { lookFor } from '../analysis/plan.ts';
import { savingsOf } from '../analysis/totals.ts';
import { costAnswer, wholeCost } from './cost-answer.ts';
import { riskAnswer, rollbackPlan } from './risk-answer.ts';
import { round, UnknownFields, usd } from './unknown.ts';

export function recommendationAnswer(finding: Finding, clusterName: string): RecommendationAnswer {
  const { facts, type, present, target, assessment } = finding;
  const { ref } = facts;
  const owner = ownerOf(finding);
  return {
    id: finding.id,
    workload_id: facts.uid,
    workload_name: ref.name,
    workload_kind: ref.kind,
    cluster_name: clusterName,
    namespace: ref.namespace,
    optimization_type: type,
    title: `${TITLES[type]} ${ref.name}`,
    description: finding.reasons.join('; '),
    current_config: configOf(present),
    ...outcomeOf(finding),
    changes: { ...target },
    current_cost: currentCost(finding),
    ...savingsAnswer(finding),
    confidence_score: round(assessment.confidence, 3),
    risk_assessment: riskAnswer(finding),
    rollback_plan: rollbackPlan(finding, owner?.metadata.name ?? optimizationName(finding)),
    dependencies: dependenciesOf(finding),
    implementation_complexity: COMPLEXITIES[type],
    estimated_implementation_time: effortOf(finding),
    status: STATUSES[owner?.status?.phase ?? 'Pending'] ?? 'pending',
    created_at: rfc3339(finding.foundAtMs),
  };
}

function currentCost({ facts, present, pricedAsWhole, currentUsdPerMonth }: Finding): CostEstimate {
  return pricedAsWhole === true ? wholeCost(currentUsdPerMonth, facts.prices.source) : costOf(facts, present);
}

type Outcome = Pick<RecommendationAnswer, 'recommended_config' | 'optimized_cost'>;

/** What is left when it is applied. */
function outcomeOf(finding: Finding): Outcome {
  const { facts, type, present, target } = finding;
  if (type === 'delete_unused') {
    const gone = { ...present, [REPLICAS]: 0 };
    return { recommended_config: { action: 'delete' }, optimized_cost: costOf(facts, gone) };
  }
  const optimized = { ...present, ...target };
  return {
    recommended_config: configOf(optimized),
    optimized_cost:
      finding.pricedAsWhole === true
        ? wholeCost(finding.optimizedUsdPerMonth, facts.prices.source)
        : costOf(facts, optimized),
  };
}

type Savings = Pick<
  RecommendationAnswer,
  'monthly_savings' | 'yearly_savings' | 'savings_percentage' | 'unknown'
>;

/** Money can be told where the workload has a price: some request that reserves something. */
function savingsAnswer(finding: Finding): Savings {
  const unknown = new UnknownFields();
  const { currentUsdPerMonth } = finding;
  const because = 'its cost is not known: no container requests CPU or memory';
  const saved = currentUsdPerMonth > 0 ? savingsOf(finding) : Number.NaN;
  return {
    monthly_savings: unknown.number('monthly_savings', usd(saved), because),
    yearly_savings: unknown.number('yearly_savings', usd(saved * 12), because),
    savings_percentage: unknown.number(
      'savings_percentage',
      round((saved / currentUsdPerMonth) * 100, 2),
      because,
    ),
    ...unknown.noted,
  };
}

const TITLES: Readonly<Record<Finding['type'], string>> = {
  right_size_cpu: 'Right-size the CPU of',
  right_size_memory: 'Right-size the memory of',
  reduce_replicas: 'Reduce the replicas of',
  increase_replicas: 'Increase the replicas of',
  spot_migration: 'Run on spot capacity:',
  scheduled_scaling: 'Scale by the clock:',
  delete_unused: 'Consider deleting',
};

const COMPLEXITIES: Readonly<Record<Finding['type'], RecommendationAnswer['implementation_complexity']>> = {
  right_size_cpu: 'low',
  right_size_memory: 'low',
  reduce_replicas: 'low',
  increase_replicas: 'low',
  spot_migration: 'medium',
  scheduled_scaling: 'medium',
  delete_unused: 'high',
};

function costOf(facts: WorkloadFacts, sizes: FieldMap): CostEstimate {
  return costAnswer({ sizes, replicas: facts.target.rollout.desiredReplicas, prices: facts.prices });
}

/** Sizes and replicas under the names of the seed; what is not set is left out. */
function configOf(sizes: FieldMap): Record<string, string | number> {
  const names = Object.keys(sizes).flatMap((path) => parseResourcePath(path)?.container ?? []);
  return { ...displayChanges(sizes, new Set(names).size) };
}

/** The CostOptimization that has, or would get, this change in hand. */
export function ownerOf({ facts, type }: Finding): CostOptimization | undefined {
  const wanted = lookFor(type);
  return facts.optimizations.find(
    ({ spec }) => sharedAspects(spec.optimizationType, wanted, facts.ref.kind).length > 0,
  );
}

/** The name of the CostOptimization that would apply it: one per workload and type. */
export function optimizationName({ facts, type }: Finding): string {
  const { kind, name } = facts.ref;
  const suffix = `-${kind.toLowerCase()}-${type.replaceAll('_', '-')}`;
  return `${name.slice(0, 253 - suffix.length)}${suffix}`;
}

const STATUSES: Partial<Record<Phase, RecommendationAnswer['status']>> = {
  Applying: 'applying',
  Applied: 'applied',
  RolledBack: 'rolled_back',
  Failed: 'failed',
};

function dependenciesOf({ facts, target }: Finding): string[] {
  const { protectedBecause, gitOpsOwner, hpas } = facts;
  const followed = hpas.filter(({ fields }) => Object.keys(fields).some((path) => path in target));
  return [
    ...(protectedBecause === undefined ? [] : [`cannot be applied: ${protectedBecause}`]),
    ...(gitOpsOwner === undefined
      ? []
      : [`${gitOpsOwner} manages ${describeWorkload(facts.ref)}: change its source`]),
    ...followed.map(({ name }) => `the targets of HorizontalPodAutoscaler ${name} follow`),
  ];
}

function effortOf({ type, facts }: Finding): string {
  if (type === 'delete_unused') return 'a decision of its owner';
  const pods = facts.target.rollout.desiredReplicas;
  return `one change of ${String(pods)} pods (in place where the cluster can), then the verification window`;
}
