/** Shows a recommendation with every gate that is closed; where none is, starts to apply it. */
import type { Recommendation } from '#apis/optimization.k8s.io/v1/status.ts';
import { arbitrate, type ChangeRequest } from '#domain/arbiter/arbiter.ts';
import { displayChanges } from '#domain/change/display.ts';
import { type FieldMap, parseHpaPath, SCALING_PLAN } from '#domain/change/field.ts';
import { cents } from '#domain/cost/resource-prices.ts';
import type { Analysis, Assessment } from '#domain/recommendation/analysis.ts';
import { type Blocker, closedGates } from '#domain/recommendation/eligibility.ts';
import type { Proposal } from '#domain/recommendation/proposal.ts';
import type { UpdateStrategy } from '#domain/rollback/rollback-entry.ts';
import { HOUR_MS } from '#domain/units/duration.ts';
import { rfc3339 } from '#platform/clock.ts';
import { hashText } from '#platform/random.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import { chooseStrategy, type StrategyChoice } from './choose-strategy.ts';
import { decisionRecord } from './decision-record.ts';
import { markHandled, pendingRequest } from './requests.ts';
import type { Draft } from './decision.ts';
import { disruptionOf } from './disruption.ts';
import { gitOpsPatch } from './gitops-patch.ts';
import { isLeft } from './keep-in-force.ts';
import type { Observation } from './observation.ts';
import { containerCount } from './regressions.ts';
import { presentSizes, presentValues } from './sizes.ts';

/** Long enough for the change before it to be verified, and for a short outage of the metrics source. */
const OPPORTUNITY_MS = HOUR_MS;

type Wanted = Extract<Analysis, { outcome: 'wanted' }>;

export interface Finding {
  readonly target: TargetFacts;
  readonly analysis: Wanted;
  readonly proposal: Proposal;
  readonly inForce: boolean;
}

export function recommend(o: Observation, draft: Draft, finding: Finding): void {
  const choice = chooseStrategy(o, finding.target, finding.proposal.step);
  const id = recommendationId(finding.analysis.type, finding.proposal.step);
  const assessment = finding.analysis.assess(finding.proposal.step);
  const blockers = blockersOf(o, finding, { choice, id, assessment });
  const recommendation = describe(o, finding, { id, blockers, assessment });
  const first = draft.status.currentRecommendation === undefined;
  const rule = blockers.length === 0 ? 'every gate is open' : 'a gate is closed';
  draft.set({
    currentRecommendation: recommendation,
    decision: decisionRecord(o, {
      rule,
      outcome: headline(recommendation),
      analysis: finding.analysis,
      blockers,
    }),
  });
  if (blockers.length === 0) {
    start(o, draft, { finding, strategy: choice.strategy, id });
    return;
  }
  if (first) draft.note('Normal', 'RecommendationReady', headline(recommendation));
  const busy = blockers.find((blocker) => blocker.gate === 'Arbiter');
  if (busy !== undefined) draft.again(o.settings.analysisIntervalMs / 60);
  show(draft, recommendation, finding.inForce);
}

function show(draft: Draft, recommendation: Recommendation, inForce: boolean): void {
  if (inForce) return;
  const { blockedBy = [] } = recommendation;
  draft.set({
    savings: recommendation.monthlySavings.toFixed(2),
    ...(draft.status.phase === 'RolledBack'
      ? {}
      : { phase: 'Ready', message: `${headline(recommendation)}; not applied: ${blockedBy[0] ?? ''}` }),
  });
}

function start(
  o: Observation,
  draft: Draft,
  begin: { readonly finding: Finding; readonly strategy: UpdateStrategy; readonly id: string },
): void {
  const { finding, strategy, id } = begin;
  const { proposal, analysis } = finding;
  markHandled(o, draft, 'approve');
  draft.act({ kind: 'ReserveChange', request: changeRequest(o, proposal.step, strategy) });
  draft.set({
    phase: 'Applying',
    message: 'applying',
    appliedGeneration: o.optimization.metadata.generation ?? 0,
    applying: {
      id,
      startedAt: rfc3339(o.nowMs),
      strategy,
      monthlySavings: cents(proposal.currentMonthlyUsd - proposal.stepMonthlyUsd),
      fields: withoutNulls(proposal.step),
      from: withoutNulls(presentValues(o, finding.target, Object.keys(proposal.step))),
      ...(analysis.throttledRatio === undefined ? {} : { throttledRatio: analysis.throttledRatio }),
    },
  });
  draft.again(0);
}

function withoutNulls(fields: FieldMap): Record<string, string | number> {
  const kept: Record<string, string | number> = {};
  for (const [path, value] of Object.entries(fields)) if (value !== null) kept[path] = value;
  return kept;
}

interface Weighed {
  readonly choice: StrategyChoice;
  readonly id: string;
  readonly assessment: Assessment;
}

