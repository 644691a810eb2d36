/** Node objects as kubelets register them, with the labels that clouds and device plugins add. */
import type { Node } from '#apis/kubernetes/builtin.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Accelerator, NodeShape } from './node-shape.ts';

export const KUBELET_VERSION = 'v1.36.3';
const DEFAULT_MAX_PODS = 110;
const MIB = 1024 * 1024;

type NodeStatus = NonNullable<Node['status']>;
type Quantities = Record<string, string>;

export function nodeObject(shape: NodeShape): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: shape.name,
      labels: nodeLabels(shape),
      annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
    },
    spec: {
      providerID: `playground:///${shape.zone}/${shape.name}`,
      ...(shape.taints === undefined ? {} : { taints: shape.taints.map((taint) => ({ ...taint })) }),
    },
  };
}

function nodeLabels(shape: NodeShape): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': shape.name,
    'node.kubernetes.io/instance-type': shape.instanceType,
    'topology.kubernetes.io/region': shape.region,
    'topology.kubernetes.io/zone': shape.zone,
    'karpenter.sh/capacity-type': shape.capacityType,
    ...Object.fromEntries((shape.accelerators ?? []).flatMap(acceleratorLabels)),
    ...shape.labels,
  };
}

function acceleratorLabels({ resource, count, product, memoryMib }: Accelerator): [string, string][] {
  const prefix = resource === 'nvidia.com/gpu' ? resource : resource.toLowerCase();
  return [
    [`${prefix}.present`, 'true'],
    [`${prefix}.count`, String(count)],
    [`${prefix}.product`, product],
    [`${prefix}.memory`, String(memoryMib)],
  ];
}

/** Status of a healthy node. `address` is its internal IP. */
export function nodeStatus(shape: NodeShape, { address, nowMs, readySinceMs }: NodeMoment): NodeStatus {
  return {
    capacity: capacityOf(shape),
    allocatable: allocatableOf(shape),
    conditions: nodeConditions(nowMs, readySinceMs),
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: shape.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
    nodeInfo: {
      architecture: 'amd64',
      operatingSystem: 'linux',
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      kernelVersion: '6.12.0-playground',
      containerRuntimeVersion: 'containerd://2.1.4',
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: '',
      machineID: shape.name,
      systemUUID: shape.name,
      bootID: shape.name,
    },
  };
}

export interface NodeMoment {
  readonly address: string;
  readonly nowMs: number;
  readonly readySinceMs: number;
}

function capacityOf(shape: NodeShape): Quantities {
  return {
    cpu: String(shape.cpuCores),
    memory: `${Math.floor(shape.memoryBytes / 1024)}Ki`,
    'ephemeral-storage': '104845292Ki',
    pods: String(shape.maxPods ?? DEFAULT_MAX_PODS),
    ...Object.fromEntries((shape.accelerators ?? []).map(({ resource, count }) => [resource, String(count)])),
  };
}

/**
 * What is left after the reservations of the Amazon EKS AMI (bootstrap.sh): CPU 6 % of the first core, 1 % of the
 * second, 0.5 % of the next two, 0.25 % of the rest; memory 255 MiB + 11 MiB per pod, and 100 MiB eviction margin.
 */
function allocatableOf(shape: NodeShape): Quantities {
  const { cpuCores, memoryBytes } = shape;
  const tiers = [60, 10, 5, 5];
  const reserved =
    tiers.slice(0, cpuCores).reduce((sum, milli) => sum + milli, 0) + Math.max(0, cpuCores - 4) * 2.5;
  const reservedMib = 255 + 11 * (shape.maxPods ?? DEFAULT_MAX_PODS) + 100;
  return {
    ...capacityOf(shape),
    cpu: `${Math.floor(cpuCores * 1000 - reserved)}m`,
    memory: `${Math.floor((memoryBytes - Math.min(reservedMib * MIB, memoryBytes / 2)) / 1024)}Ki`,
    'ephemeral-storage': '95551679124',
  };
}

const HEALTHY = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const;

function nodeConditions(nowMs: number, readySinceMs: number): NonNullable<NodeStatus['conditions']> {
  return HEALTHY.map(([type, status, reason, message]) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: rfc3339(nowMs),
    lastTransitionTime: rfc3339(readySinceMs),
  }));
}
