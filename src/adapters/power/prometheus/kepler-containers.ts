/** The containers of Kepler 0.10 and newer, joined to their pods by uid, in the zones that their node was read from. */
import type { ContainerReading } from '#domain/power/readings.ts';
import type { PowerProblem } from '#domain/power/power.ts';
import { type PlacedPod, containerKey } from '#domain/power/inventory.ts';
import type { NodeReading } from '#domain/power/readings.ts';
import { DistinctSum, entry, type ExporterReadings, nodeOf, type Naming } from './exporter.ts';
import type { PowerSample } from './samples.ts';
import { zoneName } from './zones.ts';

/** A node and the zone that its processor was read from. */
export interface ZonedReading {
  readonly reading: NodeReading;
  readonly cpuZones: readonly string[];
  readonly problems: ExporterReadings['problems'];
}

type ByBase = ReadonlyMap<string, readonly PowerSample[]>;

interface Split {
  readonly nodes: readonly ZonedReading[];
  readonly problems: readonly PowerProblem[];
}

export function keplerContainers(nodes: readonly ZonedReading[], byBase: ByBase, naming: Naming): Split {
  const told = byBase.get('kepler_container_cpu') ?? [];
  const samples = Map.groupBy(told.length > 0 ? told : (byBase.get('kepler_pod_cpu') ?? []), (sample) =>
    nodeOf(sample, naming),
  );
  const names = podNames(byBase);
  const problems: PowerProblem[] = [];
  const split = nodes.map((zoned) => {
    const found = samples.get(zoned.reading.node);
    if (found === undefined) return zoned;
    const { containers, unknown } = containersOf(found, zoned, { naming, names });
    if (unknown > 0) problems.push(unnamed(zoned.reading.node, unknown));
    return { ...zoned, reading: { ...zoned.reading, containers } };
  });
  return { nodes: split, problems };
}

function unnamed(subject: string, count: number): PowerProblem {
  const message = `kepler tells of ${String(count)} pods by uids that nobody knows; what they draw counts as the system's`;
  return { subject, reason: 'Missing', message };
}

interface PodName {
  readonly namespace: string;
  readonly pod: string;
}

/** Pods that the API server does not list any more are named by Kepler's own series of pods. */
function podNames(byBase: ByBase): ReadonlyMap<string, PodName> {
  const names = new Map<string, PodName>();
  for (const { labels } of byBase.get('kepler_pod_cpu') ?? []) {
    const { pod_id: uid = '', pod_name: pod = '', pod_namespace: namespace = '' } = labels;
    if (uid !== '' && pod !== '') names.set(uid, { namespace, pod });
  }
  return names;
}

interface Known {
  readonly naming: Naming;
  readonly names: ReadonlyMap<string, PodName>;
}

interface ContainerSums {
  readonly ref: ContainerReading;
  readonly cpu: DistinctSum;
  readonly dram: DistinctSum;
}

function containersOf(
  samples: readonly PowerSample[],
  zoned: ZonedReading,
  known: Known,
): { readonly containers: readonly ContainerReading[]; readonly unknown: number } {
  const sums = new Map<string, ContainerSums>();
  const unknown = new Set<string>();
  for (const sample of samples) {
    const ref = containerOf(sample, known);
    if (ref === undefined) unknown.add(sample.labels['pod_id'] ?? '');
    const part = partOf(sample, zoned);
    if (ref === undefined || part === undefined) continue;
    const sum = entry(sums, containerKey(ref), () => ({
      ref,
      cpu: new DistinctSum(),
      dram: new DistinctSum(),
    }));
    sum[part].add(`${sample.labels['container_id'] ?? ''} ${sample.labels['zone'] ?? ''}`, sample);
  }
  const containers = [...sums.values()].map(({ ref, cpu, dram }) => ({
    ...ref,
    parts: { cpu: cpu.sum, ...(Number.isFinite(dram.atMs) ? { dram: dram.sum } : {}) },
  }));
  return { containers, unknown: unknown.size };
}

function partOf({ labels }: PowerSample, { cpuZones }: ZonedReading): 'cpu' | 'dram' | undefined {
  const zone = zoneName(labels['zone'] ?? '');
  if (cpuZones.includes(zone)) return 'cpu';
  return zone === 'dram' ? 'dram' : undefined;
}

function containerOf({ labels }: PowerSample, { naming, names }: Known): ContainerReading | undefined {
  const uid = labels['pod_id'] ?? '';
  const placed = naming.pods.withUid(uid);
  const pod = placed ?? names.get(uid);
  if (pod === undefined) return undefined;
  return {
    namespace: pod.namespace,
    pod: pod.pod,
    container: labels['container_name'] ?? firstOf(placed),
    parts: {},
  };
}

/** Where Kepler tells of pods alone, the pod's first container stands for all of them. */
function firstOf(pod: PlacedPod | undefined): string {
  return pod?.containers[0]?.container ?? '';
}
