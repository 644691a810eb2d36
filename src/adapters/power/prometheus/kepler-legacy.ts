/**
 * Kepler up to 0.9 (its v0.7.12 source): joules per part, `mode` dynamic or idle, for nodes and for containers with the
 * labels container_namespace, pod_name and container_name. Its own idle watts of containers are not believed
 * (kepler#1194): idle is attributed here, by request.
 */
import type { PowerProblem } from '#domain/power/power.ts';
import type { ContainerReading, DeviceReading, Draw, NodeReading } from '#domain/power/readings.ts';
import { containerKey } from '#domain/power/inventory.ts';
import { type Exporter, type ExporterReadings, type Naming, DistinctSum, entry, nodeOf } from './exporter.ts';
import { type PowerSample, type Selection, metricsOf } from './samples.ts';

const SOURCE = 'kepler-legacy';
const NODE = /^kepler_node_(package|core|dram|platform|gpu)_joules_total$/;
const CONTAINER = /^kepler_container_(package|core|dram|gpu)_joules_total$/;
const NODE_PARTS = ['package', 'core', 'dram', 'platform'];
const CONTAINER_PARTS = ['package', 'core', 'dram'];
/** Pseudo-containers for what runs outside of any. */
const NO_SYSTEM = 'pod_name!~"system_processes|kernel_processes"';

export const KEPLER_LEGACY: Exporter = {
  source: SOURCE,
  selections: [
    { metrics: joulesOf('node', NODE_PARTS) },
    { metrics: metricsOf('gauge', ['kepler_node_info']) },
    // The first releases tell no mode.
    { metrics: joulesOf('container', CONTAINER_PARTS), matchers: ['mode!="idle"', NO_SYSTEM] },
    // The newer family has GPU series of the same names, without a mode.
    { metrics: joulesOf('node', ['gpu']), matchers: ['mode!=""'] },
    { metrics: joulesOf('container', ['gpu']), matchers: ['mode="dynamic"', NO_SYSTEM] },
  ],
  presence: ['kepler_node_package_joules_total', 'kepler_node_platform_joules_total'],
  read,
};

function joulesOf(level: string, parts: readonly string[]): Selection['metrics'] {
  return metricsOf(
    'counter',
    parts.map((part) => `kepler_${level}_${part}_joules_total`),
  );
}

interface PartSums {
  readonly all: DistinctSum;
  /** Undefined as long as no series tells it. */
  readonly idle: DistinctSum;
}

type Parts = Map<string, PartSums>;

function read(samples: readonly PowerSample[], naming: Naming): ExporterReadings {
  const nodes = new Map<string, Parts>();
  for (const sample of samples) {
    const part = NODE.exec(sample.metric)?.[1];
    if (part === undefined) continue;
    const { package: socket = '', mode = '' } = sample.labels;
    const parts = entry<string, Parts>(nodes, nodeOf(sample, naming), () => new Map());
    const sums = entry(parts, part, () => ({ all: new DistinctSum(), idle: new DistinctSum() }));
    sums.all.add(`${socket} ${mode}`, sample);
    if (mode === 'idle') sums.idle.add(socket, sample);
  }
  const facts = nodeFacts(samples, naming);
  const containers = containersByNode(samples, naming, nodes);
  const readings = [...nodes].map(([node, parts]) => nodeReading(node, parts, facts.get(node)));
  return {
    nodes: readings.map((reading) => {
      const found = containers.get(reading.node);
      return found === undefined ? reading : { ...reading, containers: found.containers };
    }),
    devices: [...nodes].flatMap(([node, parts]) => gpusOf(node, parts, containers.get(node)?.gpus ?? [])),
    problems: [...facts].flatMap(([node, fact]) => estimated(node, fact)),
  };
}

interface NodeFact {
  readonly isEstimated: boolean;
  readonly hasPlatform: boolean;
}

/** Where its figures come from: a sensor (`rapl-sysfs`, `acpi`, `redfish`), or its own model (`estimator`), or nothing. */
function nodeFacts(samples: readonly PowerSample[], naming: Naming): ReadonlyMap<string, NodeFact> {
  const facts = new Map<string, NodeFact>();
  for (const sample of samples) {
    if (sample.metric !== 'kepler_node_info') continue;
    const { components_power_source: components, platform_power_source: platform } = sample.labels;
    const isEstimated = components === 'estimator' || components === 'trained_power_model';
    facts.set(nodeOf(sample, naming), { isEstimated, hasPlatform: platform !== 'none' && platform !== '' });
  }
  return facts;
}

