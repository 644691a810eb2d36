/** Savings that were measured, from the ledger, beside those that are still open. */
import type { SavingsHistory } from '#apis/optimizer-api/history.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { HOURS_PER_MONTH } from '#domain/cost/resource-prices.ts';
import type { OwnedLedgerRow } from '#domain/ledger/ledger-store.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { rfc3339 } from '#platform/clock.ts';
import { round, UnknownFields, usd } from './answers/unknown.ts';

export interface HistoryInput {
  readonly fromMs: number;
  readonly toMs: number;
  /** Undefined where this service has no ledger. */
  readonly rows: readonly OwnedLedgerRow[] | undefined;
  readonly optimizations: readonly CostOptimization[];
}

const NO_LEDGER = 'this service has no ledger: start it with --state <data folder of the operator>/state.db';

export function savingsHistory(input: HistoryInput): SavingsHistory {
  const { fromMs, toMs, rows, optimizations } = input;
  const unknown = new UnknownFields();
  const days = rows === undefined ? [] : dailyRows(rows, input);
  const realized = rows === undefined ? undefined : usd(days.reduce((sum, day) => sum + day.saved_usd, 0));
  const open = openUsdPerMonth(optimizations) * ((toMs - fromMs) / HOUR_MS / HOURS_PER_MONTH);
  const potential = realized === undefined ? undefined : usd(realized + open);
  const rate = potential ? round(((realized ?? 0) / potential) * 100, 2) : undefined;
  const since = (time: string | undefined): boolean => time !== undefined && Date.parse(time) >= fromMs;
  return {
    period_start: rfc3339(fromMs),
    period_end: rfc3339(toMs),
    total_recommendations_generated: optimizations.filter(
      ({ status }) =>
        (since(status?.lastAnalysis) && status?.currentRecommendation !== undefined) ||
        since(status?.lastApplied),
    ).length,
    recommendations_applied: optimizations.filter(({ status }) => since(status?.lastApplied)).length,
    potential_savings: unknown.number('potential_savings', potential, NO_LEDGER),
    realized_savings: unknown.number('realized_savings', realized, NO_LEDGER),
    realization_rate: unknown.number(
      'realization_rate',
      rate,
      rows === undefined ? NO_LEDGER : 'nothing could be saved',
    ),
    daily: days.map((day) => ({
      ...day,
      saved_usd: usd(day.saved_usd),
      baseline_usd: usd(day.baseline_usd),
      actual_usd: usd(day.actual_usd),
    })),
    ...unknown.noted,
  };
}

/** What the recommendations that nothing was done about would save, USD per month. */
function openUsdPerMonth(optimizations: readonly CostOptimization[]): number {
  return optimizations.reduce((sum, { status }) => {
    const { monthlySavings = 0, targetMonthlySavings = monthlySavings } = status?.currentRecommendation ?? {};
    return sum + Math.max(0, targetMonthlySavings);
  }, 0);
}

type Day = SavingsHistory['daily'][number];

/** Rows are cut where a day or the period ends: each part gets its share by time. */
function dailyRows(rows: readonly OwnedLedgerRow[], { fromMs, toMs }: HistoryInput): Day[] {
  const days = new Map<string, Day>();
  for (const row of rows) {
    for (const part of partsByDay(Math.max(row.fromMs, fromMs), Math.min(row.toMs, toMs))) {
      const share = (part.toMs - part.fromMs) / (row.toMs - row.fromMs);
      const date = new Date(part.fromMs).toISOString().slice(0, 10);
      const day = days.get(date) ?? { date, saved_usd: 0, baseline_usd: 0, actual_usd: 0 };
      days.set(date, {
        date,
        saved_usd: day.saved_usd + row.savedUsd * share,
        baseline_usd: day.baseline_usd + row.baselineUsd * share,
        actual_usd: day.actual_usd + row.actualUsd * share,
      });
    }
  }
  return [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}

function partsByDay(fromMs: number, toMs: number): { readonly fromMs: number; readonly toMs: number }[] {
  const parts = [];
  for (let at = fromMs; at < toMs;) {
    const end = Math.min(toMs, (Math.floor(at / DAY_MS) + 1) * DAY_MS);
    parts.push({ fromMs: at, toMs: end });
    at = end;
  }
  return parts;
}
