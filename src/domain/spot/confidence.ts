/**
 * How sure it is that a workload on spot nodes is interrupted no more than allowed on the next day. Interruptions per
 * node-hour are a rate with a gamma prior; the count of a day is then negative binomial (Gelman, Bayesian Data
 * Analysis, §2.6).
 */

/**
 * The AWS Spot Instance Advisor puts most instance types below 10 % interruptions a month: one in 7,300 node-hours.
 * The prior weighs as much as a tenth of an interruption, so that the first one seen counts.
 */
const PRIOR = { interruptions: 0.1, nodeHours: 730 } as const;

export interface InterruptionEvidence {
  readonly interruptions: number;
  readonly nodeHours: number;
}

/** The probability of at most `most` interruptions on `nodes` nodes within a day, 0–1. */
export function calmDayProbability(nodes: number, most: number, evidence: InterruptionEvidence): number {
  const shape = PRIOR.interruptions + evidence.interruptions;
  const hours = PRIOR.nodeHours + evidence.nodeHours;
  const none = hours / (hours + 24 * nodes);
  let term = none ** shape;
  let sum = term;
  for (let count = 1; count <= most; count += 1) {
    term *= ((shape + count - 1) / count) * (1 - none);
    sum += term;
  }
  return Math.min(1, sum);
}
