/** What nodes are made of: size, place, price class and accelerators. */
import { KcError } from '#errors/kc-error.ts';
import {
  type Accelerator,
  INSTANCE_TYPES,
  type InstanceSize,
  type InstanceType,
  type Provider,
} from './instance-types.ts';

export { INSTANCE_TYPES, type InstanceType } from './instance-types.ts';

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export interface NodeShape {
  readonly name: string;
  readonly instanceType: string;
  /** Whose labels it carries. Default: nobody's. */
  readonly provider?: Provider;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  /** Default: amd64. */
  readonly arch?: 'amd64' | 'arm64';
  readonly zone: string;
  readonly region: string;
  readonly capacityType: 'on-demand' | 'spot';
  /** The node pool or group that it belongs to. */
  readonly pool?: string;
  readonly maxPods?: number;
  readonly accelerators?: readonly Accelerator[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
}

export interface NodeGroup {
  readonly instanceType: InstanceType;
  readonly count: number;
  readonly capacityType?: NodeShape['capacityType'];
  /** Default: one in Korea. */
  readonly region?: string;
  /** Nodes are dealt out over the zones in turn. */
  readonly zones?: readonly string[];
  /** Beginning of the nodes' names and name of their pool; default: made from the instance type. */
  readonly namePrefix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Besides those that the instance type brings. */
  readonly taints?: readonly Taint[];
}

/** Where Seoul is, for each provider, and how its zones are called. */
const REGIONS: Readonly<Record<Provider, readonly [region: string, ...zones: string[]]>> = {
  eks: ['ap-northeast-2', 'ap-northeast-2a', 'ap-northeast-2b', 'ap-northeast-2c'],
  gke: ['asia-northeast3', 'asia-northeast3-a', 'asia-northeast3-b', 'asia-northeast3-c'],
  aks: ['koreacentral', 'koreacentral-1', 'koreacentral-2', 'koreacentral-3'],
  'on-premises': ['ap-northeast-2', 'ap-northeast-2a', 'ap-northeast-2b', 'ap-northeast-2c'],
};

/** The nodes of a group, named `<prefix>-1` and so on. Throws KC_CONFIG_INVALID for an unknown instance type. */
export function nodesOf(group: NodeGroup): readonly NodeShape[] {
  const size = sizeOf(group.instanceType);
  const [defaultRegion, ...defaultZones] = REGIONS[size.provider];
  const region = group.region ?? defaultRegion;
  const zones =
    group.zones ??
    (group.region === undefined ? defaultZones : ['a', 'b', 'c'].map((letter) => `${region}${letter}`));
  const capacityType = group.capacityType ?? 'on-demand';
  const pool = group.namePrefix ?? defaultPool(group.instanceType, capacityType);
  const taints = [...taintsOf(size, capacityType), ...(group.taints ?? [])];
  return Array.from({ length: group.count }, (_, index) => ({
    ...size,
    name: `${pool}-${index + 1}`,
    pool,
    instanceType: group.instanceType,
    zone: zones[index % zones.length] ?? region,
    region,
    capacityType,
    ...(group.labels === undefined ? {} : { labels: group.labels }),
    ...(taints.length === 0 ? {} : { taints }),
  }));
}

function sizeOf(instanceType: string): InstanceSize {
  const sizes: Readonly<Record<string, InstanceSize>> = INSTANCE_TYPES;
  const size = sizes[instanceType];
  if (size !== undefined) return size;
  throw new KcError('KC_CONFIG_INVALID', {
    field: 'instanceType',
    problem: `"${instanceType}" is not an instance type that the playground knows`,
    fix: `use one of ${Object.keys(sizes).join(', ')}, or describe the node as a NodeShape`,
  });
}

/** A name that Kubernetes accepts for objects. */
function defaultPool(instanceType: string, capacityType: NodeShape['capacityType']): string {
  const base = instanceType.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `${base}${capacityType === 'spot' ? '-spot' : ''}`;
}

/** Clouds keep ordinary work off accelerators, and AKS off its spot nodes. */
function taintsOf({ accelerators = [], provider }: InstanceSize, capacityType: string): readonly Taint[] {
  const ofAccelerators = accelerators.map(({ resource }) => ({
    key: resource,
    value: 'present',
    effect: 'NoSchedule',
  }));
  const isAksSpot = provider === 'aks' && capacityType === 'spot';
  const ofSpot = { key: 'kubernetes.azure.com/scalesetpriority', value: 'spot', effect: 'NoSchedule' };
  return [...ofAccelerators, ...(isAksSpot ? [ofSpot] : [])];
}

/** Throws KC_CONFIG_INVALID where a node of this shape could not be written down. */
export function checkShape(shape: NodeShape): void {
  const amounts: Readonly<Record<string, number>> = {
    cpuCores: shape.cpuCores,
    memoryBytes: shape.memoryBytes,
    maxPods: shape.maxPods ?? 1,
    ...Object.fromEntries((shape.accelerators ?? []).map(({ resource, count }) => [resource, count])),
  };
  for (const [field, amount] of Object.entries(amounts)) {
    const isWhole = field === 'cpuCores' || field === 'memoryBytes' || Number.isInteger(amount);
    if (amount > 0 && amount <= Number.MAX_SAFE_INTEGER && isWhole) continue;
    throw new KcError('KC_CONFIG_INVALID', {
      field: `node ${shape.name}: ${field}`,
      problem: `${String(amount)} is not an amount that a node can have`,
      fix: isWhole ? 'give a number above zero' : 'give a whole number',
    });
  }
}
