/** Reads what scaling by the clock depends on, and analyses it. */
import { amountOf, SCALING_PLAN } from '#domain/change/field.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import type { AnalysisRequest } from '#domain/recommendation/analysis-source.ts';
import { unknownAnalysis } from '#domain/recommendation/analyze-usage.ts';
import { analyzeSchedule } from '#domain/scheduled-scaling/analyze-schedule.ts';
import { parsePlan } from '#domain/scheduled-scaling/plan.ts';
import type { ScalerBounds } from '#domain/scheduled-scaling/schedule-question.ts';
import type { UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import { countField } from './follow-schedule.ts';
import type { Observation } from './observation.ts';
import { learnedFloors } from './regressions.ts';
import { objectFields } from './sizes.ts';

type Seen = Omit<Observation, 'analysis' | 'evidence'>;

export async function readSchedule(
  o: Seen & { readonly target: TargetFacts },
  request: AnalysisRequest,
  source: UsageSource,
): Promise<Analysis> {
  const fields = objectFields(o, o.target);
  const field = countField(o, o.entry);
  const base = amountOf(o.entry?.original[field] ?? fields[field]) ?? request.replicas;
  const usage = await usageOrNothing(o, request, source);
  if ('outcome' in usage) return usage;
  return analyzeSchedule({
    usage,
    query: request.query,
    policy: o.policy,
    present: request.present,
    base,
    scaler: scalerOf(o, base),
    planInForce: parsePlan(o.entry?.applied[SCALING_PLAN]),
    floor: amountOf(learnedFloors(o)['replicas']),
    prices: o.prices,
  });
}

/** Windows that their owner set hold without any metrics; learned ones do not. */
async function usageOrNothing(
  o: Seen,
  { query, policy }: AnalysisRequest,
  source: UsageSource,
): Promise<WorkloadUsage | Analysis> {
  const nothing = {
    workload: policy.target,
    ...query,
    containers: [],
    source: source.name,
    lastSampleAtMs: undefined,
  };
  try {
    const [usage] = await source.usage({ workloads: [policy.target], ...query });
    return usage ?? nothing;
  } catch (error) {
    if (policy.scaling.windows.length > 0) return nothing;
    const message = messageOf(error);
    return unknownAnalysis({ nowMs: o.nowMs, reason: 'MetricsUnavailable', message, source: source.name });
  }
}

/** `base` is the lower bound as its owner set it, outside of windows. */
function scalerOf({ surroundings }: Seen, base: number): ScalerBounds | undefined {
  const [hpa] = surroundings.hpas;
  return hpa === undefined ? undefined : { name: hpa.name, minReplicas: base, maxReplicas: hpa.maxReplicas };
}
