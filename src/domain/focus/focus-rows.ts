/** Allocations as FOCUS rows: the charge of each node, split into one row for each pod and one for what is idle. */
import {
  type Allocation,
  mapParts,
  MACHINE_PARTS,
  type NodeShare,
  type Parts,
  type PodShare,
} from '../allocation/allocation.ts';
import { apportion } from './apportion.ts';
import { type Billionths, ratioOf } from './decimal.ts';
import { type NodeEnergy, splitEnergy } from './focus-energy.ts';
import type { FocusRow } from './focus-columns.ts';

import { type FocusOptions, originCharge, type OriginCharge } from './origin-charge.ts';

/** The name of what no pod holds. */
export const IDLE = '__idle__';

/**
 * The rows of one charge period. It must lie within one month of UTC, which is the billing period. What a column sums
 * to over the rows of a node is exactly the node's charge.
 */
export function focusRows(allocation: Allocation, options: FocusOptions): FocusRow[] {
  const byNode = Map.groupBy(allocation.pods, ({ pod }) => pod.node);
  return allocation.nodes.flatMap((node) => {
    const pods = byNode.get(node.node.name) ?? [];
    return rowsOfNode(originCharge(node, options), {
      node,
      pods,
      energy: options.energy?.get(node.node.name),
    });
  });
}

interface Split {
  readonly node: NodeShare;
  readonly pods: readonly PodShare[];
  readonly energy: NodeEnergy | undefined;
}

/** One row for each pod, and the last for what is idle. */
function rowsOfNode(origin: OriginCharge, { node, pods, energy }: Split): FocusRow[] {
  const claims = [...pods.map(({ usd }) => usd), node.idleUsd];
  const byPart = {
    cpu: apportion(origin.parts.cpu, claims.map(({ cpu }) => cpu)),
    memory: apportion(origin.parts.memory, claims.map(({ memory }) => memory)),
    gpu: apportion(origin.parts.gpu, claims.map(({ gpu }) => gpu)),
  }; // prettier-ignore
  const costs = claims.map((_, index) =>
    MACHINE_PARTS.reduce((sum, part) => sum + (byPart[part][index] ?? 0n), 0n),
  );
  const hours = apportion(origin.hours, costs.map(Number));
  const energies = splitEnergy(energy, pods);
  return claims.map((_, index): FocusRow => {
    const [cost = 0n, quantity = 0n] = [costs[index], hours[index]];
    const parts = mapBigParts((part) => byPart[part][index] ?? 0n);
    const share = pods[index];
    return {
      ...origin.columns,
      BilledCost: cost,
      ContractedCost: cost,
      EffectiveCost: cost,
      ListCost: cost,
      ConsumedQuantity: quantity,
      PricingQuantity: quantity,
      x_CpuCost: parts.cpu,
      x_MemoryCost: parts.memory,
      x_GpuCost: parts.gpu,
      x_AllocatedMethodDetails: methodDetails({ origin, parts, share }),
      ...(energies[index] ?? { x_EnergyKwh: null, x_CarbonKg: null, x_PowerOrigin: null }),
      ...(share === undefined ? idleColumns(node) : podColumns(share)),
    };
  });
}

function mapBigParts(compute: (part: keyof Parts) => Billionths): Readonly<Record<keyof Parts, Billionths>> {
  return { cpu: compute('cpu'), memory: compute('memory'), gpu: compute('gpu') };
}

type ResourceColumns = Pick<
  FocusRow,
  | 'x_AllocatedResourceId'
  | 'x_AllocatedResourceName'
  | 'x_AllocatedTags'
  | 'x_Namespace'
  | 'x_WorkloadKind'
  | 'x_WorkloadName'
>;

function podColumns({ pod }: PodShare): ResourceColumns {
  return {
    x_AllocatedResourceId: pod.uid,
    x_AllocatedResourceName: pod.name,
    x_AllocatedTags: JSON.stringify(pod.labels),
    x_Namespace: pod.namespace,
    x_WorkloadKind: pod.owner?.kind ?? 'Pod',
    x_WorkloadName: pod.owner?.name ?? pod.name,
  };
}

function idleColumns({ node }: NodeShare): ResourceColumns {
  return {
    x_AllocatedResourceId: `${node.id}/${IDLE}`,
    x_AllocatedResourceName: IDLE,
    x_AllocatedTags: '{}',
    x_Namespace: null,
    x_WorkloadKind: null,
    x_WorkloadName: null,
  };
}

const PART_UNITS = { cpu: 'Core-Hours', memory: 'GiB-Hours', gpu: 'GPU-Hours' } as const;
const GIB = 1024 ** 3;

interface Detailed {
  readonly origin: OriginCharge;
  readonly parts: Readonly<Record<keyof Parts, Billionths>>;
  readonly share: PodShare | undefined;
}

/** In the shape of FOCUS 1.3: the ratios of all rows of a charge sum to 1. */
function methodDetails({ origin, parts, share }: Detailed): string {
  const quantities =
    share === undefined
      ? undefined
      : mapParts((part) => share.partHours[part] / (part === 'memory' ? GIB : 1));
  const elements = MACHINE_PARTS.filter((part) => origin.parts[part] !== 0n).map((part) => ({
    AllocatedRatio: ratioOf(parts[part], origin.cost),
    UsageUnit: PART_UNITS[part],
    ...(quantities === undefined ? {} : { UsageQuantity: quantities[part] }),
  }));
  return JSON.stringify({ Elements: elements });
}
