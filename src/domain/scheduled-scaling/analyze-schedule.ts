/**
 * Whether a workload should be scaled by the clock: by windows that its owner set, or by windows learned from the
 * seasons of its usage. The plan is one field like any other; what it does at each boundary is in `follow-plan.ts`.
 */
import { type FieldMap, SCALING_PLAN } from '../change/field.ts';
import { HOURS_PER_MONTH, usdPerHour } from '../cost/resource-prices.ts';
import { podFootprint } from '../cost/workload-cost.ts';
import type { Analysis, AnalysisRecord, Assessment } from '../recommendation/analysis.ts';
import { qualityOf, REFUSAL_REASONS, unusedNote } from '../recommendation/analyze-usage.ts';
import { recentThrottling } from '../recommendation/usage-profile.ts';
import { confidenceOf, CPU_PRIOR } from '../rightsizing/confidence.ts';
import type { Refusal } from '../rightsizing/outcome.ts';
import { assessRisk } from '../rightsizing/risk.ts';
import { describeWorkload } from '../workload/workload-ref.ts';
import { backtestPlan, type LearnedPlan, learnPlan, type LearnQuestion } from './learn-plan.ts';
import { describePlan, formatPlan, lowestCount, meanReplicas, parsePlan, type ScalingPlan } from './plan.ts';
import { demandOf } from './replica-demand.ts';
import type { ScheduleQuestion } from './schedule-question.ts';
import { stepPlan } from './step-plan.ts';

export function analyzeSchedule(question: ScheduleQuestion): Analysis {
  const record = recordOf(question);
  if (question.policy.target.kind === 'DaemonSet') {
    return {
      ...record,
      outcome: 'unknown',
      reason: 'NotScalable',
      message: 'a DaemonSet has no replicas to scale',
    };
  }
  const found = question.policy.scaling.windows.length > 0 ? givenPlan(question) : learnedPlan(question);
  if ('kind' in found) {
    const reason = REFUSAL_REASONS[found.code] ?? 'NotSupported';
    return { ...record, outcome: 'unknown', reason, message: found.message };
  }
  const message = contentment(question, found.plan);
  return message === undefined ? wanted(question, record, found) : { ...record, outcome: 'nothing', message };
}

/** The owner's windows, within the bounds of an autoscaler; history only tells how sure they are. */
function givenPlan(question: ScheduleQuestion): LearnedPlan {
  const { policy, scaler } = question;
  const { timeZone } = policy.scaling;
  const most = scaler?.maxReplicas ?? Infinity;
  const windows = policy.scaling.windows.map((window) => ({
    ...window,
    replicas: Math.min(window.replicas, most),
  }));
  const demand = demandOf(question);
  const plan = { timeZone, windows };
  if ('kind' in demand) return { plan, backtest: [], days: 0 };
  return backtestPlan(plan, learnQuestion(question, demand));
}

function learnedPlan(question: ScheduleQuestion): LearnedPlan | Refusal {
  const demand = demandOf(question);
  return 'kind' in demand ? demand : learnPlan(learnQuestion(question, demand));
}

type Demand = Exclude<ReturnType<typeof demandOf>, Refusal>;

/** An autoscaler's lower bound is its owner's word: it is undercut only where spec.scaling.minReplicas allows it. */
function learnQuestion(question: ScheduleQuestion, demand: Demand): LearnQuestion {
  const { policy, base, scaler, floor } = question;
  const { minReplicas = scaler?.minReplicas ?? 1, maxReplicas = base, timeZone } = policy.scaling;
  return {
    totalCpu: demand.totalCpu,
    podCpuCores: demand.podCpuCores,
    timeZone,
    base,
    least: Math.max(minReplicas, floor === undefined ? 1 : floor + 1),
    most: Math.min(maxReplicas, scaler?.maxReplicas ?? Infinity),
  };
}

/** A learned plan must save this share of the pods, or give more where they are missing, to be worth its moves. */
const WORTHWHILE_SHARE = 0.03;
/** … and another plan must beat the one in force by this. */
const BETTER_SHARE = 0.1;

