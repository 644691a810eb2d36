/** What right-sizing says: a size with its reasons, or a refusal with its reasons; never a number made of nothing. */

import type { ConfidenceBasis } from './confidence.ts';

export type Unit =
  'cores' | 'bytes' | 'ratio' | 'pods' | 'days' | 'seconds' | 'samples' | 'kills' | 'bytes per day';

/** One number that a decision rests on. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** What it is and what it did to the decision, one clause. */
  readonly why: string;
}

/** What else was considered. */
export interface SizeAlternative {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly verdict: 'chosen' | 'rejected';
  readonly why: string;
}

export type RefusalCode =
  | 'no-data'
  | 'stale'
  | 'short-history'
  | 'low-coverage'
  | 'coarse-steps'
  | 'unbounded-growth'
  | 'bounds-conflict'
  | 'other-owner'
  | 'not-scalable';

/** No recommendation, and why. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly code: RefusalCode;
  /** One clause, ready to show. */
  readonly message: string;
  readonly measures: readonly Measure[];
}

/** `keep`: what is there is right, give or take the resolution at which a change is worth a disruption. */
export type SizeAction = 'lower' | 'raise' | 'keep' | 'set';

/** What the confidence is the probability of. */
export interface Promise24h {
  readonly text: string;
  /** The size that the promise is about: usage of the next day against this. */
  readonly size: number;
  /** Largest share of the next day's samples above it. */
  readonly maxOverShare: number;
}

/** One resource of one container, cores or bytes throughout. */
export interface SizeRecommendation {
  readonly kind: 'recommendation';
  readonly resource: 'cpu' | 'memory';
  readonly action: SizeAction;
  readonly request: number;
  /** Undefined where the container has no limit now: none is added. */
  readonly limit: number | undefined;
  readonly promise: Promise24h;
  /** Estimated probability that the promise holds on the next day, 0–1. */
  readonly confidence: number;
  /** From which the confidence of another size (a step on the way) follows: `confidenceOf`. */
  readonly basis: ConfidenceBasis;
  readonly measures: readonly Measure[];
  readonly alternatives: readonly SizeAlternative[];
}

export type SizeOutcome = SizeRecommendation | Refusal;

export function refuse(code: RefusalCode, message: string, measures: readonly Measure[] = []): Refusal {
  return { kind: 'refusal', code, message, measures };
}
