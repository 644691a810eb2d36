/** Nodes and pods as bills see them, from their objects. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { controllerOf } from '#apis/kubernetes/object.ts';
import { readDesiredPodFields } from '../change/pod-objects.ts';
import { type NodeGpus, podGpus } from '../cost/gpu-share.ts';
import { nodeFacts } from '../cost/node-facts.ts';
import { type NodePriceList, pricesOfNode } from '../cost/node-prices.ts';
import { priceKeyOf } from '../cost/price-list.ts';
import type { ResourcePrices } from '../cost/resource-prices.ts';
import { podFootprint } from '../cost/workload-cost.ts';
import type { NodeSpan, Parts, PodOwner, PodSpan } from './allocation.ts';

export interface Prices {
  readonly base: ResourcePrices;
  readonly nodes: NodePriceList;
}

/** A node from its creation until a time that it still saw. */
export function nodeSpanOf(node: Node, { base, nodes }: Prices, untilMs: number): NodeSpan {
  const facts = nodeFacts(node);
  return {
    name: facts.name,
    id: node.spec?.providerID ?? facts.name,
    fromMs: timeOf(node.metadata?.creationTimestamp) ?? -Infinity,
    toMs: untilMs,
    capacity: { cpu: facts.cpuCores, memory: facts.memoryBytes, gpu: facts.gpus ?? 0 },
    prices: pricesOfNode(facts, nodes, base),
    priceKey: priceKeyOf(facts, nodes),
    instanceType: facts.instanceType,
    zone: facts.zone,
    region: facts.region,
    isSpot: facts.isSpot ?? false,
  };
}

export interface PodSpanOptions {
  /** What the pod's node offers; a whole device each where the node is not known. */
  readonly gpus: NodeGpus | undefined;
  /** A pod that has not ended holds its place until then. */
  readonly untilMs: number;
}

const WHOLE_DEVICES = { memoryMib: undefined, unit: 1 };

/** A pod while it held its place, without usage; undefined for one that has none. */
export function podSpanOf(pod: Pod, { gpus, untilMs }: PodSpanOptions): PodSpan | undefined {
  const node = pod.spec?.nodeName ?? '';
  if (node === '') return undefined;
  const { namespace = '', name = '', uid = `${namespace}/${name}`, labels = {} } = pod.metadata ?? {};
  const requests = requestsOf(pod, gpus ?? WHOLE_DEVICES);
  return {
    uid,
    namespace,
    name,
    owner: ownerOf(pod),
    labels,
    node,
    ...spanOf(pod, untilMs),
    requests,
    usage: {},
  };
}

function requestsOf(pod: Pod, gpus: Pick<NodeGpus, 'memoryMib' | 'unit'>): Partial<Parts> {
  const { cpuCores, memoryBytes } = podFootprint(readDesiredPodFields(pod));
  const gpu = podGpus(pod.spec, gpus);
  return {
    ...(cpuCores === undefined ? {} : { cpu: cpuCores }),
    ...(memoryBytes === undefined ? {} : { memory: memoryBytes }),
    ...(gpu === 0 ? {} : { gpu }),
  };
}

/** What made it, seen through the ReplicaSet of a Deployment. */
function ownerOf(pod: Pod): PodOwner | undefined {
  const owner = controllerOf(pod);
  if (owner === undefined) return undefined;
  const hash = pod.metadata?.labels?.['pod-template-hash'];
  const ofDeployment = owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`);
  return ofDeployment
    ? { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) }
    : { kind: owner.kind, name: owner.name };
}

/** From when it was given its place until its last container ended. */
function spanOf(pod: Pod, untilMs: number): { fromMs: number; toMs: number } {
  const { metadata = {}, status = {} } = pod;
  const begins = [
    conditionMs(pod, 'PodScheduled'),
    timeOf(status.startTime),
    timeOf(metadata.creationTimestamp),
  ];
  const fromMs = begins.find((ms) => ms !== undefined) ?? untilMs;
  const hasEnded = status.phase === 'Succeeded' || status.phase === 'Failed';
  return { fromMs, toMs: hasEnded ? (endOf(pod) ?? fromMs) : untilMs };
}

function endOf(pod: Pod): number | undefined {
  const statuses = pod.status?.containerStatuses ?? [];
  const ends = statuses.flatMap(({ state }) => timeOf(state?.terminated?.finishedAt) ?? []);
  return ends.length > 0 ? Math.max(...ends) : conditionMs(pod, 'Ready');
}

function conditionMs({ status }: Pod, type: string): number | undefined {
  return timeOf(status?.conditions?.find((each) => each.type === type)?.lastTransitionTime);
}

function timeOf(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