/** Why the workload may stay as it is; undefined where the plan is worth its moves. */
function contentment({ base, planInForce, policy }: ScheduleQuestion, plan: ScalingPlan): string | undefined {
  if (planInForce !== undefined && formatPlan(plan) === formatPlan(planInForce))
    return `scaled as planned: ${describePlan(plan)}`;
  if (policy.scaling.windows.length > 0) return undefined;
  if (plan.windows.length === 0)
    return 'no optimization opportunities found: no hours of the week need another count';
  const before = planInForce === undefined ? base : meanReplicas(planInForce, base);
  const needsMore = asksForMore(plan, planInForce, base);
  const saved = 1 - meanReplicas(plan, base) / before;
  if (needsMore || saved >= (planInForce === undefined ? WORTHWHILE_SHARE : BETTER_SHARE)) return undefined;
  return `no optimization opportunities found: other windows would save ${String(Math.round(saved * 100))} %`;
}

/** True where at some time of the week the plan wants more than holds at present. */
function asksForMore(plan: ScalingPlan, inForce: ScalingPlan | undefined, base: number): boolean {
  const either = { ...plan, windows: [...plan.windows, ...(inForce?.windows ?? [])] };
  return meanReplicas(either, base) > meanReplicas(inForce ?? { ...plan, windows: [] }, base) + 1e-9;
}

function wanted(question: ScheduleQuestion, record: AnalysisRecord, found: LearnedPlan): Analysis {
  const { base, policy, planInForce: inForce, present } = question;
  const { plan, days } = found;
  const step = stepPlan(plan, base, { inForce, maxChangePercent: policy.maxChangePercent });
  const podUsd = usdPerHour(podFootprint(present), question.prices);
  const origin =
    policy.scaling.windows.length > 0 ? 'set by spec.scaling.windows' : `learned from ${String(days)} days`;
  return {
    ...record,
    inputs: [
      {
        name: 'replicas outside of windows',
        value: String(base),
        source: question.scaler?.name ?? 'spec.replicas',
      },
      { name: 'days of usage', value: String(days), source: record.quality.source },
    ],
    outcome: 'wanted',
    type: 'scheduled_scaling',
    wanted: { [SCALING_PLAN]: formatPlan(plan) },
    step: { [SCALING_PLAN]: formatPlan(step) },
    monthlyUsdOf: (fields) => {
      const chosen = SCALING_PLAN in fields ? parsePlan(fields[SCALING_PLAN]) : inForce;
      return HOURS_PER_MONTH * podUsd * (chosen === undefined ? base : meanReplicas(chosen, base));
    },
    reasons: [
      `windows ${origin}: ${describePlan(plan)}`,
      `${meanReplicas(plan, base).toFixed(1)} pods on average instead of ${String(base)}`,
    ],
    assess: (fields) => assess(question, found, fields),
  };
}

/** An owner who sets windows knows something; what history knows against them counts all the same. */
const PROMISED = 1;

function assess({ policy, base }: ScheduleQuestion, found: LearnedPlan, fields: FieldMap): Assessment {
  const plan = parsePlan(fields[SCALING_PLAN]) ?? found.plan;
  const basis = {
    backtest: found.backtest,
    unbounded: 1,
    prior: CPU_PRIOR,
    historyDays: Math.max(found.days, 7),
  };
  const confidence = confidenceOf(basis, PROMISED);
  const lowest = Math.min(lowestCount(plan) ?? base, base);
  const risk = assessRisk({
    what: 'replicas',
    change: lowest / base - 1,
    workloadKind: policy.target.kind,
    replicas: base,
    confidence,
    oomKills: 0,
    belowPeak: false,
  });
  return {
    confidence,
    risk: risk.level,
    riskFactors: risk.factors.map(({ name, why }) => `${name}: ${why}`),
  };
}

function recordOf(question: ScheduleQuestion): AnalysisRecord {
  return {
    atMs: question.query.toMs,
    quality: qualityOf(question),
    inputs: [
      { name: 'usage', value: describeWorkload(question.policy.target), source: question.usage.source },
    ],
    alternatives: unusedNote(question),
    throttledRatio: recentThrottling(question.usage.containers),
  };
}
