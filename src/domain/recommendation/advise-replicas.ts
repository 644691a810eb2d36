/** Advice on the number of replicas. */
import { type FieldMap, REPLICAS } from '../change/field.ts';
import { podFootprint } from '../cost/workload-cost.ts';
import type { OptimizationPolicy } from '../policy/optimization-policy.ts';
import type { DataRules } from '../rightsizing/data-rules.ts';
import { recommendReplicas, type ReplicaRecommendation } from '../rightsizing/replicas.ts';
import { assessRisk } from '../rightsizing/risk.ts';
import { sumSeries } from '../usage/series-sum.ts';
import type { ContainerUsage } from '../usage/usage.ts';
import { describeWorkload } from '../workload/workload-ref.ts';
import type { Advice, Advised } from './advice.ts';
import { alternativeOf, type EvidenceSource, evidenceOf } from './measures.ts';

export interface CountQuestion {
  readonly policy: OptimizationPolicy;
  readonly present: FieldMap;
  readonly replicas: number;
  readonly usage: readonly ContainerUsage[];
  /** A count that proved too low. */
  readonly floor: number | undefined;
  readonly autoscaler: string | undefined;
  readonly nowMs: number;
  readonly rules: Partial<DataRules>;
  readonly source: EvidenceSource;
}

const SUBJECT = 'replicas';

export function adviseReplicas(question: CountQuestion): Advised {
  const { target } = question.policy;
  const pod = podFootprint(question.present);
  const outcome = recommendReplicas({
    workload: describeWorkload(target),
    workloadKind: target.kind,
    nowMs: question.nowMs,
    cpuCores: sumSeries(question.usage.map(({ cpuCores }) => cpuCores)),
    memoryBytes: sumSeries(question.usage.map(({ memoryBytes }) => memoryBytes)),
    podCpuCores: pod.cpuCores,
    podMemoryBytes: pod.memoryBytes,
    replicas: question.replicas,
    minReplicas: question.floor === undefined ? 1 : question.floor + 1,
    autoscaler: question.autoscaler,
    rules: question.rules,
  });
  const inputs = outcome.measures.map((measure) => evidenceOf(SUBJECT, measure, question.source));
  if (outcome.kind === 'refusal') {
    const verdict = { kind: 'silent', code: outcome.code, reason: `${SUBJECT}: ${outcome.message}` } as const;
    return { verdict, inputs, alternatives: [] };
  }
  const alternatives = outcome.alternatives.map((alternative) => alternativeOf(SUBJECT, alternative));
  const reason = `${SUBJECT}: ${outcome.promise}`;
  if (outcome.action === 'keep') return { verdict: { kind: 'content', reason }, inputs, alternatives };
  return { verdict: adviceOf(question, outcome, reason), inputs, alternatives };
}

function adviceOf(question: CountQuestion, outcome: ReplicaRecommendation, reason: string): Advice {
  return {
    kind: 'advice',
    type: outcome.action === 'lower' ? 'reduce_replicas' : 'increase_replicas',
    field: REPLICAS,
    promised: REPLICAS,
    wanted: { [REPLICAS]: outcome.replicas },
    basis: outcome.basis,
    reason,
    riskAt: ({ amount, confidence }) =>
      assessRisk({
        what: 'replicas',
        change: amount / question.replicas - 1,
        workloadKind: question.policy.target.kind,
        replicas: question.replicas,
        confidence,
        oomKills: 0,
        belowPeak: false,
      }),
  };
}
