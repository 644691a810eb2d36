/** Node objects as kubelets register and report them. */
import type { Node } from '#apis/kubernetes/builtin.ts';
import { rfc3339 } from '#platform/clock.ts';
import { nodeLabels } from './node-labels.ts';
import { type NodeShape, checkShape } from './node-shape.ts';

export const KUBELET_VERSION = 'v1.36.3';
const DEFAULT_MAX_PODS = 110;
const MIB = 1024 * 1024;

/** How the clouds' controllers begin the identity of a machine. */
const PROVIDER_SCHEMES = { eks: 'aws', gke: 'gce', aks: 'azure', 'on-premises': 'playground' } as const;

type NodeStatus = NonNullable<Node['status']>;
type Quantities = Record<string, string>;

/** Throws KC_CONFIG_INVALID where the shape cannot be one of a node. */
export function nodeObject(shape: NodeShape): Node {
  checkShape(shape);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: shape.name,
      labels: nodeLabels(shape),
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      providerID: `${PROVIDER_SCHEMES[shape.provider ?? 'on-premises']}:///${shape.zone}/${shape.name}`,
      ...(shape.taints === undefined ? {} : { taints: shape.taints.map((taint) => ({ ...taint })) }),
    },
  };
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
      architecture: shape.arch ?? 'amd64',
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
    cpu: cpuText(shape.cpuCores * 1000),
    memory: `${kibOf(shape.memoryBytes)}Ki`,
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
  const reservedMib = 255 + 11 * (shape.maxPods ?? DEFAULT_MAX_PODS) + 100;
  return {
    ...capacityOf(shape),
    cpu: cpuText(cpuCores * 1000 - reservedMilli(cpuCores)),
    memory: `${kibOf(memoryBytes - Math.min(reservedMib * MIB, memoryBytes / 2))}Ki`,
    'ephemeral-storage': '95551679124',
  };
}

function reservedMilli(cpuCores: number): number {
  const tiers = [60, 10, 5, 5];
  const first = tiers.reduce(
    (sum, milli, core) => sum + milli * Math.min(1, Math.max(0, cpuCores - core)),
    0,
  );
  return first + Math.max(0, cpuCores - tiers.length) * 2.5;
}

/** Whole cores where it can be, millicores otherwise, as kubelets write it. */
function cpuText(milli: number): string {
  // A float's dust must not cost a millicore.
  const whole = BigInt(Math.floor(milli + 1e-6));
  return whole % 1000n === 0n ? String(whole / 1000n) : `${whole}m`;
}

/** Through BigInt: a large float would be written with an exponent. */
function kibOf(bytes: number): bigint {
  return BigInt(Math.floor(bytes / 1024));
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
