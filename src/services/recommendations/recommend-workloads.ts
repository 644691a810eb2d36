/** Recommendations for every workload of a cluster: one table, nothing installed, nothing changed. */
import type { OptimizationType } from '#apis/optimization.k8s.io/v1/spec.ts';
import { pricesOfPods } from '#domain/cost/node-prices.ts';
import type { ResourcePrices } from '#domain/cost/resource-prices.ts';
import { type OptimizationPolicy, readPolicy } from '#domain/policy/optimization-policy.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import { analyzeUsage } from '#domain/recommendation/analyze-usage.ts';
import { type Proposal, propose } from '#domain/recommendation/proposal.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import { gitOpsOwner } from '#domain/protection/gitops.ts';
import { protectionOf } from '#domain/protection/protected.ts';
import type { UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import { readHpa, scalesWorkload } from '#domain/workload/hpa-facts.ts';
import { readTarget, type TargetFacts } from '#domain/workload/target-facts.ts';
import { type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';
import type { ClusterSnapshot, SnapshotWorkload } from './cluster-snapshot.ts';

export interface RecommendOptions {
  readonly usage: UsageSource;
  readonly nowMs: number;
  readonly window: string;
  readonly type: OptimizationType;
  readonly prices: {
    readonly base: ResourcePrices;
    readonly priceOf: (node: string) => ResourcePrices | undefined;
  };
  /** Told how many workloads were asked for so far. */
  readonly progress?: (done: number, total: number) => void;
}

/** What is recommended for one workload; without a proposal there is nothing to do, or nothing known. */
export interface WorkloadRecommendation {
  readonly ref: WorkloadRef;
  readonly target: TargetFacts;
  readonly analysis: Analysis;
  readonly proposal: Proposal | undefined;
  readonly prices: ResourcePrices;
  /** Why KCloud would not carry it out by itself; undefined where it would. */
  readonly leftAloneBecause: string | undefined;
}

const STEP_MS = 5 * MINUTE_MS;
/** Workloads per question to the source: enough to batch, few enough to show progress. */
const BATCH = 500;

export async function recommendWorkloads(
  snapshot: ClusterSnapshot,
  options: RecommendOptions,
): Promise<readonly WorkloadRecommendation[]> {
  const { workloads } = snapshot;
  const found: WorkloadRecommendation[] = [];
  for (let from = 0; from < workloads.length; from += BATCH) {
    const batch = workloads.slice(from, from + BATCH);
    const answers = await options.usage.usage({
      workloads: batch.map(({ ref }) => ref),
      ...queryOf(batch[0], options),
    });
    batch.forEach((workload, index) => {
      const usage = answers[index];
      if (usage !== undefined) found.push(recommendOne(snapshot, options, { workload, usage }));
    });
    options.progress?.(Math.min(from + BATCH, workloads.length), workloads.length);
  }
  return found;
}

function policyOf(ref: WorkloadRef, { type, window }: RecommendOptions): OptimizationPolicy {
  return readPolicy({
    metadata: { name: ref.name, namespace: ref.namespace },
    spec: {
      targetWorkload: { ...ref },
      optimizationType: type,
      metricsWindow: window,
      maxChangePercent: 100,
    },
  });
}

type Query = Pick<Parameters<UsageSource['usage']>[0], 'fromMs' | 'toMs' | 'stepMs'>;

function queryOf(any: SnapshotWorkload | undefined, options: RecommendOptions): Query {
  const windowMs = any === undefined ? 0 : policyOf(any.ref, options).metricsWindowMs;
  return { fromMs: options.nowMs - windowMs, toMs: options.nowMs, stepMs: STEP_MS };
}

interface Known {
  readonly workload: SnapshotWorkload;
  readonly usage: WorkloadUsage;
}

function recommendOne(
  snapshot: ClusterSnapshot,
  options: RecommendOptions,
  known: Known,
): WorkloadRecommendation {
  const { ref, object } = known.workload;
  const target = readTarget(object, ref.kind);
  const hpas = snapshot.hpas.filter((hpa) => scalesWorkload(hpa, ref)).map(readHpa);
  const replicas = target.rollout.desiredReplicas;
  const prices = pricesOfPods(
    snapshot.podNodes.get(workloadKey(ref)) ?? [],
    options.prices.priceOf,
    options.prices.base,
  );
  const analysis = analyzeUsage({
    usage: known.usage,
    query: queryOf(known.workload, options),
    policy: policyOf(ref, options),
    present: target.fields,
    replicas,
    floors: {},
    autoscaler: hpas[0]?.name,
  });
  const proposal =
    analysis.outcome !== 'wanted'
      ? undefined
      : propose({
          present: target.fields,
          hpaFields: Object.assign({}, ...hpas.map((hpa) => hpa.fields)) as TargetFacts['fields'],
          original: {},
          wanted: analysis.wanted,
          maxChangePercent: 100,
          replicas,
          prices,
        });
  return { ref, target, analysis, proposal, prices, leftAloneBecause: leftAloneBecause(known.workload) };
}

/** Protected workloads stay as they are; those that GitOps manages are changed in their source. */
function leftAloneBecause({ ref, object }: SnapshotWorkload): string | undefined {
  const { labels, annotations } = object.metadata ?? {};
  const owner = gitOpsOwner(labels, annotations);
  const protectedBecause = protectionOf({
    target: ref,
    labels,
    annotations,
    namespaceAnnotations: undefined,
    operatorNamespace: '',
  });
  return protectedBecause ?? (owner === undefined ? undefined : `${owner} manages it: change its source`);
}
