/** Turns a wanted size into the next step: capped, with the scale points of autoscalers kept, and priced. */
import {
  type FieldMap,
  type FieldPath,
  amountOf,
  changedFields,
  parseResourcePath,
} from '../change/field.ts';
import { capChange, reachesTarget } from '../change/step.ts';
import type { ResourcePrices } from '../cost/resource-prices.ts';
import { monthlyCost, replicasOf } from '../cost/workload-cost.ts';
import { keepScalePoints } from './scale-point.ts';

export interface ProposalInput {
  /** Sizes (and replicas) as they are in force. */
  readonly present: FieldMap;
  /** Fields of the autoscalers on the workload, as they are. */
  readonly hpaFields: FieldMap;
  /** The stored originals; empty before the first change. */
  readonly original: FieldMap;
  /** What the analysis wants. */
  readonly wanted: FieldMap;
  readonly maxChangePercent: number;
  /** Replicas that run, for pricing where the size does not state them. */
  readonly replicas: number;
  readonly prices: ResourcePrices;
  /** The next step, where the analysis knows it; else the change is capped value by value. */
  readonly step?: FieldMap | undefined;
  /** USD per month with these fields over the present ones, where sizes and replicas do not tell. */
  readonly monthlyUsdOf?: ((fields: FieldMap) => number) | undefined;
}

export interface Proposal {
  /** What the next apply writes: never empty. */
  readonly step: FieldMap;
  /** Where the steps lead. */
  readonly target: FieldMap;
  readonly reachesTarget: boolean;
  readonly currentMonthlyUsd: number;
  readonly stepMonthlyUsd: number;
  readonly targetMonthlyUsd: number;
}

/** VPA leaves running pods alone below a tenth: smaller moves are noise that costs trust. */
const WORTHWHILE_SHARE = 0.1;

/** The next step towards what is wanted, or undefined where nothing worthwhile is left to do. */
export function propose(input: ProposalInput): Proposal | undefined {
  const { present } = input;
  const target = worthwhile(present, changedFields(present, input.wanted));
  const step = changedFields(present, input.step ?? capChange(present, target, input.maxChangePercent));
  if (Object.keys(step).length === 0) return undefined;
  const cost = input.monthlyUsdOf ?? ((fields: FieldMap) => costOfSizes(input, fields));
  return {
    step: { ...step, ...followingTargets(input, step) },
    target: { ...target, ...followingTargets(input, target) },
    reachesTarget: reachesTarget(step, present, target),
    currentMonthlyUsd: cost({}),
    stepMonthlyUsd: cost(step),
    targetMonthlyUsd: cost(target),
  };
}

function costOfSizes(input: ProposalInput, fields: FieldMap): number {
  const sizes = { ...input.present, ...fields };
  return monthlyCost(sizes, replicasOf(sizes, input.replicas), input.prices);
}

/**
 * Drops moves of container sizes below a tenth; a limit follows its request, so it stays only with it or where
 * it moves enough by itself.
 */
function worthwhile(present: FieldMap, wanted: FieldMap): FieldMap {
  const moves = (path: FieldPath): boolean => {
    const from = amountOf(present[path]);
    const to = amountOf(wanted[path]);
    if (from === undefined || to === undefined || from === 0) return true;
    return Math.abs(to - from) / from >= WORTHWHILE_SHARE;
  };
  const kept = Object.keys(wanted).filter((path) => {
    const field = parseResourcePath(path);
    return field === undefined || moves(path);
  });
  return Object.fromEntries(kept.map((path) => [path, wanted[path] ?? null]));
}

/** Scale points, measured from the originals so that rounding does not add up over steps. */
function followingTargets(input: ProposalInput, change: FieldMap): FieldMap {
  const known = Object.entries(input.original).filter(([path]) => path in input.hpaFields);
  return keepScalePoints({
    before: { ...input.present, ...containerFields(input.original) },
    after: { ...input.present, ...change },
    hpaFields: { ...input.hpaFields, ...Object.fromEntries(known) },
  });
}

function containerFields(fields: FieldMap): FieldMap {
  return Object.fromEntries(Object.entries(fields).filter(([path]) => parseResourcePath(path) !== undefined));
}
