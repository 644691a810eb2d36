/** What the kubelet of a node exposes of its containers at /metrics/cadvisor. */
import type { ContainerStatus, Node, Pod } from '#apis/kubernetes/builtin.ts';
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import { amountsOf } from '../resources.ts';
import type { ContainerLimits, MeterReading } from '../usage/container-meter.ts';
import type { PodUsage } from '../usage/fleet-usage.ts';
import { CFS_PERIOD_SECONDS } from '../usage/throttling.ts';
import { type FleetView, podsOn } from './fleet-view.ts';
import { type Labels, MetricText, type ObjectFamily, addObjects } from './metric-text.ts';

/** A cgroup as cAdvisor sees it: of a container, or of a whole pod. */
interface Cgroup {
  readonly labels: Labels;
  readonly limits: ContainerLimits;
  readonly startedMs: number;
  readonly reading: MeterReading;
  readonly nowMs: number;
}

const CFS_PERIOD_US = CFS_PERIOD_SECONDS * 1e6;

/**
 * Families of a cgroup, in cAdvisor's names. The model knows the working set only; usage, RSS and cache stand to
 * it as they do in a typical service.
 */
const CONTAINER_FAMILIES: readonly ObjectFamily<Cgroup>[] = [
  {
    name: 'container_cpu_usage_seconds_total',
    type: 'counter',
    help: 'Cumulative cpu time consumed in seconds.',
    samples: ({ labels, reading }) => [[{ ...labels, cpu: 'total' }, reading.cpuSeconds]],
  },
  {
    name: 'container_cpu_cfs_periods_total',
    type: 'counter',
    help: 'Number of elapsed enforcement period intervals.',
    samples: ({ labels, limits, reading }) =>
      limits.cpuCores === undefined ? [] : [[labels, Math.floor(reading.cfsPeriods)]],
  },
  {
    name: 'container_cpu_cfs_throttled_periods_total',
    type: 'counter',
    help: 'Number of throttled period intervals.',
    samples: ({ labels, limits, reading }) =>
      limits.cpuCores === undefined ? [] : [[labels, Math.floor(reading.cfsThrottledPeriods)]],
  },
  {
    name: 'container_cpu_cfs_throttled_seconds_total',
    type: 'counter',
    help: 'Total time duration the container has been throttled.',
    samples: ({ labels, limits, reading }) =>
      limits.cpuCores === undefined ? [] : [[labels, reading.cfsThrottledSeconds]],
  },
  memoryFamily('container_memory_working_set_bytes', 'Current working set in bytes.', 1),
  memoryFamily('container_memory_usage_bytes', 'Current memory usage in bytes, including all memory.', 1.15),
  memoryFamily('container_memory_rss', 'Size of RSS in bytes.', 0.9),
  memoryFamily('container_memory_cache', 'Number of bytes of page cache memory.', 0.25),
  {
    name: 'container_spec_cpu_period',
    type: 'gauge',
    help: 'CPU period of the container.',
    samples: ({ labels, limits }) => (limits.cpuCores === undefined ? [] : [[labels, CFS_PERIOD_US]]),
  },
  {
    name: 'container_spec_cpu_quota',
    type: 'gauge',
    help: 'CPU quota of the container.',
    samples: ({ labels, limits }) =>
      limits.cpuCores === undefined ? [] : [[labels, Math.round(limits.cpuCores * CFS_PERIOD_US)]],
  },
  {
    name: 'container_spec_memory_limit_bytes',
    type: 'gauge',
    help: 'Memory limit for the container.',
    samples: ({ labels, limits }) => [[labels, limits.memoryBytes ?? 0]],
  },
  {
    name: 'container_start_time_seconds',
    type: 'gauge',
    help: 'Start time of the container since unix epoch in seconds.',
    samples: ({ labels, startedMs }) => [[labels, startedMs / 1000]],
  },
  {
    name: 'container_last_seen',
    type: 'gauge',
    help: 'Last time a container was seen by the exporter',
    samples: ({ labels, nowMs }) => [[labels, Math.floor(nowMs / 1000)]],
  },
];

function memoryFamily(name: string, help: string, factor: number): ObjectFamily<Cgroup> {
  return {
    name,
    type: 'gauge',
    help,
    samples: ({ labels, reading }) => [[labels, Math.round(reading.memoryBytes * factor)]],
  };
}

