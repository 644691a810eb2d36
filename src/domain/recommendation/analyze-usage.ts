/** Analyses the usage of a workload: what should change, how sure that is, or why nothing can be said. */
import type { Alternative, DataQuality, Evidence } from '#apis/optimization.k8s.io/v1/status.ts';
import { amountOf, type FieldMap, REPLICAS, type ResourceName } from '../change/field.ts';
import { aspectsOf, type OptimizationPolicy } from '../policy/optimization-policy.ts';
import { confidenceOf } from '../rightsizing/confidence.ts';
import { DATA_RULES, dataFacts, type DataRules } from '../rightsizing/data-rules.ts';
import { highestRisk } from '../rightsizing/risk.ts';
import { findUnused } from '../rightsizing/unused.ts';
import { assessQuality } from '../usage/data-quality.ts';
import type { UsageQuery, WorkloadUsage } from '../usage/usage.ts';
import { adviseReplicas } from './advise-replicas.ts';
import { adviseSizes } from './advise-sizes.ts';
import type { Advice, Advised } from './advice.ts';
import type { Analysis, AnalysisRecord, Assessment } from './analysis.ts';
import { recentThrottling } from './usage-profile.ts';

export interface AnalysisQuestion {
  readonly usage: WorkloadUsage;
  readonly query: Pick<UsageQuery, 'fromMs' | 'toMs' | 'stepMs'>;
  readonly policy: OptimizationPolicy;
  /** The sizes and replicas in force. */
  readonly present: FieldMap;
  readonly replicas: number;
  /** Values that proved too low, by field. */
  readonly floors: FieldMap;
  /** The autoscaler that sets the replicas. */
  readonly autoscaler: string | undefined;
}

/** An answer of a source, and what it was asked. */
export type UsageInTime = Pick<AnalysisQuestion, 'usage' | 'query'>;

/** Sizes come first; replicas follow once the sizes are right, because each changes what the other needs. */
export function analyzeUsage(question: AnalysisQuestion): Analysis {
  const quality = qualityOf(question);
  const advised = [...sizeAdvice(question, quality)];
  if (!advised.some(isAdvice)) advised.push(...replicaAdvice(question, quality));
  const record = recordOf(question, { quality, advised });
  const advice = advised.flatMap(({ verdict }) => (verdict.kind === 'advice' ? [verdict] : []));
  if (advice.length > 0) return wanted(record, advice, question.present);
  const content = advised.flatMap(({ verdict }) => (verdict.kind === 'content' ? [verdict.reason] : []));
  if (content.length > 0) {
    return {
      ...record,
      outcome: 'nothing',
      message: `no optimization opportunities found: ${content.join('; ')}`,
    };
  }
  return unknown(record, advised);
}

/** The analysis where usage could not be read at all. */
export function unknownAnalysis(problem: {
  readonly nowMs: number;
  readonly reason: string;
  readonly message: string;
  readonly source: string;
}): Analysis {
  return {
    outcome: 'unknown',
    atMs: problem.nowMs,
    reason: problem.reason,
    message: problem.message,
    quality: { samples: 0, coverage: 0, source: problem.source },
    inputs: [{ name: 'usage', source: problem.source }],
    alternatives: [],
    throttledRatio: undefined,
  };
}

function isAdvice({ verdict }: Advised): boolean {
  return verdict.kind === 'advice';
}

/** A window shorter than a day asks for less history, and earns less confidence. */
function rulesOf({ policy }: AnalysisQuestion): Partial<DataRules> {
  const usableMs = policy.metricsWindowMs * 0.9;
  return usableMs < DATA_RULES.minHistoryMs ? { minHistoryMs: usableMs } : {};
}

function shared(question: AnalysisQuestion, quality: DataQuality) {
  return {
    policy: question.policy,
    present: question.present,
    replicas: question.replicas,
    usage: question.usage.containers,
    nowMs: question.query.toMs,
    rules: rulesOf(question),
    source: { source: quality.source, ageSeconds: quality.ageSeconds },
  };
}

function sizeAdvice(question: AnalysisQuestion, quality: DataQuality): Advised[] {
  const aspects = aspectsOf(question.policy.type, question.policy.target.kind);
  const resources: ResourceName[] = [
    ...(aspects.includes('CPU') ? ['cpu' as const] : []),
    ...(aspects.includes('MEMORY') ? ['memory' as const] : []),
  ];
  if (resources.length === 0) return [];
  return adviseSizes({ ...shared(question, quality), floors: question.floors }, resources);
}

function replicaAdvice(question: AnalysisQuestion, quality: DataQuality): Advised[] {
  const { policy, floors, autoscaler } = question;
  if (!aspectsOf(policy.type, policy.target.kind).includes('REPLICAS')) return [];
  const advised = adviseReplicas({
    ...shared(question, quality),
    floor: amountOf(floors[REPLICAS]),
    autoscaler,
  });
  return [aspectsOf(policy.type, policy.target.kind).includes('CPU') ? withoutRise(advised) : advised];
}

/**
 * Where sizes follow the demand too, pods are as full as sizing wants them: by the rule for replicas alone, which keeps
 * requests a third empty, every workload that was sized would then be given more replicas.
 */
