/** Two hours of what mixed exporters tell of five nodes: both families of Kepler, DCGM with a shared GPU, and an NPU. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenMetricsSeries, writeOpenMetrics } from '../../servers/prometheus/open-metrics.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';

export interface PlacedPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly uid: string;
  readonly cpu: string;
}

const STEP_MS = 15_000;
/** The present of a test lies within: samples go a little beyond it. */
const AHEAD_MS = 20 * 60_000;

type Labels = Readonly<Record<string, string>>;

/** What each of them draws, in watts. */
export const LEGACY_NODE = { packageIdle: 40, packageActive: 60, dramIdle: 6, dramActive: 4 } as const;
export const KEPLER_NODE = { idle: 50, active: 80 } as const;
export const GPU_WATTS = 310;
export const NPU_WATTS = 95;

class Exposition {
  readonly series: OpenMetricsSeries[] = [];
  readonly #fromMs: number;
  readonly #toMs: number;

  constructor(nowMs: number) {
    this.#fromMs = Math.floor((nowMs - 2 * 3_600_000) / STEP_MS) * STEP_MS;
    this.#toMs = nowMs + AHEAD_MS;
  }

  /** A counter of joules that grows at a rate of watts. */
  joules(name: string, labels: Labels, watts: number): void {
    this.#add(name, labels, (seconds) => 1_000 + watts * seconds);
  }

  gauge(name: string, labels: Labels, value: number): void {
    this.#add(name, labels, () => value);
  }

  #add(name: string, labels: Labels, valueAt: (seconds: number) => number): void {
    const samples: [number, number][] = [];
    for (let atMs = this.#fromMs; atMs <= this.#toMs; atMs += STEP_MS) {
      samples.push([atMs, valueAt((atMs - this.#fromMs) / 1000)]);
    }
    this.series.push({ name, labels, samples });
  }
}

/** The file that Prometheus is filled from. */
export function mixedExporters(pods: readonly PlacedPod[], nowMs: number): string {
  const told = new Exposition(nowMs);
  legacyKepler(told, 'legacy-1', pods);
  kepler(told, 'kepler-1', pods);
  kepler(told, 'gpu-1', pods);
  dcgm(told, 'gpu-1', pods);
  kepler(told, 'npu-1', pods);
  npu(told, 'npu-1', pods);
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-exporters-'));
  removeAtExit(directory);
  const file = join(directory, 'mixed.txt');
  writeOpenMetrics(file, told.series);
  return file;
}

const on = (node: string, pods: readonly PlacedPod[]): readonly PlacedPod[] =>
  pods.filter((pod) => pod.node === node);

/** Up to 0.9: dynamic and idle apart, containers by the namespace's own label. */
function legacyKepler(told: Exposition, node: string, pods: readonly PlacedPod[]): void {
  // The label that a scrape configuration adds: the node objects of the test are younger than its series.
  const scraped = { instance: node, node, job: 'kepler', package: '0', source: 'intel' };
  told.joules('kepler_node_package_joules_total', { ...scraped, mode: 'idle' }, LEGACY_NODE.packageIdle);
  told.joules('kepler_node_package_joules_total', { ...scraped, mode: 'dynamic' }, LEGACY_NODE.packageActive);
  told.joules('kepler_node_dram_joules_total', { ...scraped, mode: 'idle' }, LEGACY_NODE.dramIdle);
  told.joules('kepler_node_dram_joules_total', { ...scraped, mode: 'dynamic' }, LEGACY_NODE.dramActive);
  const own = on(node, pods);
  for (const { namespace, name } of own) {
    const labels = {
      instance: node,
      node,
      job: 'kepler',
      container_namespace: namespace,
      pod_name: name,
      container_name: 'app',
      container_id: `c-${name}`,
      mode: 'dynamic',
    };
    told.joules(
      'kepler_container_package_joules_total',
      labels,
      (0.9 * LEGACY_NODE.packageActive) / own.length,
    );
    told.joules('kepler_container_dram_joules_total', labels, (0.9 * LEGACY_NODE.dramActive) / own.length);
    told.joules(
      'kepler_container_joules_total',
      labels,
      (0.9 * (LEGACY_NODE.packageActive + LEGACY_NODE.dramActive)) / own.length,
    );
  }
}

/** From 0.10 on: zones that overlap, containers by the uid of their pod. */
function kepler(told: Exposition, node: string, pods: readonly PlacedPod[]): void {
  const shared = { node_name: node, instance: `${node}:28282`, job: 'kepler' };
  for (const [zone, share] of [
    ['package', 1],
    ['core', 0.7],
  ] as const) {
    const labels = { ...shared, zone, path: `/sys/class/powercap/${zone}` };
    told.joules('kepler_node_cpu_joules_total', labels, share * (KEPLER_NODE.idle + KEPLER_NODE.active));
    told.joules('kepler_node_cpu_active_joules_total', labels, share * KEPLER_NODE.active);
    told.joules('kepler_node_cpu_idle_joules_total', labels, share * KEPLER_NODE.idle);
    const own = on(node, pods);
    for (const { name, uid } of own) {
      const container = {
        ...shared,
        zone,
        container_id: `c-${name}`,
        container_name: 'app',
        runtime: 'containerd',
        state: 'running',
        pod_id: uid,
      };
      told.joules(
        'kepler_container_cpu_joules_total',
        container,
        (share * 0.8 * KEPLER_NODE.active) / own.length,
      );
    }
  }
}

/** One GPU, time-sliced between the pods of the node. */
function dcgm(told: Exposition, node: string, pods: readonly PlacedPod[]): void {
  const device = {
    Hostname: node,
    UUID: 'GPU-aaaa-1',
    gpu: '0',
    modelName: 'NVIDIA A100-SXM4-40GB',
    job: 'dcgm',
  };
  for (const { namespace, name } of on(node, pods)) {
    const labels = { ...device, namespace, pod: name, container: 'app' };
    told.gauge('DCGM_FI_DEV_POWER_USAGE', labels, GPU_WATTS);
    told.gauge('DCGM_FI_DEV_GPU_UTIL', labels, 80);
  }
}

function npu(told: Exposition, node: string, pods: readonly PlacedPod[]): void {
  const [holder] = on(node, pods);
  const labels = {
    kubernetes_node_name: node,
    device: 'npu0',
    uuid: 'NPU-1',
    arch: 'rngd',
    core: '0-7',
    pci_bus_id: '0000:00:01',
    job: 'furiosa',
  };
  told.gauge(
    'furiosa_npu_hw_power',
    {
      ...labels,
      ...(holder === undefined ? {} : { namespace: holder.namespace, pod: holder.name, container: 'app' }),
    },
    NPU_WATTS,
  );
}
