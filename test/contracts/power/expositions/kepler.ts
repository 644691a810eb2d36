/** Kepler 0.11 as its docs/user/metrics.md lists it, with what there is besides power. */
import type { Family, Labels } from '../exposition.ts';

export interface KeplerZone {
  readonly zone: string;
  readonly path: string;
  readonly watts: number;
  readonly idleWatts: number;
}

export interface KeplerContainer {
  readonly podUid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** By zone. */
  readonly watts: Readonly<Record<string, number>>;
}

export interface KeplerGpu {
  readonly uuid: string;
  readonly name: string;
  readonly watts: number;
  readonly idleWatts: number;
}

export interface KeplerNode {
  readonly node: string;
  readonly zones: readonly KeplerZone[];
  readonly containers: readonly KeplerContainer[];
  readonly gpus?: readonly KeplerGpu[];
}

type Joules = (watts: number) => number;

export function keplerFamilies(node: KeplerNode, seconds: number): readonly Family[] {
  const joules: Joules = (watts) => watts * seconds;
  return [...nodeFamilies(node, joules), ...containerFamilies(node, joules), ...gpuFamilies(node, joules)];
}

function nodeFamilies({ node, zones }: KeplerNode, joules: Joules): readonly Family[] {
  const kinds = [
    ['', 'total', ({ watts }: KeplerZone) => watts],
    ['active_', 'active', ({ watts, idleWatts }: KeplerZone) => watts - idleWatts],
    ['idle_', 'idle', ({ idleWatts }: KeplerZone) => idleWatts],
  ] as const;
  const labels = ({ zone, path }: KeplerZone): Labels => ({ node_name: node, path, zone });
  return [
    ...kinds.flatMap(([infix, word, watts]): readonly Family[] => [
      {
        name: `kepler_node_cpu_${infix}joules_total`,
        help: `Energy consumption of cpu in ${word} state at node level in joules`,
        type: 'counter',
        series: zones.map((zone) => [labels(zone), joules(watts(zone))]),
      },
      {
        name: `kepler_node_cpu_${infix}watts`,
        help: `Power consumption of cpu in ${word} state at node level in watts`,
        type: 'gauge',
        series: zones.map((zone) => [labels(zone), watts(zone)]),
      },
    ]),
    {
      name: 'kepler_node_cpu_usage_ratio',
      help: 'CPU usage ratio of a node (value between 0.0 and 1.0)',
      type: 'gauge',
      series: [[{ node_name: node }, 0.5]],
    },
    {
      name: 'kepler_node_cpu_info',
      help: 'CPU information from procfs',
      type: 'gauge',
      series: [
        [
          {
            processor: '0',
            vendor_id: 'GenuineIntel',
            model_name: 'Intel(R) Xeon(R)',
            physical_id: '0',
            core_id: '0',
          },
          1,
        ],
      ],
    },
  ];
}

function containerFamilies({ node, containers, zones }: KeplerNode, joules: Joules): readonly Family[] {
  const series = containers.flatMap((each) =>
    Object.entries(each.watts).map(([zone, watts]) => ({ each, zone, watts })),
  );
  const labels = ({ each, zone }: (typeof series)[number]): Labels => ({
    container_id: `id-${each.pod}-${each.container}`,
    container_name: each.container,
    node_name: node,
    pod_id: each.podUid,
    runtime: 'containerd',
    state: 'running',
    zone,
  });
  const ended = {
    container_id: 'id-ended',
    container_name: 'app',
    node_name: node,
    pod_id: 'gone',
    runtime: 'containerd',
  };
  return [
    {
      name: 'kepler_container_cpu_joules_total',
      help: 'Energy consumption of cpu at container level in joules',
      type: 'counter',
      series: [
        ...series.map((each) => [labels(each), joules(each.watts)] as const),
        [{ ...ended, state: 'terminated', zone: 'package' }, 5000],
      ],
    },
    {
      name: 'kepler_container_cpu_watts',
      help: 'Power consumption of cpu at container level in watts',
      type: 'gauge',
      series: series.map((each) => [labels(each), each.watts]),
    },
    {
      name: 'kepler_pod_cpu_joules_total',
      help: 'Energy consumption of cpu at pod level in joules',
      type: 'counter',
      series: podSeries(node, containers, joules),
    },
    {
      name: 'kepler_process_cpu_joules_total',
      help: 'Energy consumption of cpu at process level in joules',
      type: 'counter',
      series: zones.map(({ zone, path }) => [
        {
          pid: `1${path}`,
          comm: 'systemd',
          exe: '/sbin/init',
          type: 'regular',
          state: 'running',
          container_id: '',
          vm_id: '',
          zone,
          node_name: node,
        },
        joules(1),
      ]),
    },
  ];
}

function podSeries(node: string, containers: readonly KeplerContainer[], joules: Joules): Family['series'] {
  const pods = Map.groupBy(containers, ({ podUid }) => podUid);
  return [...pods].flatMap(([podUid, own]) => {
    const zones = [...new Set(own.flatMap(({ watts }) => Object.keys(watts)))];
    const { namespace = '', pod = '' } = own[0] ?? {};
    return zones.map((zone) => {
      const labels = {
        node_name: node,
        pod_id: podUid,
        pod_name: pod,
        pod_namespace: namespace,
        state: 'running',
        zone,
      };
      return [labels, joules(own.reduce((sum, { watts }) => sum + (watts[zone] ?? 0), 0))] as const;
    });
  });
}

function gpuFamilies({ node, gpus = [] }: KeplerNode, joules: Joules): readonly Family[] {
  const labels = (gpu: KeplerGpu, index: number): Labels => ({
    gpu: String(index),
    gpu_name: gpu.name,
    gpu_uuid: gpu.uuid,
    node_name: node,
    vendor: 'nvidia',
  });
  const family = (infix: string, watts: (gpu: KeplerGpu) => number): Family => ({
    name: `kepler_node_gpu_${infix}joules_total`,
    help: 'Energy consumption of gpu at node level in joules',
    type: 'counter',
    series: gpus.map((gpu, index) => [labels(gpu, index), joules(watts(gpu))]),
  });
  return gpus.length === 0
    ? []
    : [family('', ({ watts }) => watts), family('idle_', ({ idleWatts }) => idleWatts)];
}