function withoutRise(advised: Advised): Advised {
  const { verdict } = advised;
  if (verdict.kind !== 'advice' || verdict.type !== 'increase_replicas') return advised;
  const reason = 'replicas: the sizes of the pods carry the demand of the next day';
  return { ...advised, verdict: { kind: 'content', reason } };
}

function wanted(record: AnalysisRecord, advice: readonly Advice[], present: FieldMap): Analysis {
  const [first] = advice;
  return {
    ...record,
    outcome: 'wanted',
    type: first?.type ?? 'right_size_cpu',
    wanted: Object.assign({}, ...advice.map((each) => each.wanted)) as FieldMap,
    reasons: advice.map((each) => each.reason),
    assess: (step) => assess(advice, present, step),
  };
}

/** A chain is as strong as its weakest link: the lowest confidence and the highest risk of the fields that move. */
function assess(advice: readonly Advice[], present: FieldMap, step: FieldMap): Assessment {
  const sizes = { ...present, ...step };
  const moved = advice.flatMap(({ field, promised, wanted: goal, basis, riskAt }) => {
    const moves = field in step || promised in step;
    const [amount, judged] = [amountOf(sizes[field]), amountOf(sizes[promised])];
    if (!moves || amount === undefined || judged === undefined) return [];
    const way = { from: amountOf(present[promised]), to: amountOf(goal[promised]) };
    const confidence = confidenceOf(basis, sizeToJudge(judged, way));
    return [{ confidence, risk: riskAt({ amount, promised: judged, confidence }) }];
  });
  return {
    confidence: Math.min(1, ...moved.map(({ confidence }) => confidence)),
    risk: highestRisk(moved.map(({ risk }) => risk.level)),
    riskPoints: Math.max(0, ...moved.map(({ risk }) => risk.points)),
    riskFactors: [
      ...new Set(moved.flatMap(({ risk }) => risk.factors.map(({ name, why }) => `${name}: ${why}`))),
    ],
  };
}

interface Way {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/**
 * A step up is surer than staying: it is as sure as the size that it leads to, however far maxChangePercent lets it
 * go. A step down must keep the promise by itself.
 */
function sizeToJudge(step: number, { from, to }: Way): number {
  return from !== undefined && to !== undefined && step > from ? Math.max(step, to) : step;
}

/** Codes of the mathematics as reasons of a condition. */
export const REFUSAL_REASONS: Readonly<Record<string, string>> = {
  'no-data': 'NoData',
  stale: 'DataStale',
  'short-history': 'InsufficientHistory',
  'low-coverage': 'InsufficientData',
  'coarse-steps': 'InsufficientData',
  'unbounded-growth': 'UnboundedGrowth',
  'bounds-conflict': 'BoundsConflict',
  'other-owner': 'OwnedByAutoscaler',
  'not-scalable': 'NotScalable',
};

function unknown(record: AnalysisRecord, advised: readonly Advised[]): Analysis {
  const silences = advised.flatMap(({ verdict }) => (verdict.kind === 'silent' ? [verdict] : []));
  const [first] = silences;
  const message = silences.every(({ code }) => code === 'no-data')
    ? `usage is not known yet: ${record.quality.source} has no samples of the workload`
    : silences.map(({ reason }) => reason).join('; ');
  const reason = REFUSAL_REASONS[first?.code ?? ''] ?? 'NotSupported';
  return {
    ...record,
    outcome: 'unknown',
    reason,
    message: silences.length === 0 ? 'nothing of this type can be analysed' : message,
  };
}

interface Concluded {
  readonly quality: DataQuality;
  readonly advised: readonly Advised[];
}

function recordOf(question: AnalysisQuestion, { quality, advised }: Concluded): AnalysisRecord {
  const inputs: Evidence[] = advised.flatMap((each) => [...each.inputs]);
  return {
    atMs: question.query.toMs,
    quality,
    inputs,
    alternatives: [...advised.flatMap((each) => [...each.alternatives]), ...unusedNote(question)],
    throttledRatio: recentThrottling(question.usage.containers),
  };
}

/** A workload that does nothing is reported, never deleted. */
export function unusedNote(question: UsageInTime): Alternative[] {
  const { containers } = question.usage;
  const idle = containers.every(
    (usage) => findUnused({ usage, nowMs: question.query.toMs }).kind === 'unused',
  );
  if (containers.length === 0 || !idle) return [];
  const why = 'CPU and memory were idle in every sample of the window; KCloud only reports this';
  return [{ action: 'delete_unused', verdict: 'reported', why }];
}

/** How good the data of an answer is. */
export function qualityOf({ usage, query }: UsageInTime): DataQuality {
  const parts = assessQuality(usage, query);
  const ages = parts.flatMap(({ ageSeconds }) => ageSeconds ?? []);
  const histories = usage.containers.flatMap(({ cpuCores }) =>
    cpuCores === undefined ? [] : (dataFacts(cpuCores, query.toMs)?.historyMs ?? []),
  );
  return {
    samples: parts.reduce((sum, { samples }) => sum + samples, 0),
    coverage: round3(Math.min(1, ...parts.map(({ coverage }) => coverage))) * (parts.length === 0 ? 0 : 1),
    ...(ages.length === 0 ? {} : { ageSeconds: Math.round(Math.max(...ages)) }),
    ...(histories.length === 0 ? {} : { historySeconds: Math.round(Math.min(...histories) / 1000) }),
    source: usage.source,
  };
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
