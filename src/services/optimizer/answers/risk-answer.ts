/** Risks and ways back, as the API answers. */
import type { RecommendationAnswer } from '#apis/optimizer-api/recommendation.ts';
import type { Assessment } from '#domain/recommendation/analysis.ts';
import type { RiskLevel } from '#apis/optimization.k8s.io/v1/spec.ts';
import type { Finding } from '../analysis/findings.ts';

/** Points of the risk table on the scale of this API: below 0.5 LOW, below 0.7 MEDIUM, below 0.9 HIGH. */
const SCORES = [0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1] as const;
/** The beginning of each level, where points were not counted. */
const LEVEL_SCORES: Readonly<Record<RiskLevel, number>> = { LOW: 0.1, MEDIUM: 0.5, HIGH: 0.7, CRITICAL: 0.9 };

export function riskAnswer(finding: Finding): RecommendationAnswer['risk_assessment'] {
  const { assessment } = finding;
  return {
    level: assessment.risk,
    score: scoreOf(assessment),
    factors: [...assessment.riskFactors],
    mitigation_steps: mitigationsOf(finding),
  };
}

function scoreOf({ risk, riskPoints }: Assessment): number {
  return riskPoints === undefined
    ? LEVEL_SCORES[risk]
    : (SCORES[Math.min(riskPoints, SCORES.length - 1)] ?? 1);
}

/** What to do about a factor, by the name it begins with. */
const MITIGATIONS: Readonly<Record<string, string>> = {
  'large reduction': 'apply it in steps: set spec.maxChangePercent of a CostOptimization',
  'drastic reduction': 'apply it in steps: set spec.maxChangePercent of a CostOptimization',
  'below peak': 'raise containers[].minMemory to the peak you want to survive',
  'OOM kills': 'look for the leak or the burst behind the kills first',
  throttled: 'look at the latency of the workload after the change; state it as spec.slo',
  'single replica': 'run a second replica before the change',
  'last replica': 'keep at least two replicas: set minReplicas of its autoscaler or a PodDisruptionBudget',
  deletion: 'ask its owner; keep the manifest',
};

function mitigationsOf({ type, assessment }: Finding): string[] {
  const named = assessment.riskFactors.map((factor) => MITIGATIONS[factor.split(':', 1)[0] ?? '']);
  const always =
    type === 'delete_unused'
      ? []
      : ['the original is stored before the change, and harm seen in the verification window rolls it back'];
  return [...new Set([...always, ...named.filter((step) => step !== undefined)])];
}

export function rollbackPlan(finding: Finding, optimization: string): RecommendationAnswer['rollback_plan'] {
  const { namespace, name, kind } = finding.facts.ref;
  const unknown = { estimated_time_minutes: 'it takes as long as the pods need to become ready' };
  if (finding.type === 'delete_unused') {
    const steps = [`apply the manifest of ${kind} ${namespace}/${name} again`];
    return { steps, estimated_time_minutes: null, automation_available: false, unknown };
  }
  return {
    steps: [
      `kubectl -n ${namespace} annotate costoptimization ${optimization} optimization.k8s.io/rollback=now --overwrite`,
      `or kubectl -n ${namespace} delete costoptimization ${optimization}: every container gets its original back`,
    ],
    estimated_time_minutes: null,
    automation_available: true,
    unknown,
  };
}
