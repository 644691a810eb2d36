/**
 * Kepler 0.10 and newer (sustainable-computing.io; docs/user/metrics.md of the project): joules by zone for nodes, pods
 * and containers. Zones overlap, so one is taken for the processor and never added to another; containers carry no
 * namespace and are found by the uid of their pod; their watts are active ones, idle is left at the node.
 */
import { type Exporter, type ExporterReadings, type Naming, DistinctSum, entry, nodeOf } from './exporter.ts';
import { keplerContainers, type ZonedReading } from './kepler-containers.ts';
import { keplerDevices } from './kepler-devices.ts';
import { platformOf } from './kepler-platform.ts';
import { type PowerSample, metricsOf } from './samples.ts';
import { chooseZones, zoneName } from './zones.ts';

const NODE = ['kepler_node_cpu', 'kepler_node_cpu_active', 'kepler_node_cpu_idle'];
const PARTS = [...NODE, 'kepler_container_cpu', 'kepler_pod_cpu'];
const GPU = ['kepler_node_gpu', 'kepler_node_gpu_idle', 'kepler_container_gpu'];
const JOULES = [...PARTS, ...GPU].map((name) => `${name}_joules_total`);
const WATTS = [...PARTS, ...GPU].map((name) => `${name}_watts`);
const PLATFORM = ['kepler_platform_watts', 'kepler_node_platform_watts'];
/** Names of GPU series are those of the older family too, which tells a mode. */
const OURS = ['state!="terminated"', 'mode=""'];

export const KEPLER: Exporter = {
  source: 'kepler',
  selections: [
    { metrics: metricsOf('counter', JOULES), matchers: OURS },
    // Where somebody drops the counters: the same as gauges.
    {
      metrics: metricsOf('gauge', WATTS),
      matchers: OURS,
      onlyIfNone: ['kepler_node_cpu_joules_total'],
    },
    { metrics: metricsOf('gauge', PLATFORM) },
  ],
  presence: ['kepler_node_cpu_joules_total', 'kepler_node_cpu_watts'],
  read,
};

/** Sums by zone and by what they are of: `kepler_node_cpu`, its active and its idle part. */
type Zones = Map<string, Map<string, DistinctSum>>;

function read(samples: readonly PowerSample[], naming: Naming): ExporterReadings {
  const byBase = Map.groupBy(samples, ({ metric }) => metric.replace(/_(joules_total|watts)$/, ''));
  const nodes = new Map<string, Zones>();
  for (const base of NODE) {
    for (const sample of byBase.get(base) ?? []) {
      const zones = entry<string, Zones>(nodes, nodeOf(sample, naming), () => new Map());
      const zone = zoneName(sample.labels['zone'] ?? '');
      const sums = entry(zones, zone, () => new Map<string, DistinctSum>());
      // Sockets have zones of the same name, told apart by their path.
      const key = `${sample.labels['zone'] ?? ''} ${sample.labels['path'] ?? ''}`;
      entry(sums, base, () => new DistinctSum()).add(key, sample);
    }
  }
  const platforms = platformOf(
    [...(byBase.get('kepler_platform') ?? []), ...(byBase.get('kepler_node_platform') ?? [])],
    naming,
  );
  const readings = [...new Set([...nodes.keys(), ...platforms.keys()])].map((node) => {
    const zones = nodes.get(node) ?? new Map<string, never>();
    return nodeReading(node, zones, platforms.get(node));
  });
  const split = keplerContainers(readings, byBase, naming);
  return {
    nodes: split.nodes.map(({ reading }) => reading),
    devices: keplerDevices(byBase, naming),
    problems: [...readings.flatMap(({ problems }) => problems), ...split.problems],
  };
}

interface Platform {
  readonly watts: number;
  readonly atMs: number;
}

function nodeReading(node: string, zones: Zones, redfish: Platform | undefined): ZonedReading {
  const chosen = chooseZones([...zones.keys()]);
  const draw = (
    names: readonly string[],
  ): { watts: number; idleWatts?: number; atMs: number } | undefined => {
    const found = names.map((name) => drawOf(zones.get(name))).filter((each) => each !== undefined);
    if (found.length === 0) return undefined;
    const idle = found.every(({ idleWatts }) => idleWatts !== undefined);
    return {
      watts: found.reduce((sum, each) => sum + each.watts, 0),
      ...(idle ? { idleWatts: found.reduce((sum, { idleWatts = 0 }) => sum + idleWatts, 0) } : {}),
      atMs: Math.min(...found.map(({ atMs }) => atMs)),
    };
  };
  const [cpu, dram, psys] = [draw(chosen.cpu), draw(chosen.dram), draw(chosen.platform)];
  const platform = redfish === undefined ? psys : redfish;
  const problem = chosen.isGuess
    ? [{ subject: node, reason: 'Ambiguous' as const, message: `kepler: ${chosen.note}` }]
    : [];
  return {
    reading: {
      node,
      origin: 'measured',
      sources: ['kepler'],
      atMs: Math.min(...[cpu, dram, platform].flatMap((each) => (each === undefined ? [] : [each.atMs]))),
      ...(cpu === undefined ? {} : { cpu }),
      ...(dram === undefined ? {} : { dram }),
      ...(platform === undefined
        ? {}
        : { platform: { ...platform, includesDevices: redfish !== undefined } }),
    },
    cpuZones: chosen.cpu,
    problems: problem,
  };
}

function drawOf(
  sums: ReadonlyMap<string, DistinctSum> | undefined,
): { readonly watts: number; readonly idleWatts?: number; readonly atMs: number } | undefined {
  const [total, active, idle] = NODE.map((base) => sums?.get(base));
  if (total === undefined) return undefined;
  const { atMs, sum: watts } = total;
  if (idle !== undefined) return { watts, idleWatts: idle.sum, atMs };
  return active === undefined ? { watts, atMs } : { watts, idleWatts: Math.max(0, watts - active.sum), atMs };
}
