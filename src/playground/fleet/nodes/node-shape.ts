/** What nodes are made of: size, place, price class and accelerators. */

export interface Accelerator {
  /** The extended resource, e.g. `nvidia.com/gpu`. */
  readonly resource: string;
  readonly count: number;
  /** What the vendor's discovery labels say, e.g. `NVIDIA-A100-SXM4-80GB`. */
  readonly product: string;
  readonly memoryMib: number;
}

export interface NodeShape {
  readonly name: string;
  readonly instanceType: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly zone: string;
  readonly region: string;
  readonly capacityType: 'on-demand' | 'spot';
  readonly maxPods?: number;
  readonly accelerators?: readonly Accelerator[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

const GIB = 1024 ** 3;

type Size = Pick<NodeShape, 'cpuCores' | 'memoryBytes' | 'accelerators' | 'taints'>;

function size(cpuCores: number, gib: number, more: Partial<Size> = {}): Size {
  return { cpuCores, memoryBytes: gib * GIB, ...more };
}

function gpus(product: string, count: number, memoryMib: number): Partial<Size> {
  return {
    accelerators: [{ resource: 'nvidia.com/gpu', count, product, memoryMib }],
    taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
  };
}

function npus(resource: string, product: string, count: number): Partial<Size> {
  const memoryMib = resource.startsWith('furiosa') ? 49_152 : 16_384;
  return {
    accelerators: [{ resource, count, product, memoryMib }],
    taints: [{ key: resource, value: 'present', effect: 'NoSchedule' }],
  };
}

/** Instance types as clouds sell them; NPU servers as their vendors do. */
export const INSTANCE_TYPES = {
  'm6i.large': size(2, 8),
  'm6i.xlarge': size(4, 16),
  'm6i.2xlarge': size(8, 32),
  'm6i.4xlarge': size(16, 64),
  'c6i.2xlarge': size(8, 16),
  'r6i.2xlarge': size(8, 64),
  'g4dn.xlarge': size(4, 16, gpus('Tesla-T4', 1, 15_360)),
  'g5.12xlarge': size(48, 192, gpus('NVIDIA-A10G', 4, 23_028)),
  'p4d.24xlarge': size(96, 1152, gpus('NVIDIA-A100-SXM4-40GB', 8, 40_960)),
  'p5.48xlarge': size(192, 2048, gpus('NVIDIA-H100-80GB-HBM3', 8, 81_559)),
  'atom-server': size(32, 256, npus('rebellions.ai/ATOM', 'RBLN-CA12', 8)),
  'rngd-server': size(64, 512, npus('furiosa.ai/rngd', 'RNGD', 8)),
} as const satisfies Readonly<Record<string, Size>>;
export type InstanceType = keyof typeof INSTANCE_TYPES;

export interface NodeGroup {
  readonly instanceType: InstanceType;
  readonly count: number;
  readonly capacityType?: NodeShape['capacityType'];
  readonly region?: string;
  /** Nodes are dealt out over the zones in turn. */
  readonly zones?: readonly string[];
  /** Beginning of the nodes' names; default: made from the instance type. */
  readonly namePrefix?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The nodes of a group, named `<prefix>-1` and so on. */
export function nodesOf(group: NodeGroup): readonly NodeShape[] {
  const region = group.region ?? 'ap-northeast-2';
  const zones = group.zones ?? ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
  const capacityType = group.capacityType ?? 'on-demand';
  const prefix =
    group.namePrefix ?? `${group.instanceType.replaceAll('.', '-')}${capacityType === 'spot' ? '-spot' : ''}`;
  return Array.from({ length: group.count }, (_, index) => ({
    ...INSTANCE_TYPES[group.instanceType],
    name: `${prefix}-${index + 1}`,
    instanceType: group.instanceType,
    zone: zones[index % zones.length] ?? region,
    region,
    capacityType,
    ...(group.labels === undefined ? {} : { labels: group.labels }),
  }));
}
