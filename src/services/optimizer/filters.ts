/** Which findings a caller wants to see. */
import { RISK_LEVELS, type RiskLevel } from '#apis/optimization.k8s.io/v1/spec.ts';
import { withinRisk } from '#domain/policy/optimization-policy.ts';
import { invalidField } from '../rest/field-problem.ts';
import type { Finding } from './analysis/findings.ts';
import { savingsOf } from './analysis/totals.ts';
import type { AnalyzedWorkload } from './cluster-analysis.ts';

export interface FindingFilter {
  readonly minConfidence?: number | undefined;
  /** USD per month; below zero lets through what costs money for safety. */
  readonly minSavingsUsd?: number | undefined;
  readonly maxRisk?: RiskLevel | undefined;
  readonly types?: readonly Finding['type'][] | undefined;
}

export function passes(finding: Finding, filter: FindingFilter): boolean {
  const { minConfidence = 0, minSavingsUsd = -Infinity, maxRisk = 'CRITICAL', types } = filter;
  return (
    finding.assessment.confidence >= minConfidence &&
    savingsOf(finding) >= minSavingsUsd &&
    withinRisk(finding.assessment.risk, maxRisk) &&
    (types === undefined || types.includes(finding.type))
  );
}

/** The level in capitals, however it was written. */
export function riskLevel(asked: string | undefined): RiskLevel | undefined {
  return RISK_LEVELS.find((level) => level === asked?.toUpperCase());
}

type Names = readonly string[] | null | undefined;

/** The workloads of the namespaces; none named means all. */
export function inNamespaces(
  workloads: readonly AnalyzedWorkload[],
  namespaces: Names,
): readonly AnalyzedWorkload[] {
  if (namespaces === null || namespaces === undefined || namespaces.length === 0) return workloads;
  return workloads.filter(({ facts }) => namespaces.includes(facts.ref.namespace));
}

/** One service sees one cluster: asking for others only is a mistake, not an empty answer. */
export function checkCluster(asked: Names, clusterName: string): void {
  if (asked === null || asked === undefined || asked.length === 0 || asked.includes(clusterName)) return;
  throw invalidField('cluster_filter', `names other clusters only: this service sees ${clusterName}`);
}
