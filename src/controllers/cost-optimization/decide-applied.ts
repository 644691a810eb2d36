/** A change in force: keep it in force, watch it, book what it saves, and go on analysing. */
import type { RealizedSavings } from '#apis/optimization.k8s.io/v1/status.ts';
import { changedFields } from '#domain/change/field.ts';
import { cents, HOURS_PER_MONTH } from '#domain/cost/resource-prices.ts';
import { bookInterval, savedPerHour, type SavingsRate } from '#domain/ledger/ledger.ts';
import { lastRateSince, type LedgerState } from '#domain/ledger/ledger-store.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import { decideAnalysis } from './decide-analysis.ts';
import type { Draft } from './decision.ts';
import { followSchedule, settleMove } from './follow-schedule.ts';
import type { Observation } from './observation.ts';
import type { InForce } from './in-force.ts';
import { keepInForce } from './keep-in-force.ts';
import { removeMarks, restoreAutoscalers } from './restore.ts';
import { savingsInForce } from './savings-in-force.ts';
import { currentRate, hasOverlay, objectFields } from './sizes.ts';
import { watchChange } from './watch-change.ts';

/** Savings are booked at most this often; every booking is a row in the ledger. */
const BOOK_EVERY_MS = 5 * 60_000;

export function decideApplied(o: Observation, draft: Draft): boolean {
  const { target } = o;
  const entry = settleMove(o, draft);
  if (entry === undefined || entry.steps === 0 || entry.intent !== null) return false;
  if (target?.uid !== entry.targetUid) {
    forget(o, draft, `${describeWorkload(entry.target)} was deleted`);
    return true;
  }
  if (wasOverridden(o, target, entry)) {
    overridden(o, draft, entry);
    return true;
  }
  draft.set({ appliedOptimizations: entry.steps });
  keepInForce(o, draft, { target, entry });
  if (followSchedule(o, draft, { target, entry })) return true;
  const harmed = watchChange(o, draft, { target, entry });
  if (harmed) return true;
  draft.again(BOOK_EVERY_MS);
  if (o.ledger !== undefined) book(o, draft, { target, entry, ledger: o.ledger });
  decideAnalysis(o, draft);
  return true;
}

/** Nothing of ours is left on the workload: someone else wrote every field of it. */
function wasOverridden(o: Observation, target: TargetFacts, entry: RollbackEntry): boolean {
  if (hasOverlay(entry)) return false;
  const fields = objectFields(o, target);
  return Object.keys(changedFields(fields, entry.applied)).length === Object.keys(entry.applied).length;
}

/** Whoever overrides us wins: fighting over a workload helps nobody. The next apply wants an approval. */
export function overridden(o: Observation, draft: Draft, entry: RollbackEntry): void {
  const message = 'someone else set every field that was optimized; it is left as it is now';
  draft.act(...removeMarks(o), { kind: 'RemoveEntry' });
  draft.note('Warning', 'OptimizationOverridden', message);
  draft.count({ kind: 'failed', reason: 'Overridden' });
  const generation = o.optimization.metadata.generation ?? 0;
  const regression = {
    at: rfc3339(o.nowMs),
    id: entry.recommendationId,
    reason: 'Overridden',
    message,
    generation,
  };
  draft.set({ regressions: [regression, ...(draft.status.regressions ?? [])].slice(0, 10) });
  settleAs(draft, 'Ready', message);
}

export function forget(o: Observation, draft: Draft, message: string): void {
  const autoscalers = o.entry === undefined ? [] : restoreAutoscalers(o, o.entry);
  draft.act(...autoscalers, { kind: 'RemoveEntry' });
  draft.note('Warning', 'TargetGone', message);
  settleAs(draft, o.target === undefined ? 'Pending' : 'Analyzing', message);
}

function settleAs(draft: Draft, phase: 'Pending' | 'Ready' | 'Analyzing', message: string): void {
  draft.drop('verification', 'applying', 'currentRecommendation', 'lastAnalysis', 'contested');
  draft.set({ phase, message, appliedOptimizations: 0, totalSavings: 0, savings: '0.00' });
  draft.again(0);
}

/** Books the interval since the last reading and states what is saved now. */
function book(
  o: Observation,
  draft: Draft,
  { target, entry, ledger }: InForce & { readonly ledger: LedgerState },
): void {
  const lastRate = lastRateSince(ledger, entry.storedAtMs);
  const rate = currentRate(o, target, entry);
  const due = lastRate === undefined || o.nowMs - lastRate.atMs >= BOOK_EVERY_MS;
  const row = due && lastRate !== undefined ? bookInterval(entry.owner.uid, lastRate, rate) : undefined;
  if (due) draft.act({ kind: 'BookSavings', row, rate });
  const throughMs = due ? o.nowMs : lastRate.atMs;
  const realizedSavings = stateSavings(entry, {
    rate,
    usd: ledger.savedUsd + (row?.savedUsd ?? 0),
    sinceMs: ledger.sinceMs ?? o.nowMs,
    throughMs,
  });
  const verified = draft.status.verification?.result === 'Passed';
  const inForce = savingsInForce(entry, realizedSavings, verified);
  draft.set({ totalSavings: inForce, savings: inForce.toFixed(2), realizedSavings });
}

interface Booked {
  readonly rate: SavingsRate;
  readonly usd: number;
  readonly sinceMs: number;
  readonly throughMs: number;
}

function stateSavings(entry: RollbackEntry, booked: Booked): RealizedSavings {
  return {
    usd: round4(booked.usd),
    monthlyUsd: cents(savedPerHour(booked.rate) * HOURS_PER_MONTH),
    predictedMonthlyUsd: cents(entry.predictedMonthlyUsd),
    since: rfc3339(booked.sinceMs),
    through: rfc3339(booked.throughMs),
    priceSource: booked.rate.priceSource,
  };
}

/** Money saved in minutes is less than a cent; four digits keep it visible without pretending precision. */
function round4(usd: number): number {
  return Math.round(usd * 1e4) / 1e4 + 0;
}
