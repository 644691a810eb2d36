/** The cost summary of many workloads, as the API answers it. */
import type { CostSummary } from '#apis/optimizer-api/analysis.ts';
import { podFootprint } from '#domain/cost/workload-cost.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Finding } from '../analysis/findings.ts';
import { savingsOf, savingsTogether } from '../analysis/totals.ts';
import type { AnalyzedWorkload } from '../cluster-analysis.ts';
import { costAnswer } from './cost-answer.ts';
import { recommendationAnswer } from './recommendation-answer.ts';
import { round, UnknownFields, usd } from './unknown.ts';

const TOP = 10;

export interface SummaryInput {
  readonly clusterName: string;
  readonly atMs: number;
  /** With the findings that the caller wants to see. */
  readonly workloads: readonly AnalyzedWorkload[];
}

interface Totals {
  /** Undefined where nothing is priced. */
  readonly currentUsd: number | undefined;
  /** Undefined where nothing is known. */
  readonly savedUsd: number | undefined;
}

export function summaryAnswer({ clusterName, atMs, workloads }: SummaryInput): CostSummary {
  const findings = workloads.flatMap((workload) => [...workload.findings]).sort(bySavings);
  const totals = totalsOf(workloads);
  const unknown = new UnknownFields();
  const money = moneyOf(totals, unknown);
  return {
    total_workloads: workloads.length,
    unknown_workloads: workloads.filter((workload) => workload.unknown).length,
    total_current_monthly_cost: money.current,
    total_optimized_monthly_cost: money.optimized,
    total_potential_monthly_savings: money.saved,
    total_potential_yearly_savings: money.saved === null ? null : usd(money.saved * 12),
    overall_savings_percentage: money.percent,
    clusters: [
      {
        cluster_name: clusterName,
        provider: workloads.find(({ facts }) => facts.provider !== undefined)?.facts.provider ?? null,
        workload_count: workloads.length,
        current_monthly_cost: money.current,
        optimized_monthly_cost: money.optimized,
        potential_monthly_savings: money.saved,
        savings_percentage: money.percent,
        recommendation_count: findings.length,
      },
    ],
    top_recommendations: findings.slice(0, TOP).map((finding) => recommendationAnswer(finding, clusterName)),
    by_optimization_type: byType(findings),
    analysis_timestamp: rfc3339(atMs),
    ...unknown.noted,
  };
}

export function bySavings(a: Finding, b: Finding): number {
  return savingsOf(b) - savingsOf(a) || (a.id < b.id ? -1 : 1);
}

/** What is not known is left out of the sums, and counted beside them. */
export function totalsOf(workloads: readonly AnalyzedWorkload[]): Totals {
  const priced = workloads.flatMap(({ facts }) => monthlyUsd(facts) ?? []);
  const known = workloads.filter(({ unknown }) => !unknown);
  return {
    currentUsd: priced.length === 0 ? undefined : sum(priced),
    savedUsd: known.length === 0 ? undefined : sum(known.map(({ findings }) => savingsTogether(findings))),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function monthlyUsd({ present, target, prices }: AnalyzedWorkload['facts']): number | undefined {
  const { cpuCores, memoryBytes } = podFootprint(present);
  if (cpuCores === undefined && memoryBytes === undefined) return undefined;
  return (
    costAnswer({ sizes: present, replicas: target.rollout.desiredReplicas, prices }).monthly ?? undefined
  );
}

function moneyOf({ currentUsd, savedUsd }: Totals, unknown: UnknownFields) {
  const noPrice = 'no workload has a request that could be priced';
  const noData = 'usage of no workload is known well enough';
  const saved = unknown.number('total_potential_monthly_savings', usd(savedUsd ?? Number.NaN), noData);
  const rest = saved === null || currentUsd === undefined ? undefined : usd(currentUsd) - saved;
  const share = rest === undefined || !currentUsd ? undefined : round(((saved ?? 0) / currentUsd) * 100, 2);
  return {
    saved,
    current: unknown.number('total_current_monthly_cost', usd(currentUsd ?? Number.NaN), noPrice),
    optimized: unknown.number('total_optimized_monthly_cost', usd(rest ?? Number.NaN), noData),
    percent: unknown.number('overall_savings_percentage', share, noData),
  };
}

function byType(findings: readonly Finding[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const finding of findings) sums[finding.type] = (sums[finding.type] ?? 0) + savingsOf(finding);
  return Object.fromEntries(Object.entries(sums).map(([type, saved]) => [type, usd(saved)]));
}
