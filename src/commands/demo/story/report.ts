/** What came of every CostOptimization: promised, measured, booked, or left alone and why. Facts only. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { createHash } from 'node:crypto';
import { HOURS_PER_MONTH } from '#domain/cost/resource-prices.ts';
import { HOUR_MS } from '#domain/units/duration.ts';
import type { ClusterPower } from '../cluster-power.ts';
import type { DemoWorld } from '../demo-world.ts';
import type { News } from './newsfeed.ts';

export type Outcome = 'verified' | 'watched' | 'rolled back' | 'left alone';

export interface ReportRow {
  readonly namespace: string;
  readonly workload: string;
  readonly type: string;
  readonly outcome: Outcome;
  /** Changes in force. */
  readonly steps: number;
  /** What the changes in force promise, or what was promised by what was rolled back. */
  readonly predictedUsdPerMonth: number | undefined;
  /** The rate that the ledger measured last, on the pods that run: original against actual sizes. */
  readonly measuredUsdPerMonth: number | undefined;
  /** Money saved so far: measured every few minutes, booked at the lower end. */
  readonly bookedUsd: number | undefined;
  readonly note: string;
}

export interface Report {
  readonly seed: number;
  /** How long the operator was at work. */
  readonly hours: number;
  readonly beforeUsdPerMonth: number;
  readonly afterUsdPerMonth: number;
  /** What the machines drew at the beginning and at the end; the demand of the two hours differs. */
  readonly power: { readonly before: ClusterPower | undefined; readonly after: ClusterPower | undefined };
  /** Sums over what is in force. */
  readonly predictedUsdPerMonth: number;
  readonly measuredUsdPerMonth: number;
  readonly bookedUsd: number;
  readonly rows: readonly ReportRow[];
  /** Of everything that happened: the same for the same seed. */
  readonly digest: string;
}

export interface ReportInput {
  readonly seed: number;
  readonly demo: DemoWorld;
  readonly beforeUsdPerHour: number;
  readonly power: Report['power'];
  readonly beganMs: number;
  readonly news: readonly News[];
}

export function reportOf(input: ReportInput): Report {
  const { seed, demo, beforeUsdPerHour, power, beganMs, news } = input;
  const rows = demo.optimizations().map(rowOf);
  const inForce = rows.filter(({ outcome }) => outcome === 'verified' || outcome === 'watched');
  const facts = {
    hours: Math.round((demo.nowMs - beganMs) / HOUR_MS),
    beforeUsdPerMonth: cents(beforeUsdPerHour * HOURS_PER_MONTH),
    afterUsdPerMonth: cents(demo.money().usdPerHour * HOURS_PER_MONTH),
    power,
    predictedUsdPerMonth: sum(inForce, 'predictedUsdPerMonth'),
    measuredUsdPerMonth: sum(inForce, 'measuredUsdPerMonth'),
    bookedUsd: sum(rows, 'bookedUsd'),
    rows,
  };
  const digest = createHash('sha256').update(JSON.stringify({ facts, news })).digest('hex');
  return { seed, ...facts, digest };
}

function rowOf(optimization: CostOptimization): ReportRow {
  const { metadata, spec, status = {} } = optimization;
  const { realizedSavings: realized, appliedOptimizations: steps = 0 } = status;
  return {
    namespace: metadata.namespace ?? '',
    workload: spec.targetWorkload.name,
    type: spec.optimizationType,
    outcome: outcomeOf(optimization),
    steps,
    predictedUsdPerMonth: realized?.predictedMonthlyUsd,
    measuredUsdPerMonth: realized?.monthlyUsd,
    bookedUsd: realized === undefined ? undefined : cents(realized.usd),
    note: noteOf(optimization),
  };
}

function outcomeOf({ status = {} }: CostOptimization): Outcome {
  if (status.phase === 'RolledBack') return 'rolled back';
  if ((status.appliedOptimizations ?? 0) === 0) return 'left alone';
  return status.verification?.result === 'Passed' ? 'verified' : 'watched';
}

function noteOf(optimization: CostOptimization): string {
  const { status = {} } = optimization;
  const outcome = outcomeOf(optimization);
  if (outcome === 'rolled back') return status.regressions?.map(({ reason }) => reason).join(', ') ?? '';
  return outcome === 'left alone' ? whyLeftAlone(status) : '';
}

function whyLeftAlone({
  currentRecommendation,
  message = '',
}: NonNullable<CostOptimization['status']>): string {
  return currentRecommendation?.blockedBy?.[0] ?? firstClause(message);
}

function firstClause(message: string): string {
  return message.split('; ')[0] ?? '';
}

type Amount = 'predictedUsdPerMonth' | 'measuredUsdPerMonth' | 'bookedUsd';

function sum(rows: readonly ReportRow[], amount: Amount): number {
  return cents(rows.reduce((total, row) => total + (row[amount] ?? 0), 0));
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100 + 0;
}