function estimated(subject: string, { isEstimated }: NodeFact): readonly PowerProblem[] {
  const message = 'kepler-legacy has no sensor there and estimates: its figures are modelled';
  return isEstimated ? [{ subject, reason: 'Missing', message }] : [];
}

function nodeReading(node: string, parts: Parts, fact: NodeFact | undefined): NodeReading {
  const processor = parts.get('package') ?? parts.get('core');
  const [cpu, dram] = [drawOf(processor), drawOf(parts.get('dram'))];
  const platform = fact?.hasPlatform === false ? undefined : drawOf(parts.get('platform'));
  const times = [...parts.values()].map(({ all }) => all.atMs);
  return {
    node,
    origin: fact?.isEstimated === true ? 'modelled' : 'measured',
    sources: [SOURCE],
    atMs: Math.min(...times),
    ...(cpu === undefined ? {} : { cpu }),
    ...(dram === undefined ? {} : { dram }),
    ...(platform === undefined || platform.watts === 0
      ? {}
      : { platform: { ...platform, includesDevices: true } }),
  };
}

function drawOf(sums: PartSums | undefined): Draw | undefined {
  if (sums === undefined) return undefined;
  const { all, idle } = sums;
  return { watts: all.sum, ...(Number.isFinite(idle.atMs) ? { idleWatts: idle.sum } : {}) };
}

interface Held {
  readonly containers: readonly ContainerReading[];
  /** Watts of all GPUs of the node by container. */
  readonly gpus: readonly (ContainerReading & { readonly use: number })[];
}

interface ContainerSums {
  readonly ref: ContainerReading;
  readonly byPart: Map<string, DistinctSum>;
}

function containersByNode(
  samples: readonly PowerSample[],
  naming: Naming,
  nodes: ReadonlyMap<string, Parts>,
): ReadonlyMap<string, Held> {
  const sums = new Map<string, Map<string, ContainerSums>>();
  for (const sample of samples) {
    const ref = containerOf(sample, naming);
    if (ref === undefined) continue;
    const node = placeOf(ref, sample, naming);
    const part = partOf(sample, nodes.get(node));
    if (part === undefined) continue;
    const ofNode = entry(sums, node, () => new Map<string, ContainerSums>());
    const make = (): ContainerSums => ({ ref, byPart: new Map() });
    const { byPart } = entry(ofNode, containerKey(ref), make);
    entry(byPart, part, () => new DistinctSum()).add(sample.labels['container_id'] ?? '', sample);
  }
  return new Map([...sums].map(([node, ofNode]) => [node, heldOf([...ofNode.values()])] as const));
}

function containerOf(sample: PowerSample, naming: Naming): ContainerReading | undefined {
  const ref = CONTAINER.test(sample.metric) ? naming.pods.containerOf(sample.labels) : undefined;
  return ref === undefined ? undefined : { ...ref, parts: {} };
}

/** Where the API server lists a pod, that tells its node; else the labels of the scrape. */
function placeOf({ namespace, pod }: ContainerReading, sample: PowerSample, naming: Naming): string {
  return naming.pods.named(namespace, pod)?.node ?? nodeOf(sample, naming);
}

/** The cores lie within the package, and stand for it where it is not measured. */
function partOf({ metric }: PowerSample, node: Parts | undefined): string | undefined {
  const part = CONTAINER.exec(metric)?.[1];
  if (part !== 'core') return part;
  return node?.has('package') === true ? undefined : 'package';
}

function heldOf(sums: readonly ContainerSums[]): Held {
  const containers = sums.map(({ ref, byPart }) => {
    const [cpu, dram] = [byPart.get('package'), byPart.get('dram')];
    return {
      ...ref,
      parts: {
        ...(cpu === undefined ? {} : { cpu: cpu.sum }),
        ...(dram === undefined ? {} : { dram: dram.sum }),
      },
    };
  });
  const gpus = sums
    .map(({ ref, byPart }) => ({ ...ref, use: byPart.get('gpu')?.sum ?? 0 }))
    .filter(({ use }) => use > 0);
  return { containers, gpus };
}

/** It sums the GPUs of a node: they are one device here. A node without any has the series too, at zero. */
function gpusOf(node: string, parts: Parts, holders: Held['gpus']): readonly DeviceReading[] {
  const gpu = parts.get('gpu');
  const draw = drawOf(gpu);
  if (gpu === undefined || draw === undefined || draw.watts === 0) return [];
  const device = {
    node,
    uuid: `${node}-gpus`,
    part: 'gpu',
    vendor: 'nvidia',
    holders: holders.map(({ parts: _none, ...holder }) => holder),
    origin: 'measured',
    sources: [SOURCE],
    atMs: gpu.all.atMs,
  } as const;
  return [{ ...device, ...draw }];
}
