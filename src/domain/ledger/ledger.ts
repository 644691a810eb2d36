/**
 * The savings ledger: what a change really saved, on the same demand. An interval is booked from what was seen
 * at both of its ends, at the smaller of the two rates, so that nothing is booked that was not measured.
 */
import {
  type FieldMap,
  type FieldPath,
  type FieldValue,
  REPLICAS,
  amountOf,
  parseHpaPath,
  parseResourcePath,
} from '../change/field.ts';
import { podFootprint } from '../cost/workload-cost.ts';
import { type ResourcePrices, usdPerHour } from '../cost/resource-prices.ts';
import { HOUR_MS } from '../units/duration.ts';

/** What is seen of a changed workload at one moment. */
export interface SavingsReading {
  readonly atMs: number;
  /** The sizes that each running pod really carries, one field map per pod. */
  readonly pods: readonly FieldMap[];
  /** Replicas that the workload asks for now. */
  readonly desiredReplicas: number;
  readonly prices: ResourcePrices;
  /** Prices that would hold without the change, where it moves pods to other nodes; else those of now. */
  readonly baselinePrices?: ResourcePrices | undefined;
}

/** The rate at one moment, USD per hour. */
export interface SavingsRate {
  readonly atMs: number;
  /** What the workload would cost with its original sizes, at the demand of this moment. */
  readonly baselineUsdPerHour: number;
  readonly actualUsdPerHour: number;
  readonly priceSource: string;
}

/** One booked interval. Its key is unique: booking it twice changes nothing. */
export interface LedgerRow {
  readonly key: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly baselineUsd: number;
  readonly actualUsd: number;
  /** baselineUsd − actualUsd; negative where safety costs more. */
  readonly savedUsd: number;
  readonly priceSource: string;
}

/**
 * Measures the rate. The baseline is counterfactual: original sizes, and the original replica count where that
 * was changed (an autoscaler's original minimum bounds the present count from below), else the present count.
 */
export function measureRate(original: FieldMap, reading: SavingsReading): SavingsRate {
  const { pods, prices, baselinePrices = prices } = reading;
  const sample = pods[0] ?? {};
  const originalPod = { ...sample, ...containerFields(original) };
  const replicas = counterfactualReplicas(original, reading.desiredReplicas);
  return {
    atMs: reading.atMs,
    baselineUsdPerHour: usdPerHour(podFootprint(originalPod), baselinePrices) * replicas,
    actualUsdPerHour: pods.reduce((sum, pod) => sum + usdPerHour(podFootprint(pod), prices), 0),
    priceSource: prices.source,
  };
}

function containerFields(fields: FieldMap): FieldMap {
  const entries = Object.entries(fields).filter(([path]) => parseResourcePath(path) !== undefined);
  return Object.fromEntries<FieldValue>(entries);
}

/** The replicas that there would be had we changed nothing. */
export function counterfactualReplicas(original: FieldMap, desiredReplicas: number): number {
  const stated = amountOf(original[REPLICAS]);
  if (stated !== undefined) return stated;
  const minimum = Object.keys(original).find(
    (path: FieldPath) => parseHpaPath(path)?.field === 'minReplicas',
  );
  const minReplicas = minimum === undefined ? undefined : amountOf(original[minimum]);
  return Math.max(desiredReplicas, minReplicas ?? 0);
}

/** Savings at this moment, USD per hour. */
export function savedPerHour(rate: SavingsRate): number {
  return rate.baselineUsdPerHour - rate.actualUsdPerHour;
}

/**
 * Books the interval between two readings at the rate of the end that saved less. Undefined where no time has
 * passed.
 */
export function bookInterval(owner: string, from: SavingsRate, to: SavingsRate): LedgerRow | undefined {
  if (to.atMs <= from.atMs) return undefined;
  const hours = (to.atMs - from.atMs) / HOUR_MS;
  const lesser = savedPerHour(from) <= savedPerHour(to) ? from : to;
  return {
    key: `${owner}/${String(from.atMs)}`,
    fromMs: from.atMs,
    toMs: to.atMs,
    baselineUsd: lesser.baselineUsdPerHour * hours,
    actualUsd: lesser.actualUsdPerHour * hours,
    savedUsd: savedPerHour(lesser) * hours,
    priceSource: lesser.priceSource,
  };
}
