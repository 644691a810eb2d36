/** Every kind of recommendation for every workload of a cluster, as the API has them, in one go and without it. */
import { DAY_MS, HOUR_MS, parseDuration } from '#domain/units/duration.ts';
import type { UsageSource } from '#domain/usage/usage.ts';
import type { OptimizationType } from '#apis/optimization.k8s.io/v1/spec.ts';
import type { ClusterSnapshot } from '#services/recommendations/cluster-snapshot.ts';
import { readSpotMarket } from '#services/recommendations/spot-facts.ts';
import { type PriceBook, readFacts, type WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import { analyzeWorkload, type LookResult } from './analysis/analyze-workload.ts';
import { type Finding, findingsOf } from './analysis/findings.ts';
import { type Look, planLooks } from './analysis/plan.ts';
import { wholeSteps } from './analysis/usage-window.ts';
import { usageBatches } from './analysis/usage-batches.ts';

export interface RecommendOptions {
  readonly usage: UsageSource;
  readonly nowMs: number;
  /** How far back usage is read, e.g. `7d`. */
  readonly window: string;
  /** ALL is every look there is, spot nodes and schedules too. */
  readonly type: OptimizationType;
  readonly prices: PriceBook;
  /** Told how many workloads are analysed. */
  readonly progress?: (done: number, total: number) => void;
}

export interface WorkloadRecommendation {
  readonly facts: WorkloadFacts;
  /** At least one; the first is at its sizes, unless something else alone was asked for. */
  readonly looks: readonly LookResult[];
  readonly findings: readonly Finding[];
  /** Why KCloud would not carry it out by itself; undefined where it would. */
  readonly leftAloneBecause: string | undefined;
}

/** Rejects with KC_METRICS_UNAVAILABLE and KC_DURATION_INVALID. */
export async function recommendWorkloads(
  snapshot: ClusterSnapshot,
  options: RecommendOptions,
): Promise<readonly WorkloadRecommendation[]> {
  const { nowMs, prices, progress, usage: source } = options;
  const facts = snapshot.workloads.map((one) =>
    readFacts(one, { cluster: snapshot, prices, ownNamespace: '' }),
  );
  const market = readSpotMarket(snapshot, prices, nowMs);
  const query = wholeSteps(nowMs, windowMs(options.window));
  const looks = looksOf(options.type);
  const found: WorkloadRecommendation[] = [];
  const ask = (batch: readonly WorkloadFacts[]) =>
    source.usage({ workloads: batch.map(({ ref }) => ref), ...query });
  for await (const batch of usageBatches(facts, ask)) {
    for (const { facts: one, usage } of batch) {
      const results = analyzeWorkload({ facts: one, usage, query, looks, market });
      found.push({
        facts: one,
        looks: results,
        findings: findingsOf(one, results),
        leftAloneBecause: leftAloneBecause(one),
      });
    }
    progress?.(found.length, facts.length);
  }
  return found;
}

function windowMs(window: string): number {
  return parseDuration(window, { field: '--window', minMs: HOUR_MS, maxMs: 90 * DAY_MS });
}

function looksOf(type: OptimizationType): readonly Look[] {
  return type === 'ALL' ? planLooks() : [{ type, onlyIfSizesAreRight: false }];
}

/** Protected workloads stay as they are; those that GitOps manages are changed in their source. */
function leftAloneBecause({ gitOpsOwner, protectedBecause }: WorkloadFacts): string | undefined {
  if (protectedBecause !== undefined) return protectedBecause;
  return gitOpsOwner === undefined ? undefined : `${gitOpsOwner} manages it: change its source`;
}
