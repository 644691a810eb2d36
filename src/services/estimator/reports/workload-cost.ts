/** What a workload costs now and cost over a period, by hour, container and part. */
import { COARSE_MS } from '#adapters/power-history/levels.ts';
import type { EnergySum } from '#adapters/power-history/power-history.ts';
import type { CostWorkloadAnswer } from '#apis/estimator-api/cost.ts';
import { POWER_PARTS, type PowerSnapshot } from '#domain/power/power.ts';
import { KcError } from '#errors/kc-error.ts';
import { invalidField } from '../../rest/field-problem.ts';
import { sumCosts } from '../amounts.ts';
import { amountsAnswer, formulaAnswer } from '../answers/cost-answer.ts';
import { sumWatts } from '../answers/power-answer.ts';
import { isPodOf, parseWorkloadId, type WorkloadId } from '../selection.ts';
import { weakestOrigin } from './current-cost.ts';
import { type HourlyEnergy, type HourlyParts, reportOf } from './hourly-cost.ts';
import type { Period } from './period.ts';

interface WorkloadQuestion {
  readonly id: string;
  readonly period: Period;
  /** The power of now. */
  readonly snapshot: PowerSnapshot;
}

type Breakdown = CostWorkloadAnswer['cost_breakdown'];

export interface WorkloadCost {
  readonly namespace: string;
  readonly breakdown: Breakdown;
}

/** Throws KC_NOT_FOUND, and InvalidRequest where workloads of several namespaces have the name. */
export function workloadCost(parts: HourlyParts, question: WorkloadQuestion): WorkloadCost {
  const asked = parseWorkloadId(question.id);
  const rows = energyOf(parts, question.period, asked);
  const running = question.snapshot.containers.filter(
    ({ namespace, pod }) => (asked.namespace ?? namespace) === namespace && isPodOf(pod, asked.name),
  );
  const namespace = theOnly(
    [...rows, ...running].map((row) => row.namespace ?? ''),
    asked,
  );
  return { namespace, breakdown: breakdownOf(parts, question, { rows, running }) };
}

function energyOf(
  { history }: HourlyParts,
  period: Period,
  { namespace, name }: WorkloadId,
): readonly EnergySum[] {
  const own = history.pods(namespace).filter(({ pod }) => isPodOf(pod, name));
  if (own.length === 0) return [];
  const by = ['namespace', 'pod', 'container', 'time'] as const;
  const pods = own.map(({ pod }) => pod);
  return history.sums({ kind: 'container', levelMs: COARSE_MS, ...period, by, namespace, pods });
}

function theOnly(namespaces: readonly string[], { name }: WorkloadId): string {
  const [first, ...others] = new Set(namespaces);
  if (first === undefined) {
    const fix =
      'GET /power/containers lists what is known; a workload goes by its name, or by namespace:name';
    throw new KcError('KC_NOT_FOUND', {
      problem: `no pod of a workload "${name.slice(0, 100)}" is known`,
      fix,
    });
  }
  if (others.length === 0) return first;
  throw invalidField('path.workload_id', `is in ${[first, ...others].join(' and ')}: write namespace:name`);
}

interface Known {
  readonly rows: readonly EnergySum[];
  readonly running: PowerSnapshot['containers'];
}

function breakdownOf(
  parts: HourlyParts,
  { period, snapshot }: WorkloadQuestion,
  { rows, running }: Known,
): Breakdown {
  const watts = running.length === 0 ? undefined : sumWatts(running);
  const { hours, total } = reportOf(parts, { period, kind: 'container', energy: byHour(rows) });
  const now = parts.tariff.hourAt(watts, snapshot.atMs);
  const notRunning = watts === undefined ? { ...now, unknown: ['no pod of it runs now'] } : now;
  return {
    current_hour: { ...amountsAnswer(watts, notRunning), origin: weakestOrigin(running) },
    total,
    by_part: byPart(parts, rows),
    containers: byContainer(parts, rows),
    hours: [...hours],
    formula: formulaAnswer(parts.tariff, snapshot.atMs),
  };
}

function byHour(rows: readonly EnergySum[]): HourlyEnergy {
  const sums = new Map<number, { activeJoules: number; idleJoules: number; origin: EnergySum['origin'] }>();
  for (const row of rows) {
    const fromMs = row.fromMs ?? 0;
    const sum = sums.get(fromMs) ?? { activeJoules: 0, idleJoules: 0, origin: row.origin };
    sums.set(fromMs, {
      activeJoules: sum.activeJoules + row.activeJoules,
      idleJoules: sum.idleJoules + row.idleJoules,
      origin: weakestOrigin([sum, row]) ?? row.origin,
    });
  }
  return sums;
}

/** What rows of energy cost, each at the rates of its hour. */
function costOf({ tariff }: HourlyParts, rows: readonly EnergySum[], joulesOf: (row: EnergySum) => number) {
  const costs = rows.map((row) => {
    const fromMs = row.fromMs ?? 0;
    return tariff.past({ fromMs, toMs: fromMs + COARSE_MS, joules: joulesOf(row) });
  });
  const coveredMs = rows.reduce((sum, row) => sum + row.coveredMs, 0);
  const joules = rows.reduce((sum, row) => sum + joulesOf(row), 0);
  const watts = coveredMs === 0 ? undefined : joules / (coveredMs / 1000);
  return amountsAnswer(watts, sumCosts(costs, 'nothing is known of the period'));
}

function byPart(parts: HourlyParts, rows: readonly EnergySum[]): Breakdown['by_part'] {
  const measured = POWER_PARTS.filter((part) =>
    rows.some(({ partJoules }) => partJoules[part] !== undefined),
  );
  const amounts = measured.map((part) => [
    part,
    costOf(parts, rows, ({ partJoules }) => partJoules[part] ?? 0),
  ]);
  const idle = rows.length === 0 ? [] : [['idle', costOf(parts, rows, ({ idleJoules }) => idleJoules)]];
  return Object.fromEntries([...amounts, ...idle]) as Breakdown['by_part'];
}

function byContainer(parts: HourlyParts, rows: readonly EnergySum[]): Breakdown['containers'] {
  const groups = Map.groupBy(rows, ({ pod = '', container = '' }) => `${pod}/${container}`);
  return [...groups.values()].map((own) => ({
    pod_name: own[0]?.pod ?? '',
    container_name: own[0]?.container ?? '',
    ...costOf(parts, own, ({ activeJoules, idleJoules }) => activeJoules + idleJoules),
  }));
}
