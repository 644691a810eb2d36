/** Which number stands for the savings of a change in force: measured where it is verified, else what it promised. */
import type { RealizedSavings } from '#apis/optimization.k8s.io/v1/status.ts';
import { changesPlacement } from '#domain/change/field.ts';
import { cents, HOURS_PER_MONTH } from '#domain/cost/resource-prices.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { isScheduled } from './follow-schedule.ts';

/** A plan saves in some hours of the week and not in others: only whole weeks tell its rate. */
const WEEK_MS = 7 * DAY_MS;

/** USD per month. */
export function savingsInForce(entry: RollbackEntry, realized: RealizedSavings, verified: boolean): number {
  // Pods that did not land on spot nodes save nothing, however much was promised.
  if (changesPlacement(entry.applied)) return realized.monthlyUsd;
  if (isScheduled(entry)) return ratePerMonth(realized) ?? cents(entry.predictedMonthlyUsd);
  return verified ? realized.monthlyUsd : cents(entry.predictedMonthlyUsd);
}

function ratePerMonth({ usd, since, through }: RealizedSavings): number | undefined {
  const elapsedMs = Date.parse(through) - Date.parse(since);
  return elapsedMs < WEEK_MS ? undefined : cents((usd / (elapsedMs / HOUR_MS)) * HOURS_PER_MONTH);
}
