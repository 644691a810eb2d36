/** What a cluster costs over a time: its nodes' prices shared among its pods, with watts and carbon beside the money. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { allocate } from '#domain/allocation/allocate.ts';
import type { Allocation, PodSpan } from '#domain/allocation/allocation.ts';
import { nodeSpanOf, podSpanOf, type Prices } from '#domain/allocation/cluster-spans.ts';
import { mergeAllocations } from '#domain/allocation/merge.ts';
import { nodeGpus } from '#domain/cost/gpu-share.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { slimMetadata, slimPodSpec } from '#domain/workload/slim-objects.ts';
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { CostQuery } from './cost-query.ts';
import type { PodUsage } from './pod-usage.ts';

export interface ClusterObjects {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
}

/** Every node and pod. Needs list on both in the whole cluster: a node's price is shared by all who run on it. */
export async function readClusterObjects(client: KubeClient): Promise<ClusterObjects> {
  const [nodes, pods] = await Promise.all([client.list(NODES, {}, slimNode), client.list(PODS, {}, slimPod)]);
  return { nodes: nodes.items, pods: pods.items };
}

/** A node's list of images is most of it. */
function slimNode({ metadata, spec, status }: Node): Node {
  const { providerID } = spec ?? {};
  const { capacity } = status ?? {};
  return {
    metadata: slimMetadata(metadata),
    spec: providerID === undefined ? {} : { providerID },
    status: capacity === undefined ? {} : { capacity },
  };
}

function slimPod({ metadata, spec, status }: Pod): Pod {
  const { phase, startTime, conditions, containerStatuses } = status ?? {};
  return {
    metadata: slimMetadata(metadata),
    spec: slimPodSpec(spec),
    status: {
      ...(phase === undefined ? {} : { phase }),
      ...(startTime === undefined ? {} : { startTime }),
      ...(conditions === undefined ? {} : { conditions }),
      ...(containerStatuses === undefined ? {} : { containerStatuses }),
    },
  };
}

/** The pods of a cluster as spans, before anybody knows what they used. */
export function podSpans({ nodes, pods }: ClusterObjects, untilMs: number): readonly PodSpan[] {
  const gpus = new Map(nodes.map((node) => [node.metadata?.name ?? '', nodeGpus(node)]));
  return pods.flatMap((pod) => podSpanOf(pod, { gpus: gpus.get(pod.spec?.nodeName ?? ''), untilMs }) ?? []);
}

export interface CostInput {
  readonly objects: ClusterObjects;
  readonly spans: readonly PodSpan[];
  readonly usage: PodUsage;
  readonly prices: Prices;
}

/** Shares the price of a time by what pods asked for and used in it. */
export function clusterCosts(query: CostQuery, input: CostInput): Allocation {
  const { fromMs, toMs } = query;
  if (!input.usage.varies) return allocateStep(query, input);
  return mergeAllocations(costSteps(query, input)) ?? allocate({ fromMs, toMs, nodes: [], pods: [] });
}

/** The same in steps that lie within an hour, or a day where the time is long; each within one month. */
export function* costSteps({ fromMs, toMs }: CostQuery, input: CostInput): Generator<Allocation> {
  for (const step of stepsOf(fromMs, toMs)) yield allocateStep(step, input);
}

function allocateStep(step: CostQuery, { objects, spans, usage, prices }: CostInput): Allocation {
  return allocate({
    ...step,
    nodes: objects.nodes.map((node) => nodeSpanOf(node, prices, step.toMs)),
    pods: spans.map((pod) => ({ ...pod, usage: usage.of(pod, step) })),
  });
}

/** Up to a week in hours, beyond that in days, of UTC: none crosses the end of a month. */
export function stepsOf(fromMs: number, toMs: number): readonly CostQuery[] {
  const stepMs = toMs - fromMs <= 7 * DAY_MS ? HOUR_MS : DAY_MS;
  const steps: CostQuery[] = [];
  for (let atMs = fromMs; atMs < toMs;) {
    const endMs = Math.min((Math.floor(atMs / stepMs) + 1) * stepMs, toMs);
    steps.push({ fromMs: atMs, toMs: endMs });
    atMs = endMs;
  }
  return steps;
}
