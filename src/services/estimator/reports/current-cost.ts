/** What an hour at the power of now costs: of the cluster by namespace, or of what a caller asks for. */
import type { CostCurrentAnswer } from '#apis/estimator-api/cost.ts';
import type { ContainerPower, PowerOrigin, PowerSnapshot } from '#domain/power/power.ts';
import { amountsAnswer, formulaAnswer } from '../answers/cost-answer.ts';
import { sumWatts } from '../answers/power-answer.ts';
import { type ContainerFilter, selectContainers } from '../selection.ts';
import type { Tariff } from '../tariff.ts';

const ORIGINS: readonly PowerOrigin[] = ['measured', 'modelled', 'default'];

/** The weakest; null of nothing. */
export function weakestOrigin(all: readonly { readonly origin: PowerOrigin }[]): PowerOrigin | null {
  const ranks = all.map(({ origin }) => ORIGINS.indexOf(origin));
  return ORIGINS[ranks.reduce((most, rank) => Math.max(most, rank), -1)] ?? null;
}

export function currentCost(
  snapshot: PowerSnapshot,
  filter: ContainerFilter,
  tariff: Tariff,
): CostCurrentAnswer['cost'] {
  const containers = selectContainers(snapshot.containers, filter);
  const isWhole = filter.namespace === undefined && filter.workload === undefined;
  const amounts = (watts: number | undefined) => amountsAnswer(watts, tariff.hourAt(watts, snapshot.atMs));
  const namespaces = [...Map.groupBy(containers, ({ namespace }) => namespace)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    ...amounts(isWhole ? wholeWatts(snapshot) : wattsOrUnknown(containers)),
    origin: weakestOrigin(isWhole ? snapshot.nodes : containers),
    namespaces: namespaces.map(([namespace, own]) => ({ namespace, ...amounts(sumWatts(own)) })),
    system: isWhole ? amounts(systemWatts(snapshot)) : null,
    formula: formulaAnswer(tariff, snapshot.atMs),
  };
}

function wholeWatts({ nodes }: PowerSnapshot): number | undefined {
  return nodes.length === 0 ? undefined : nodes.reduce((sum, { watts }) => sum + watts, 0);
}

/** With the containers it makes the whole, so also what containers draw whose node is not known is taken off. */
function systemWatts(snapshot: PowerSnapshot): number | undefined {
  const whole = wholeWatts(snapshot);
  return whole === undefined ? undefined : whole - sumWatts(snapshot.containers);
}

function wattsOrUnknown(containers: readonly ContainerPower[]): number | undefined {
  return containers.length === 0 ? undefined : sumWatts(containers);
}
