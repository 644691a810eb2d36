/** What a move to spot nodes depends on, read from the cluster: the nodes, their prices, and a workload's placement. */
import type { Node } from '#apis/kubernetes/builtin.ts';
import { amountOf, type FieldMap, parseHpaPath, placementPath } from '#domain/change/field.ts';
import { placementOf, readPlacementFields } from '#domain/change/placement-objects.ts';
import { podTemplateOf } from '#domain/change/workload-objects.ts';
import { nodeFacts } from '#domain/cost/node-facts.ts';
import { listedUsdPerHour, pricesOfNode } from '#domain/cost/node-prices.ts';
import type { ResourcePrices } from '#domain/cost/resource-prices.ts';
import type { OptimizationPolicy } from '#domain/policy/optimization-policy.ts';
import { CAPACITY_LABELS, type CapacityLabel, detectLabel } from '#domain/spot/capacity-label.ts';
import { readSpotNode, type SpotNode } from '#domain/spot/spot-node.ts';
import type { SpotQuestion } from '#domain/spot/spot-question.ts';
import type { ClusterView } from './cluster-view.ts';
import type { PriceBook, WorkloadFacts } from './workload-facts.ts';

/** The nodes of the cluster as spot decisions see them; read once for many workloads. */
export interface SpotMarket {
  readonly nowMs: number;
  readonly label: CapacityLabel | undefined;
  readonly nodes: readonly SpotNode[];
}

export function readSpotMarket(
  cluster: ClusterView,
  { base, nodes: list }: PriceBook,
  nowMs: number,
): SpotMarket {
  const nodes = cluster.allNodes();
  const label = detectLabel(
    nodes.map(({ metadata }) => ({ labels: metadata?.labels ?? {} })),
    undefined,
  );
  const pricesOf = (node: Node): ResourcePrices | undefined => {
    const facts = nodeFacts(node, label);
    return listedUsdPerHour(facts, list) === undefined ? undefined : pricesOfNode(facts, list, base);
  };
  return { nowMs, label, nodes: nodes.map((node) => readSpotNode(node, { nowMs, label, pricesOf })) };
}

/** `present` are the sizes and replicas in force. Interruptions are remembered by the operator, not here. */
export function spotQuestion(
  facts: WorkloadFacts,
  market: SpotMarket,
  { policy, present }: { readonly policy: OptimizationPolicy; readonly present: FieldMap },
): SpotQuestion {
  const replicas = facts.target.rollout.desiredReplicas;
  return {
    ...market,
    policy,
    workload: facts.object,
    present: { ...present, ...placementFields(facts, market) },
    replicas,
    minReplicas: fewestReplicas(facts, replicas),
    budgets: facts.disruptionBudgets,
    hosts: facts.hosts,
    ours: {},
    interruptions: [],
    harmedAtMs: [],
  };
}

/** The placement fields that a move might write, as the template states them. */
function placementFields({ object }: WorkloadFacts, { nodes }: SpotMarket): FieldMap {
  const tolerated = nodes.flatMap(({ taints }) => taints.map(({ key }) => key));
  const paths = [
    ...CAPACITY_LABELS.flatMap(({ key }) => [
      placementPath({ part: 'preference', key }),
      placementPath({ part: 'spread', key }),
    ]),
    ...tolerated.map((key) => placementPath({ part: 'toleration', key })),
  ];
  return readPlacementFields(placementOf(podTemplateOf(object)?.spec), new Set(paths));
}

/** The lower bound of an autoscaler, where one sets the count. */
export function fewestReplicas({ hpas }: Pick<WorkloadFacts, 'hpas'>, replicas: number): number {
  const bounds = hpas.flatMap(({ fields }) =>
    Object.entries(fields).flatMap(([path, value]) =>
      parseHpaPath(path)?.field === 'minReplicas' ? (amountOf(value) ?? []) : [],
    ),
  );
  return Math.min(replicas, ...bounds);
}
