/** Reads what a move to spot nodes depends on: the nodes, the template's placement, and interruptions so far. */
import type { Node } from '#apis/kubernetes/builtin.ts';
import type { SpotStatus } from '#apis/optimization.k8s.io/v1/spot-status.ts';
import { amountOf, type FieldMap, type FieldPath, parseHpaPath } from '#domain/change/field.ts';
import { placementOf, readPlacementFields } from '#domain/change/placement-objects.ts';
import { podTemplateOf, type WorkloadObject } from '#domain/change/workload-objects.ts';
import { nodeFacts } from '#domain/cost/node-facts.ts';
import { listedUsdPerHour, pricesOfNode } from '#domain/cost/node-prices.ts';
import type { ResourcePrices } from '#domain/cost/resource-prices.ts';
import { placementPath } from '#domain/change/field.ts';
import {
  CAPACITY_LABELS,
  type CapacityLabel,
  customLabel,
  detectLabel,
} from '#domain/spot/capacity-label.ts';
import { remember, type SpotMemory } from '#domain/spot/interruptions.ts';
import { SPOT_HARM } from '#domain/spot/judge-spot.ts';
import { readSpotNode, type SpotNode } from '#domain/spot/spot-node.ts';
import { onDemandPrices } from '#domain/spot/spot-prices.ts';
import type { SpotQuestion } from '#domain/spot/spot-question.ts';
import type { GatherDependencies } from './gather-dependencies.ts';
import type { Observation, SpotObservation } from './observation.ts';
import { livePods, presentSizes } from './sizes.ts';

type Seen = Omit<Observation, 'analysis' | 'evidence' | 'spot'>;

/** Undefined where the CostOptimization is about something else, or its workload is not there. */
export function readSpot(
  seen: Seen,
  workload: WorkloadObject | undefined,
  deps: GatherDependencies,
): SpotObservation | undefined {
  const { policy, target } = seen;
  if (policy.type !== 'SPOT_INSTANCES' || workload === undefined || target === undefined) return undefined;
  const label = labelFor(seen, deps);
  const nodes = spotNodes(seen, deps, label);
  const hosts = livePods(seen).flatMap(({ nodeName }) => nodeName ?? []);
  const memory = remember(memoryOf(seen.optimization.status?.spot), {
    nowMs: seen.nowMs,
    nodes: new Map(nodes.map((node) => [node.name, node])),
    hosts,
  });
  const question: SpotQuestion = {
    nowMs: seen.nowMs,
    policy,
    workload,
    present: { ...presentSizes(target, seen.entry), ...target.declared },
    replicas: target.rollout.desiredReplicas,
    minReplicas: fewestReplicas(seen, target.rollout.desiredReplicas),
    budgets: seen.surroundings.disruptionBudgets,
    label,
    nodes,
    hosts,
    ours: seen.entry?.applied ?? {},
    interruptions: memory.interruptions,
    harmedAtMs: (seen.optimization.status?.regressions ?? [])
      .filter(({ reason }) => SPOT_HARM.includes(reason))
      .map(({ at }) => Date.parse(at)),
  };
  return { question, memory, onDemandPrices: onDemandPrices(question) };
}

function ownLabel({ policy }: Pick<Observation, 'policy'>): CapacityLabel | undefined {
  return policy.spot.nodeLabel === undefined ? undefined : customLabel(policy.spot.nodeLabel);
}

function labelFor(seen: Pick<Observation, 'policy'>, deps: GatherDependencies): CapacityLabel | undefined {
  const nodes = deps.cluster.nodes.store.list().map(({ metadata }) => ({ labels: metadata?.labels ?? {} }));
  return detectLabel(nodes, ownLabel(seen));
}

function spotNodes(seen: Seen, deps: GatherDependencies, label: CapacityLabel | undefined): SpotNode[] {
  const { base, nodes: list } = deps.prices;
  const pricesOf = (node: Node): ResourcePrices | undefined => {
    const facts = nodeFacts(node, label);
    return listedUsdPerHour(facts, list) === undefined ? undefined : pricesOfNode(facts, list, base);
  };
  const context = { nowMs: seen.nowMs, label, pricesOf };
  return deps.cluster.nodes.store.list().map((node) => readSpotNode(node, context));
}

/** The lower bound of an autoscaler, where one sets the count. */
function fewestReplicas({ surroundings }: Seen, replicas: number): number {
  const bounds = surroundings.hpas.flatMap(({ fields }) =>
    Object.entries(fields).flatMap(([path, value]) =>
      parseHpaPath(path)?.field === 'minReplicas' ? (amountOf(value) ?? []) : [],
    ),
  );
  return Math.min(replicas, ...bounds);
}

function memoryOf(status: SpotStatus | undefined): SpotMemory {
  const interruptions = (status?.interruptions ?? []).map(({ at, node, uid, why }) => ({
    atMs: Date.parse(at),
    node,
    uid,
    why,
  }));
  return { nodes: status?.nodes ?? {}, interruptions };
}

/** The placement fields that we might write, or have written, as the template states them. */
export function readPlacement(
  seen: Pick<Observation, 'policy' | 'entry'>,
  workload: WorkloadObject,
  deps: GatherDependencies,
): FieldMap {
  const custom = ownLabel(seen);
  const labels = custom === undefined ? CAPACITY_LABELS : [custom, ...CAPACITY_LABELS];
  const taints = deps.cluster.nodes.store
    .list()
    .flatMap(({ spec }) => (spec?.taints ?? []).map(({ key }) => key));
  const paths: FieldPath[] = [
    ...labels.flatMap(({ key }) => [
      placementPath({ part: 'preference', key }),
      placementPath({ part: 'spread', key }),
    ]),
    ...taints.map((key) => placementPath({ part: 'toleration', key })),
    ...Object.keys(seen.entry?.original ?? {}),
  ];
  return readPlacementFields(placementOf(podTemplateOf(workload)?.spec), new Set(paths));
}
