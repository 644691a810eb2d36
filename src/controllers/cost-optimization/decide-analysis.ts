/** Analysis: turn what usage says into a recommendation, and start applying it where every gate is open. */
import type { FieldMap } from '#domain/change/field.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import { blockedDespiteApproval } from '#domain/recommendation/eligibility.ts';
import { propose } from '#domain/recommendation/proposal.ts';
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import type { Draft } from './decision.ts';
import { pendingRequest } from './requests.ts';
import { decisionRecord } from './decision-record.ts';
import type { Observation } from './observation.ts';
import { recommend } from './recommend.ts';
import { splitHpaFields } from './restore.ts';
import { objectFields, presentSizes } from './sizes.ts';

/** A source that could not answer is asked again this much sooner than after a full interval. */
const RETRY_SHARE = 1 / 6;
const RETRY_REASONS: readonly string[] = ['MetricsUnavailable', 'MetricsFailed', 'NoData', 'DataStale'];

export function decideAnalysis(o: Observation, draft: Draft): boolean {
  const inForce = (o.entry?.steps ?? 0) > 0;
  if (o.policy.suspend) {
    draft.set({
      message: 'suspended: nothing is analysed or applied',
      ...(inForce ? {} : { phase: draft.status.phase ?? 'Pending' }),
    });
    return true;
  }
  if (!inForce && startsAfresh(o)) {
    draft.set({ phase: 'Analyzing', message: `analysing ${describeWorkload(o.policy.target)}` });
    draft.again(0);
    return true;
  }
  if (o.target === undefined) {
    awaitTarget(o, draft);
    return true;
  }
  if (o.analysis !== undefined) conclude(o, draft, { target: o.target, analysis: o.analysis, inForce });
  draft.again(nextAnalysisMs(draft) - o.nowMs);
  return true;
}

/** A new CostOptimization, or a new spec: its analysis is shown as such before it begins. */
function startsAfresh(o: Observation): boolean {
  const { status, metadata } = o.optimization;
  if (status?.phase === undefined) return true;
  return status.phase !== 'Analyzing' && status.observedGeneration !== metadata.generation;
}

/** True where usage must be read for this reconcile. */
export function isAnalysisDue(o: Pick<Observation, 'optimization' | 'nowMs' | 'policy'>): boolean {
  const { status, metadata } = o.optimization;
  if (o.policy.suspend || metadata.deletionTimestamp !== undefined) return false;
  if (status?.phase === undefined || status.phase === 'Applying') return false;
  if (status.phase === 'Analyzing' || isNewlyApproved(o)) return true;
  return (
    status.observedGeneration !== metadata.generation ||
    o.nowMs >= Date.parse(status.nextAnalysis ?? rfc3339(0))
  );
}

/**
 * What waits for a person is looked at as soon as one approves of it, not at the next analysis. Once it was, the gates
 * that an approval opens are no longer among those that block.
 */
function isNewlyApproved({ optimization }: Pick<Observation, 'optimization'>): boolean {
  const { id, blockedBy = [] } = optimization.status?.currentRecommendation ?? {};
  const approval = pendingRequest({ optimization }, 'approve');
  if (id === undefined || (approval !== id && approval !== 'true')) return false;
  return blockedDespiteApproval(blockedBy).length < blockedBy.length;
}

function nextAnalysisMs(draft: Draft): number {
  return Date.parse(draft.status.nextAnalysis ?? rfc3339(0));
}

/** There is nothing to analyse yet: a watch tells when the workload appears. */
function awaitTarget(o: Observation, draft: Draft): void {
  const message = `${describeWorkload(o.policy.target)} does not exist; waiting for it`;
  // Without an appointment the analysis is due as soon as the workload is there.
  draft.drop('nextAnalysis');
  draft.set({ phase: 'Pending', message });
  draft.again(o.settings.analysisIntervalMs);
}

interface Conclusion {
  readonly target: TargetFacts;
  readonly analysis: Analysis;
  readonly inForce: boolean;
}

function conclude(o: Observation, draft: Draft, conclusion: Conclusion): void {
  const { analysis, inForce, target } = conclusion;
  const soon = analysis.outcome === 'unknown' && RETRY_REASONS.includes(analysis.reason);
  const waitMs = o.settings.analysisIntervalMs * (soon ? RETRY_SHARE : 1);
  const tickMs = o.policy.schedule.next(o.nowMs) ?? Infinity;
  draft.set({
    lastAnalysis: rfc3339(analysis.atMs),
    nextAnalysis: rfc3339(Math.min(o.nowMs + waitMs, tickMs)),
    dataQuality: analysis.quality,
  });
  if (analysis.outcome !== 'wanted') {
    withoutRecommendation(o, draft, { message: analysis.message, analysis, inForce });
    return;
  }
  const proposal = propose({
    present: { ...presentSizes(target, o.entry), ...target.declared },
    hpaFields: hpaFieldsOf(o, target),
    original: o.entry?.original ?? {},
    wanted: analysis.wanted,
    maxChangePercent: o.policy.maxChangePercent,
    replicas: target.rollout.desiredReplicas,
    prices: o.prices,
    step: analysis.step,
    monthlyUsdOf: analysis.monthlyUsdOf,
  });
  if (proposal === undefined) {
    const message = 'no optimization opportunities found: sizes are within a tenth of what is needed';
    withoutRecommendation(o, draft, { message, analysis, inForce });
    return;
  }
  recommend(o, draft, { target, analysis, proposal, inForce });
}

function hpaFieldsOf(o: Observation, target: TargetFacts): FieldMap {
  return splitHpaFields(objectFields(o, target))[0];
}

interface Nothing {
  readonly message: string;
  readonly analysis: Analysis;
  readonly inForce: boolean;
}

function withoutRecommendation(o: Observation, draft: Draft, { message, analysis, inForce }: Nothing): void {
  draft.drop('currentRecommendation');
  draft.set({ decision: decisionRecord(o, { rule: analysis.outcome, outcome: message, analysis }) });
  if (inForce) return;
  const restsRolledBack = draft.status.phase === 'RolledBack';
  const phase = analysis.outcome === 'unknown' ? 'Pending' : 'Ready';
  draft.set({ savings: '0.00', ...(restsRolledBack ? {} : { phase, message }) });
}