function blockersOf(
  o: Observation,
  { target, proposal }: Finding,
  { choice, id, assessment }: Weighed,
): Blocker[] {
  const approval = pendingRequest(o, 'approve');
  const { status } = o.optimization;
  const { surroundings, policy } = o;
  const gates = closedGates({
    policy,
    confidence: assessment.confidence,
    risk: assessment.risk,
    approved: approval === id || approval === 'true',
    present: presentSizes(target, o.entry),
    step: proposal.step,
    protectedBecause: surroundings.protectedBecause,
    gitOpsOwner: surroundings.gitOpsOwner,
    verticalAutoscaler: surroundings.verticalAutoscaler,
    replicaAutoscaler: surroundings.hpas[0]?.name,
    hpaManager: managerOfTouched(o, proposal.step),
    disruptionBudgets: surroundings.disruptionBudgets,
    unsettledBecause: target.rollout.unsettledBecause ?? choice.blockedBecause,
    opportunityOpen: isOpportunityOpen(o),
    dataProblem: undefined,
    underWatch: ['Watching', 'Unknown'].includes(status?.verification?.result ?? ''),
    heldBecause: heldBecause(o),
  });
  return gates.length > 0 ? gates : arbiterGate(o, changeRequest(o, proposal.step, choice.strategy));
}

function arbiterGate(o: Observation, request: ChangeRequest): Blocker[] {
  const grant = arbitrate(request, o.activeChanges, o.settings.budget);
  return grant.granted ? [] : [{ gate: 'Arbiter', message: grant.message }];
}

/**
 * Creation, a new spec, and each tick of the schedule open one opportunity; an apply uses it up. That of a tick ends
 * by itself: who writes `0 3 * * 0` wants no change on a Thursday afternoon.
 */
function isOpportunityOpen(o: Observation): boolean {
  const { status, metadata } = o.optimization;
  if (status?.lastApplied === undefined || status.appliedGeneration !== metadata.generation) return true;
  const tickMs = o.policy.schedule.previous(o.nowMs);
  if (tickMs === undefined || o.nowMs - tickMs > OPPORTUNITY_MS) return false;
  return Date.parse(status.lastApplied) < tickMs;
}

/** After a rollback by hand, or an override by others, the user has spoken: only a new spec or an approval goes on. */
function heldBecause(o: Observation): string | undefined {
  if (isLeft(o)) return 'someone else resizes its pods in place: change the spec to go on';
  const last = o.optimization.status?.regressions?.[0];
  if (last === undefined || last.generation !== o.optimization.metadata.generation) return undefined;
  if (last.reason === 'Manual') return 'it was rolled back by hand: change the spec or approve to go on';
  return last.reason === 'Overridden' ? 'others overrode it: change the spec or approve to go on' : undefined;
}

function managerOfTouched(o: Observation, step: FieldMap): string | undefined {
  if (SCALING_PLAN in step) return o.surroundings.hpas[0]?.manager;
  const touched = Object.keys(step).flatMap((path) => parseHpaPath(path)?.hpa ?? []);
  return o.surroundings.hpas.find((hpa) => touched.includes(hpa.name))?.manager;
}

export function changeRequest(o: Observation, step: FieldMap, strategy: UpdateStrategy): ChangeRequest {
  const { namespace = '', name = '' } = o.optimization.metadata;
  const rolledBack = Date.parse(o.optimization.status?.lastRolledBack ?? '');
  const approved = pendingRequest(o, 'approve') !== undefined;
  return {
    actor: `CostOptimization ${namespace}/${name}`,
    target: o.policy.target,
    disruption: disruptionOf(step, strategy),
    // An approval also ends the rest after a rollback: a human has looked.
    lastRolledBackMs: Number.isFinite(rolledBack) && !approved ? rolledBack : undefined,
    nowMs: o.nowMs,
  };
}

/** Stable while the step is the same, so that an approval of it stays good. */
function recommendationId(type: string, step: FieldMap): string {
  const fields = Object.entries(step).sort(([a], [b]) => (a < b ? -1 : 1));
  return hashText(JSON.stringify([type, fields]))
    .toString(16)
    .padStart(8, '0');
}

function describe(
  o: Observation,
  { analysis, proposal }: Finding,
  {
    id,
    blockers,
    assessment,
  }: { readonly id: string; readonly blockers: readonly Blocker[]; readonly assessment: Assessment },
): Recommendation {
  const count = containerCount(o);
  const { currentMonthlyUsd, stepMonthlyUsd, targetMonthlyUsd } = proposal;
  return {
    id,
    optimizationType: analysis.type,
    currentCost: cents(currentMonthlyUsd),
    optimizedCost: cents(stepMonthlyUsd),
    monthlySavings: cents(currentMonthlyUsd - stepMonthlyUsd),
    confidenceScore: Math.round(assessment.confidence * 1000) / 1000,
    riskLevel: assessment.risk,
    changes: displayChanges(proposal.step, count),
    ...(proposal.reachesTarget
      ? {}
      : {
          target: displayChanges(proposal.target, count),
          targetMonthlySavings: cents(currentMonthlyUsd - targetMonthlyUsd),
        }),
    reasons: [...analysis.reasons, ...assessment.riskFactors.map((factor) => `risk: ${factor}`)],
    ...(blockers.length > 0
      ? { blockedBy: blockers.map((blocker) => `${blocker.gate}: ${blocker.message}`) }
      : {}),
    ...(o.surroundings.gitOpsOwner === undefined
      ? {}
      : { patch: gitOpsPatch(o.policy.target, proposal.step, o.target?.placement) }),
  };
}

function headline(recommendation: Recommendation): string {
  const changes = Object.entries(recommendation.changes).map(([name, value]) => `${name}=${String(value)}`);
  const saved = recommendation.monthlySavings;
  const money = saved < 0 ? `costs $${(-saved).toFixed(2)} more` : `saves $${saved.toFixed(2)}`;
  return `${recommendation.optimizationType} ${money} a month: ${changes.join(', ')}`;
}
