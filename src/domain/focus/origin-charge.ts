/** The charge of a node before it is split, with the columns that all of its rows share. */
import { type NodeShare, type Parts, sumParts } from '../allocation/allocation.ts';
import { type Billionths, billionths } from './decimal.ts';
import type { FocusRow } from './focus-columns.ts';
import type { NodeEnergy } from './focus-energy.ts';

/** docs/adr/0016 describes it, as FOCUS demands of a method. */
export const ALLOCATION_METHOD = 'kcloud/max-of-request-and-usage/1';

export interface FocusOptions {
  /** Who pays: the account, and the cluster as what it pays for. */
  readonly billingAccountId: string;
  readonly cluster: string;
  /** Who provides the machines, where their ids do not tell. */
  readonly provider?: string | undefined;
  /** The energy of the nodes in the time, where it is known. */
  readonly energy?: ReadonlyMap<string, NodeEnergy> | undefined;
}

/** The charge of a node before it is split. */
export interface OriginCharge {
  readonly parts: Readonly<Record<keyof Parts, Billionths>>;
  readonly cost: Billionths;
  readonly hours: Billionths;
  /** Columns that every allocated row copies. */
  readonly columns: Pick<FocusRow, OriginColumn>;
}

type AllocatedColumn =
  | 'BilledCost' | 'ContractedCost' | 'EffectiveCost' | 'ListCost' | 'PricingQuantity' | 'ConsumedQuantity'
  | 'x_CpuCost' | 'x_GpuCost' | 'x_MemoryCost' | 'x_EnergyKwh' | 'x_CarbonKg' | 'x_PowerOrigin'
  | 'x_AllocatedMethodDetails' | 'x_AllocatedResourceId' | 'x_AllocatedResourceName' | 'x_AllocatedTags'
  | 'x_Namespace' | 'x_WorkloadKind' | 'x_WorkloadName'; // prettier-ignore
type OriginColumn = Exclude<keyof FocusRow, AllocatedColumn>;

/** The charge of one node, in decimals. */
export function originCharge({ node, hours, usd }: NodeShare, options: FocusOptions): OriginCharge {
  const parts = { cpu: billionths(usd.cpu), memory: billionths(usd.memory), gpu: billionths(usd.gpu) };
  const unitPrice = hours > 0 ? billionths(sumParts(usd) / hours) : 0n;
  return {
    parts,
    cost: parts.cpu + parts.memory + parts.gpu,
    hours: billionths(hours),
    columns: {
      ...CONSTANT_COLUMNS,
      ...accountColumns(node, options),
      ...periodColumns(node),
      ...machineColumns(node),
      ContractedUnitPrice: unitPrice,
      ListUnitPrice: unitPrice,
    },
  };
}

type Machine = NodeShare['node'];

function accountColumns(
  { id }: Machine,
  { billingAccountId, cluster, provider = 'On-premises' }: FocusOptions,
) {
  const name = providerOf(id) ?? provider;
  return {
    BillingAccountId: billingAccountId,
    BillingAccountName: billingAccountId,
    InvoiceIssuerName: name,
    ProviderName: name,
    PublisherName: name,
    SubAccountId: cluster,
    SubAccountName: cluster,
    Tags: JSON.stringify({ 'kcloud/cluster': cluster }),
  };
}

function periodColumns({ fromMs, toMs }: Machine) {
  const begin = new Date(fromMs);
  const [year, month] = [begin.getUTCFullYear(), begin.getUTCMonth()];
  return {
    BillingPeriodStart: timestamp(Date.UTC(year, month, 1)),
    BillingPeriodEnd: timestamp(Date.UTC(year, month + 1, 1)),
    ChargePeriodStart: timestamp(fromMs),
    ChargePeriodEnd: timestamp(toMs),
  };
}

function machineColumns(node: Machine) {
  const { instanceType = null, region = null, zone = null } = node;
  return {
    AvailabilityZone: zone,
    ChargeDescription: `${instanceType ?? 'machine'} ${node.name}${node.isSpot ? ', spot' : ''}`,
    PricingCategory: pricingCategory(node.priceKey),
    RegionId: region,
    RegionName: region,
    ResourceId: node.id,
    ResourceName: node.name,
    SkuId: instanceType,
    SkuPriceId: node.priceKey ?? `${node.prices.source}-rates`,
    x_PriceSource: node.prices.source,
  };
}

const CONSTANT_COLUMNS = {
  BillingAccountType: null,
  BillingCurrency: 'USD',
  ChargeCategory: 'Usage',
  ChargeClass: null,
  ChargeFrequency: 'Usage-Based',
  ConsumedUnit: 'Hours',
  PricingUnit: 'Hours',
  ResourceType: 'Kubernetes Node',
  ServiceCategory: 'Compute',
  ServiceName: 'Kubernetes Nodes',
  ServiceSubcategory: 'Virtual Machines',
  SubAccountType: 'Kubernetes Cluster',
  x_AllocatedMethodId: ALLOCATION_METHOD,
} as const;

/** `Dynamic` is a price that moves, as that of spot; `Other` one that nobody lists. */
function pricingCategory(priceKey: string | undefined): string {
  if (priceKey === undefined) return 'Other';
  return /\/spot(@|$)/.test(priceKey) ? 'Dynamic' : 'Standard';
}

/** By the scheme of `spec.providerID`. */
function providerOf(id: string): string | undefined {
  const scheme = /^([a-z][a-z0-9.+-]*):\/\//.exec(id)?.[1] ?? '';
  return { aws: 'AWS', gce: 'Google Cloud', azure: 'Microsoft', openstack: 'OpenStack' }[scheme];
}

function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
