/**
 * The columns that are written: those of FOCUS 1.2 that a cost allocation can fill truthfully (all mandatory ones
 * among them), in the order of the specification, then our own, which it wants to begin with `x_`. The columns of split
 * cost allocation came with FOCUS 1.3; they carry its names behind `x_`. See docs/adr/0017.
 */
import type { Billionths } from './decimal.ts';

export const FOCUS_VERSION = '1.2';

export const FOCUS_COLUMNS = [
  'AvailabilityZone',
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingAccountType',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'RegionName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'ServiceSubcategory',
  'SkuId',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'SubAccountType',
  'Tags',
  'x_AllocatedMethodDetails',
  'x_AllocatedMethodId',
  'x_AllocatedResourceId',
  'x_AllocatedResourceName',
  'x_AllocatedTags',
  'x_CarbonKg',
  'x_CpuCost',
  'x_EnergyKwh',
  'x_GpuCost',
  'x_MemoryCost',
  'x_Namespace',
  'x_PowerOrigin',
  'x_PriceSource',
  'x_WorkloadKind',
  'x_WorkloadName',
] as const;
export type FocusColumn = (typeof FOCUS_COLUMNS)[number];

/** A text, a decimal, or null. */
export type FocusValue = string | Billionths | null;
export type FocusRow = Readonly<Record<FocusColumn, FocusValue>>;

/** The columns whose allocated amounts sum to the origin charge. */
export const SUMMED_COLUMNS = [
  'BilledCost',
  'ConsumedQuantity',
  'ContractedCost',
  'EffectiveCost',
  'ListCost',
  'PricingQuantity',
  'x_CpuCost',
  'x_GpuCost',
  'x_MemoryCost',
] as const satisfies readonly FocusColumn[];
