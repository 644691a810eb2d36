/** The record of a decision that stands in the status: what `kcloud explain` tells, and what can be replayed. */
import { gpuUsdPerHour, type ResourcePrices } from '#domain/cost/resource-prices.ts';
import type { DecisionRecord } from '#apis/optimization.k8s.io/v1/status.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import type { Blocker } from '#domain/recommendation/eligibility.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Observation } from './observation.ts';

/** A status is read often: what explains it stays short. */
const MAX_INPUTS = 40;
const MAX_ALTERNATIVES = 20;

interface Explanation {
  readonly rule: string;
  readonly outcome: string;
  readonly analysis: Analysis;
  readonly blockers?: readonly Blocker[];
}

export function decisionRecord(o: Observation, explanation: Explanation): DecisionRecord {
  const { analysis, blockers = [] } = explanation;
  const prices = {
    name: 'prices',
    value: pricesText(o.prices),
    source: o.prices.source,
  };
  const gates = blockers.map((blocker) => ({
    action: 'apply now',
    verdict: `blocked by ${blocker.gate}`,
    why: blocker.message,
  }));
  return {
    at: rfc3339(o.nowMs),
    rule: explanation.rule,
    outcome: explanation.outcome,
    inputs: [...analysis.inputs, prices].slice(0, MAX_INPUTS),
    alternatives: [...gates, ...analysis.alternatives].slice(0, MAX_ALTERNATIVES),
  };
}

/** The GPU's only where the pods hold one. */
function pricesText(prices: ResourcePrices): string {
  const { cpuUsdPerCoreHour, memoryUsdPerGibHour, gpusPerPod = 0 } = prices;
  const ordinary = `$${cpuUsdPerCoreHour.toFixed(4)}/core-h, $${memoryUsdPerGibHour.toFixed(4)}/GiB-h`;
  return gpusPerPod === 0 ? ordinary : `${ordinary}, $${gpuUsdPerHour(prices).toFixed(4)}/GPU-h`;
}
