/** What every hour of a period cost, with how much of it is known. Nothing is made up for the rest. */
import type { HourTotals } from '#adapters/power-history/hour-totals.ts';
import { COARSE_MS } from '#adapters/power-history/levels.ts';
import type {
  EnergyQuery,
  EnergySum,
  Observation,
  PowerHistory,
} from '#adapters/power-history/power-history.ts';
import type { CostHour } from '#apis/estimator-api/cost.ts';
import type { EnergyCost } from '#domain/cost/energy-cost.ts';
import { HOUR_MS } from '#domain/units/duration.ts';
import { sumCosts } from '../amounts.ts';
import { amountsAnswer } from '../answers/cost-answer.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import type { Tariff } from '../tariff.ts';
import type { Period } from './period.ts';

export interface HourlyParts {
  readonly history: PowerHistory;
  readonly hours: HourTotals;
  readonly tariff: Tariff;
}

/** Energy of hours, by the hour's start; an hour that is absent drew nothing that was seen. */
export type HourlyEnergy = ReadonlyMap<number, Pick<EnergySum, 'activeJoules' | 'idleJoules' | 'origin'>>;

interface Hour {
  readonly fromMs: number;
  readonly toMs: number;
  readonly seen: Observation | undefined;
  readonly joules: number | undefined;
  readonly cost: EnergyCost | undefined;
  readonly origin: EnergySum['origin'] | undefined;
}

export interface HourlyReport {
  readonly hours: readonly CostHour[];
  readonly total: ReturnType<typeof totalOf>;
}

/** Of the cluster where no namespace is given. */
export function hourlyCost(parts: HourlyParts, period: Period, namespace?: string): HourlyReport {
  const kind = namespace === undefined ? 'node' : 'container';
  return reportOf(parts, { period, kind, energy: parts.hours.energy(period, namespace) });
}

interface Reported {
  readonly period: Period;
  readonly kind: EnergyQuery['kind'];
  readonly energy: HourlyEnergy;
}

export function reportOf(parts: HourlyParts, { period, kind, energy }: Reported): HourlyReport {
  // An hour in which no node was known tells nothing of the cluster, one in which no container was nothing of a namespace.
  const known = parts.hours.known(period, kind);
  const observed = parts.history
    .observed(COARSE_MS, period.fromMs, period.toMs)
    .filter(({ fromMs }) => known.has(fromMs));
  const seen = new Map(observed.map((one) => [one.fromMs, one]));
  const firstMs = observed[0]?.fromMs ?? period.toMs;
  const hours: Hour[] = [];
  for (let fromMs = firstMs; fromMs < period.toMs; fromMs += HOUR_MS) {
    const toMs = Math.min(fromMs + HOUR_MS, period.toMs);
    hours.push(hourOf({ fromMs, toMs, seen: seen.get(fromMs) }, energy.get(fromMs), parts.tariff));
  }
  return { hours: hours.map(hourAnswer), total: totalOf(hours, period) };
}

function hourOf(
  span: Pick<Hour, 'fromMs' | 'toMs' | 'seen'>,
  sum: ReturnType<HourlyEnergy['get']>,
  tariff: Tariff,
): Hour {
  const { fromMs, toMs, seen } = span;
  if (seen === undefined) return { ...span, joules: undefined, cost: undefined, origin: undefined };
  // Looked at, and nothing of what was asked for was there: that is zero, and it is known.
  const joules = sum === undefined ? 0 : sum.activeJoules + sum.idleJoules;
  return { ...span, joules, cost: tariff.past({ fromMs, toMs, joules }), origin: sum?.origin };
}

const NOBODY_LOOKED = 'nothing was seen in this hour: the estimator did not run, or its source was down';

function hourAnswer(hour: Hour): CostHour {
  const { fromMs, toMs, seen, origin } = hour;
  const amounts = amountsAnswer(
    meanWatts(hour),
    sumCosts(hour.cost === undefined ? [] : [hour.cost], NOBODY_LOOKED),
  );
  const because = partlyUnknown(seen);
  return {
    start: isoTime(fromMs),
    end: isoTime(toMs),
    ...amounts,
    coverage: coverage(seen, toMs - fromMs),
    origin: origin ?? null,
    ...(because === undefined ? {} : { unknown: { ...amounts.unknown, part: because } }),
  };
}

function meanWatts({ joules, seen }: Hour): number | undefined {
  return joules === undefined || seen === undefined ? undefined : joules / (seen.coveredMs / 1000);
}

function coverage(seen: Observation | undefined, ms: number): number {
  return seen === undefined ? 0 : Math.min(1, seen.coveredMs / ms);
}

/** What is said of an hour of which a part of the cluster was not known. */
function partlyUnknown(seen: Observation | undefined): string | undefined {
  if (seen?.problem === undefined) return undefined;
  return `for ${String(Math.round(seen.problemMs / 60_000))} minutes: ${seen.problem}`;
}

function totalOf(hours: readonly Hour[], { fromMs, toMs }: Period) {
  const known = hours.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
  const coveredMs = hours.reduce((sum, { seen }) => sum + (seen?.coveredMs ?? 0), 0);
  const joules = hours.reduce((sum, hour) => sum + (hour.joules ?? 0), 0);
  const watts = coveredMs === 0 ? undefined : joules / (coveredMs / 1000);
  return {
    ...amountsAnswer(watts, sumCosts(known, 'nothing is known of the whole period')),
    coverage: Math.min(1, coveredMs / (toMs - fromMs)),
    hours_known: known.length,
    hours_unknown: Math.ceil((toMs - fromMs) / HOUR_MS) - known.length,
  };
}
