/**
 * Nodes and pods as they were: what is gone by now is told by kube-state-metrics, so that the past of an autoscaled
 * cluster does not fall to nobody. What is there still, the API server knows better.
 */
import type { MachineFacts, PlacedContainer, PlacedPod, PowerInventory } from '#domain/power/inventory.ts';
import type { PowerHistoryQuery } from '#domain/power/power.ts';
import { queryGrid } from '#domain/usage/series.ts';
import type { Labels, RangeSeries } from '../../metrics/prometheus/client/range-series.ts';
import { RangeReader } from '../../metrics/prometheus/usage/range-reader.ts';
import { literal, selector } from '../../metrics/prometheus/usage/selectors.ts';
import { partOfResource } from '../cluster/machine-facts.ts';
import type { ExporterReaderOptions } from './reader-options.ts';
import { entry } from './exporter.ts';

export type InventoryAt = (atMs: number) => PowerInventory;

/** Rejects with KC_METRICS_UNAVAILABLE. Without kube-state-metrics only what is there still is known. */
export async function pastInventory(
  options: ExporterReaderOptions,
  query: PowerHistoryQuery,
  live: PowerInventory,
): Promise<InventoryAt> {
  const { client, matchers = {} } = options;
  const own = Object.entries(matchers).map(([name, value]) => `${name}=${literal(value)}`);
  const reader = new RangeReader(client);
  const grid = queryGrid(query);
  const read = (metric: string): Promise<readonly RangeSeries[]> => reader.read(metric + selector(own), grid);
  const pods = new GonePods(live);
  for (const series of await read('kube_pod_info')) pods.addPod(series);
  for (const series of await read('kube_pod_container_resource_requests')) pods.addRequest(series);
  const machines = goneMachines(await read('kube_node_status_capacity'), live);
  return once((atMs) => {
    const now = startedBy(live, atMs);
    return { machines: [...now.machines, ...machines(atMs)], pods: [...now.pods, ...pods.at(atMs)] };
  });
}

/** Each time is asked for more than once. */
function once(inventoryAt: InventoryAt): InventoryAt {
  const known = new Map<number, PowerInventory>();
  return (atMs) => entry(known, atMs, () => inventoryAt(atMs));
}

/** The nodes and pods that were there at a time, of those that are there now. */
export function startedBy({ machines, pods }: PowerInventory, atMs: number): PowerInventory {
  return {
    machines: machines.filter(({ startedMs = 0 }) => startedMs < atMs),
    pods: pods.filter(({ startedMs }) => startedMs < atMs),
  };
}

interface GonePod {
  readonly pod: Omit<PlacedPod, 'containers'>;
  readonly times: Set<number>;
  readonly containers: Map<string, Request>;
}

type Request = {
  -readonly [K in keyof Omit<PlacedContainer, 'container' | 'allocations'>]: PlacedContainer[K];
};

class GonePods {
  readonly #live: ReadonlySet<string>;
  readonly #gone = new Map<string, GonePod>();

  constructor({ pods }: PowerInventory) {
    this.#live = new Set(pods.map(({ uid }) => uid));
  }

  addPod({ labels, times }: RangeSeries): void {
    const uid = labels['uid'] ?? '';
    const node = ownLabel(labels, 'node');
    if (this.#live.has(uid) || node === '') return;
    const [namespace, pod] = [ownLabel(labels, 'namespace'), ownLabel(labels, 'pod')];
    const own = { namespace, pod, uid, node, startedMs: times[0] ?? 0 };
    const found = entry(this.#gone, uid, (): GonePod => ({
      pod: own,
      times: new Set(),
      containers: new Map(),
    }));
    for (const atMs of times) found.times.add(atMs);
  }

  addRequest({ labels, values }: RangeSeries): void {
    const pod = this.#gone.get(labels['uid'] ?? '');
    const amount = values.at(-1);
    if (pod === undefined || amount === undefined || !(amount >= 0)) return;
    const container = entry(pod.containers, ownLabel(labels, 'container'), (): Request => ({
      gpus: 0,
      npus: 0,
    }));
    addAmount(container, labels, amount);
  }

  at(atMs: number): readonly PlacedPod[] {
    return [...this.#gone.values()]
      .filter(({ times }) => times.has(atMs))
      .map(({ pod, containers }) => ({
        ...pod,
        containers: [...containers].map(([container, request]) => ({
          ...request,
          container,
          allocations: [],
        })),
      }));
  }
}

/** The label of kube-state-metrics itself, also where the scrape configuration put it aside. */
function ownLabel(labels: Labels, name: string): string {
  return labels[`exported_${name}`] ?? labels[name] ?? '';
}

function addAmount(container: Request, { resource = '' }: Labels, amount: number): void {
  if (resource === 'cpu') container.cpuRequestCores = amount;
  else if (resource === 'memory') container.memoryRequestBytes = amount;
  else {
    // kube-state-metrics writes nvidia_com_gpu for nvidia.com/gpu.
    const part = partOfResource(resource.replace(/_(com|ai)_/, '.$1/').replaceAll('_', '-'));
    if (part === 'gpu') container.gpus = Math.max(container.gpus, amount);
    if (part === 'npu') container.npus = Math.max(container.npus, amount);
  }
}

interface GoneMachine {
  readonly times: Set<number>;
  cpuCores?: number;
  memoryBytes?: number;
}

/** Of their size alone: what they were made of is gone with them. */
function goneMachines(
  series: readonly RangeSeries[],
  { machines }: PowerInventory,
): (atMs: number) => readonly MachineFacts[] {
  const live = new Set(machines.map(({ node }) => node));
  const gone = new Map<string, GoneMachine>();
  for (const { labels, times, values } of series) {
    const node = ownLabel(labels, 'node');
    const amount = values.at(-1);
    if (live.has(node) || node === '' || amount === undefined) continue;
    const machine = entry(gone, node, (): GoneMachine => ({ times: new Set() }));
    for (const atMs of times) machine.times.add(atMs);
    if (labels['resource'] === 'cpu') machine.cpuCores = amount;
    if (labels['resource'] === 'memory') machine.memoryBytes = amount;
  }
  return (atMs) =>
    [...gone]
      .filter(([, { times }]) => times.has(atMs))
      .map(([node, { times: _seen, ...sizes }]) => ({ node, ...sizes, accelerators: [], aliases: [] }));
}