const MACHINE_FAMILIES: readonly ObjectFamily<Node>[] = [
  machineFamily('machine_cpu_cores', 'Number of logical CPU cores.', 'cpu'),
  machineFamily('machine_memory_bytes', 'Amount of memory installed on the machine.', 'memory'),
];

function machineFamily(name: string, help: string, resource: string): ObjectFamily<Node> {
  const capacity = (node: Node): number => amountsOf(node.status?.capacity)[resource] ?? 0;
  return { name, type: 'gauge', help, samples: (node) => [[{}, capacity(node)]] };
}

/** The text of /metrics/cadvisor of one node. */
export function cadvisorText(view: FleetView, nodeName: string): string {
  const text = new MetricText();
  const node = view.context.access.get(NODES, { name: nodeName });
  if (node !== undefined) addObjects(text, MACHINE_FAMILIES, [node]);
  addObjects(
    text,
    CONTAINER_FAMILIES,
    podsOn(view, nodeName).flatMap((pod) => cgroupsOf(view, pod)),
  );
  return text.text();
}

/** The containers of a pod, and the pod's own cgroup with their sum, whose container label is empty. */
function cgroupsOf({ context }: FleetView, pod: PodUsage): readonly Cgroup[] {
  const object = context.access.get(PODS, { namespace: pod.namespace, name: pod.name });
  const nowMs = context.clock.now();
  const cgroups = [...pod.meters].map(([container, meter]): Cgroup => ({
    labels: containerLabels(pod, statusOf(object, container), container),
    limits: meter.limits,
    startedMs: meter.startedMs,
    reading: meter.read(nowMs),
    nowMs,
  }));
  return cgroups.length === 0 ? [] : [...cgroups, podCgroup(pod, cgroups, nowMs)];
}

/** The labels of a container of the fleet, as a scrape shows them now. */
export function containerLabelsOf({ context }: FleetView, pod: PodUsage, container: string): Labels {
  const object = context.access.get(PODS, { namespace: pod.namespace, name: pod.name });
  return containerLabels(pod, statusOf(object, container), container);
}

function podSlice(pod: PodUsage): string {
  return `/kubepods.slice/kubepods-pod${pod.uid.replaceAll('-', '_')}.slice`;
}

function containerLabels(pod: PodUsage, status: ContainerStatus | undefined, container: string): Labels {
  const name = (status?.containerID ?? '').replace('containerd://', '');
  const id = `${podSlice(pod)}/cri-containerd-${name}.scope`;
  return { container, id, image: status?.image ?? '', name, namespace: pod.namespace, pod: pod.name };
}

function statusOf(pod: Pod | undefined, container: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod?.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find((status) => status.name === container);
}

function podCgroup(pod: PodUsage, cgroups: readonly Cgroup[], nowMs: number): Cgroup {
  const sum = (read: (cgroup: Cgroup) => number): number =>
    cgroups.reduce((total, each) => total + read(each), 0);
  const limit = (read: (limits: ContainerLimits) => number | undefined): number | undefined =>
    cgroups.every(({ limits }) => read(limits) !== undefined)
      ? sum(({ limits }) => read(limits) ?? 0)
      : undefined;
  return {
    labels: {
      container: '',
      id: podSlice(pod),
      image: '',
      name: '',
      namespace: pod.namespace,
      pod: pod.name,
    },
    limits: {
      cpuCores: limit(({ cpuCores }) => cpuCores),
      memoryBytes: limit(({ memoryBytes }) => memoryBytes),
    },
    startedMs: Math.min(...cgroups.map(({ startedMs }) => startedMs)),
    reading: {
      cpuSeconds: pod.endedCpuSeconds + sum(({ reading }) => reading.cpuSeconds),
      cfsPeriods: sum(({ reading }) => reading.cfsPeriods),
      cfsThrottledPeriods: sum(({ reading }) => reading.cfsThrottledPeriods),
      cfsThrottledSeconds: sum(({ reading }) => reading.cfsThrottledSeconds),
      cpuCores: sum(({ reading }) => reading.cpuCores),
      demandCores: sum(({ reading }) => reading.demandCores),
      memoryBytes: sum(({ reading }) => reading.memoryBytes),
    },
    nowMs,
  };
}
