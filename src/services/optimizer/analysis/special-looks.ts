/** The looks that need more than usage of sizes: spot nodes, and scaling by the clock. */
import { amountOf, REPLICAS, SCALING_PLAN } from '#domain/change/field.ts';
import { readScalingPlan } from '#domain/change/workload-objects.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import type { AnalysisRequest } from '#domain/recommendation/analysis-source.ts';
import { analyzeSchedule } from '#domain/scheduled-scaling/analyze-schedule.ts';
import { parsePlan } from '#domain/scheduled-scaling/plan.ts';
import { analyzeSpot } from '#domain/spot/analyze-spot.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { fewestReplicas, spotQuestion, type SpotMarket } from '#services/recommendations/spot-facts.ts';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';

export interface SpecialQuestion {
  readonly facts: WorkloadFacts;
  readonly usage: WorkloadUsage;
  readonly request: AnalysisRequest;
  readonly market: SpotMarket;
}

export function lookAtSpot({ facts, market, request }: SpecialQuestion): Analysis {
  return analyzeSpot(spotQuestion(facts, market, request));
}

/** Where a plan is in force, the count without it is known to the operator alone: nothing is recommended over it. */
export function lookAtSchedule({ facts, usage, request }: SpecialQuestion): Analysis {
  const plan = parsePlan(readScalingPlan(facts.object)[SCALING_PLAN]);
  const [hpa] = facts.hpas;
  const base = fewestReplicas(facts, request.replicas);
  const analysis = analyzeSchedule({
    usage,
    query: request.query,
    policy: request.policy,
    present: request.present,
    base,
    scaler:
      hpa === undefined ? undefined : { name: hpa.name, minReplicas: base, maxReplicas: hpa.maxReplicas },
    planInForce: plan,
    floor: amountOf(request.floors[REPLICAS]),
    prices: facts.prices,
  });
  if (plan === undefined || analysis.outcome !== 'wanted') return analysis;
  const { atMs, quality, inputs, alternatives, throttledRatio } = analysis;
  const record = { atMs, quality, inputs, alternatives, throttledRatio };
  return { ...record, outcome: 'nothing', message: 'it is scaled by the clock already' };
}
