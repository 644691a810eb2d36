/** Kepler 0.7 as its source exposes it: a family per part, `mode` dynamic or idle. */
import type { Family, Labels } from '../exposition.ts';

export interface LegacyContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly dynamicWatts: number;
  readonly idleWatts: number;
}

export interface LegacyNode {
  readonly node: string;
  readonly packageWatts: { readonly dynamic: number; readonly idle: number };
  readonly platformWatts?: { readonly dynamic: number; readonly idle: number };
  readonly componentsSource?: string;
  readonly containers: readonly LegacyContainer[];
}

type Modes = Readonly<Record<'dynamic' | 'idle', number>>;

const NONE: Modes = { dynamic: 0, idle: 0 };

export function legacyFamilies(node: LegacyNode, seconds: number): readonly Family[] {
  return [infoFamily(node), ...nodeFamilies(node, seconds), ...containerFamilies(node, seconds)];
}

function infoFamily({ node, componentsSource = 'rapl-sysfs', platformWatts }: LegacyNode): Family {
  const labels = {
    components_power_source: componentsSource,
    cpu_architecture: 'Ice Lake',
    instance: node,
    platform_power_source: platformWatts === undefined ? 'none' : 'acpi',
    source: 'os',
  };
  return {
    name: 'kepler_node_info',
    help: 'Labeled node information',
    type: 'counter',
    series: [[labels, 1]],
  };
}

/** Two sockets, each half of the watts. */
function nodeFamilies(
  { node, packageWatts, platformWatts = NONE }: LegacyNode,
  seconds: number,
): readonly Family[] {
  const share = (watts: Modes, part: number): Modes => ({
    dynamic: watts.dynamic * part,
    idle: watts.idle * part,
  });
  const parts = [
    ['package', packageWatts, 2],
    ['core', share(packageWatts, 0.6), 2],
    ['uncore', NONE, 2],
    ['dram', NONE, 2],
    ['platform', platformWatts, 1],
    ['other', NONE, 1],
    ['gpu', NONE, 1],
  ] as const;
  return parts.map(([part, watts, sockets]) => ({
    name: `kepler_node_${part}_joules_total`,
    help: `Aggregated value in ${part} in joules`,
    type: 'counter',
    series: Array.from({ length: sockets }, (_, socket) =>
      (['dynamic', 'idle'] as const).map(
        (mode) =>
          [
            { instance: node, mode, package: String(socket), source: 'rapl-sysfs' },
            (watts[mode] * seconds) / sockets,
          ] as const,
      ),
    ).flat(),
  }));
}

function containerFamilies({ containers, packageWatts }: LegacyNode, seconds: number): readonly Family[] {
  const own = containers.reduce((sum, { dynamicWatts }) => sum + dynamicWatts, 0);
  const system = { namespace: 'system', pod: 'system_processes', container: 'system_processes', dynamicWatts: packageWatts.dynamic - own, idleWatts: 0 }; // prettier-ignore
  const parts = [['package', 1], ['core', 0.6], ['dram', 0], ['gpu', 0]] as const; // prettier-ignore
  const all = [...containers, system];
  const labels = ({ namespace, pod, container }: LegacyContainer, mode: string): Labels => ({
    container_id: `id-${pod}-${container}`,
    container_name: container,
    container_namespace: namespace,
    mode,
    pod_name: pod,
    source: 'rapl-sysfs',
  });
  const series = (share: number): Family['series'] =>
    all.flatMap((each) => [
      [labels(each, 'dynamic'), each.dynamicWatts * share * seconds] as const,
      [labels(each, 'idle'), each.idleWatts * share * seconds] as const,
    ]);
  return [
    ...parts.map(([part, share]) => ({
      name: `kepler_container_${part}_joules_total`,
      help: `Aggregated value in ${part} value from container in joules`,
      type: 'counter' as const,
      series: series(share),
    })),
    {
      name: 'kepler_container_joules_total',
      help: 'Aggregated RAPL Package + Uncore + DRAM + GPU + other host components (platform - package - dram) in joules',
      type: 'counter' as const,
      series: series(1),
    },
  ];
}
