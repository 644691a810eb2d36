/**
 * The energy bill as FOCUS rows: what a node's electricity, cooling and carbon cost in an hour is one charge, split by the
 * joules of its pods and of what no pod accounts for. The rows of a charge sum to it exactly, digit by digit.
 */
import { apportion } from '#domain/focus/apportion.ts';
import { billionths, ratioOf } from '#domain/focus/decimal.ts';
import type { FocusRow } from '#domain/focus/focus-columns.ts';
import { podBase, splitReplicaSet } from '#adapters/metrics/prometheus/usage/pod-names.ts';
import type { EnergyCost } from '#domain/cost/energy-cost.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import type { Tariff } from '../tariff.ts';
import type { NodeHour, PodEnergy } from './energy-bill.ts';

/** Charges whose carbon or price is not known have no cost that could be billed: they are counted instead. */
export interface EnergyFocus {
  readonly rows: readonly FocusRow[];
  readonly unknownCharges: number;
}

const METHOD = 'kcloud/joules/1';
const REST = '__system__';

export function energyFocus(bill: readonly NodeHour[], tariff: Tariff, cluster: string): EnergyFocus {
  const charges = bill.map((hour) => ({ hour, cost: tariff.past(hour) }));
  const known = charges.filter(({ cost }) => cost.totalUsd !== undefined);
  return {
    rows: known.flatMap(({ hour, cost }) => rowsOf(hour, cost, cluster)),
    unknownCharges: charges.length - known.length,
  };
}

function rowsOf(hour: NodeHour, cost: EnergyCost, cluster: string): FocusRow[] {
  const weights = [...hour.pods.map(({ joules }) => joules), hour.restJoules];
  const split = (value: number | undefined): (bigint | null)[] =>
    value === undefined ? weights.map(() => null) : apportion(billionths(value), weights);
  const [usd, kwh, kg] = [split(cost.totalUsd), split(cost.kwh), split(cost.carbonKg)];
  const whole = billionths(cost.totalUsd ?? 0);
  const origin = originColumns(hour, cost, cluster);
  return weights.map((_weight, index): FocusRow => {
    const [amount, quantity] = [usd[index] ?? 0n, kwh[index] ?? 0n];
    return {
      ...origin,
      ...podColumns(hour, hour.pods[index]),
      BilledCost: amount,
      ContractedCost: amount,
      EffectiveCost: amount,
      ListCost: amount,
      ConsumedQuantity: quantity,
      PricingQuantity: quantity,
      x_EnergyKwh: quantity,
      x_CarbonKg: kg[index] ?? null,
      x_AllocatedMethodDetails: JSON.stringify({
        Elements: [{ AllocatedRatio: ratioOf(amount, whole), UsageUnit: 'kWh' }],
      }),
    };
  });
}

type SplitColumn = 'BilledCost' | 'ContractedCost' | 'EffectiveCost' | 'ListCost' | 'ConsumedQuantity' | 'PricingQuantity' | 'x_EnergyKwh' | 'x_CarbonKg' | 'x_AllocatedMethodDetails'; // prettier-ignore
type PodColumn = 'x_AllocatedResourceId' | 'x_AllocatedResourceName' | 'x_Namespace' | 'x_WorkloadKind' | 'x_WorkloadName'; // prettier-ignore

function podColumns({ node }: NodeHour, energy: PodEnergy | undefined): Pick<FocusRow, PodColumn> {
  if (energy === undefined) {
    return {
      x_AllocatedResourceId: `${node}/${REST}`,
      x_AllocatedResourceName: REST,
      x_Namespace: null,
      x_WorkloadKind: null,
      x_WorkloadName: null,
    };
  }
  const { namespace, pod } = energy;
  const base = podBase(pod)?.base ?? pod;
  return {
    x_AllocatedResourceId: `${namespace}/${pod}`,
    x_AllocatedResourceName: pod,
    x_Namespace: namespace,
    // The kind is not told by a name.
    x_WorkloadKind: null,
    x_WorkloadName: splitReplicaSet(base)?.deployment ?? base,
  };
}

function originColumns(
  hour: NodeHour,
  cost: EnergyCost,
  cluster: string,
): Omit<FocusRow, SplitColumn | PodColumn> {
  const { fromMs, toMs, node } = hour;
  const begin = new Date(fromMs);
  const [year, month] = [begin.getUTCFullYear(), begin.getUTCMonth()];
  const unitPrice =
    cost.kwh === undefined || cost.kwh === 0 ? 0n : billionths((cost.totalUsd ?? 0) / cost.kwh);
  return {
    ...CONSTANT,
    BillingAccountId: cluster,
    BillingAccountName: cluster,
    BillingPeriodStart: isoTime(Date.UTC(year, month, 1)),
    BillingPeriodEnd: isoTime(Date.UTC(year, month + 1, 1)),
    ChargePeriodStart: isoTime(fromMs),
    ChargePeriodEnd: isoTime(toMs),
    ChargeDescription: `electricity, cooling and carbon of node ${node}`,
    ContractedUnitPrice: unitPrice,
    ListUnitPrice: unitPrice,
    ResourceId: node,
    ResourceName: node,
    SubAccountId: cluster,
    SubAccountName: cluster,
    Tags: JSON.stringify({ 'kcloud/cluster': cluster, 'kcloud/coverage': hour.coverage.toFixed(4) }),
    x_PowerOrigin: hour.origin,
  };
}

const CONSTANT = {
  AvailabilityZone: null,
  BillingAccountType: null,
  BillingCurrency: 'USD',
  ChargeCategory: 'Usage',
  ChargeClass: null,
  ChargeFrequency: 'Usage-Based',
  ConsumedUnit: 'kWh',
  InvoiceIssuerName: 'On-premises',
  PricingCategory: 'Other',
  PricingUnit: 'kWh',
  ProviderName: 'On-premises',
  PublisherName: 'On-premises',
  RegionId: null,
  RegionName: null,
  ResourceType: 'Kubernetes Node',
  ServiceCategory: 'Other',
  ServiceName: 'Electricity',
  ServiceSubcategory: 'Other (Other)',
  SkuId: null,
  SkuPriceId: 'energy-rates',
  SubAccountType: 'Kubernetes Cluster',
  x_AllocatedMethodId: METHOD,
  x_AllocatedTags: '{}',
  x_CpuCost: null,
  x_GpuCost: null,
  x_MemoryCost: null,
  x_PriceSource: 'configured',
} as const;
