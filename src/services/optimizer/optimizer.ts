/** What the API knows and does: live workloads, their usage, analyses of one or of all, remembered for a short time. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { OptimizeContext } from '#apis/optimizer-api/requests.ts';
import type { RecommendationTypeName } from '#apis/optimizer-api/vocabulary.ts';

import { DAY_MS, HOUR_MS, parseDuration } from '#domain/units/duration.ts';
import type { UsageQuery, UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import { WORKLOAD_KINDS, type WorkloadKind, type WorkloadRef } from '#domain/workload/workload-ref.ts';
import { KcError } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { ClusterWorkload } from '#services/recommendations/cluster-view.ts';
import type { LiveCluster } from '#services/recommendations/live-cluster.ts';
import { readSpotMarket, type SpotMarket } from '#services/recommendations/spot-facts.ts';
import { type PriceBook, readFacts, type WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import { analyzeWorkload, type LookResult, type WorkloadQuestion } from './analysis/analyze-workload.ts';
import { type Finding, findingsOf } from './analysis/findings.ts';
import { type Look, planLooks } from './analysis/plan.ts';
import { wholeSteps } from './analysis/usage-window.ts';

export interface OptimizerOptions {
  readonly cluster: LiveCluster;
  readonly usage: UsageSource;
  readonly clock: Clock;
  readonly prices: PriceBook;
  readonly clusterName: string;
  /** Where KCloud runs. */
  readonly ownNamespace: string;
  /** How far back usage is read where nobody says, e.g. `7d`. */
  readonly window: string;
  /** Resolves where the API server answers; rejects with what keeps it from that. */
  readonly probe: () => Promise<void>;
}

export interface WorkloadReport {
  readonly facts: WorkloadFacts;
  readonly usage: WorkloadUsage;
  readonly query: Query;
  readonly looks: readonly LookResult[];
  readonly findings: readonly Finding[];
}

export type Query = Pick<UsageQuery, 'fromMs' | 'toMs' | 'stepMs'>;

export interface ReportQuestion {
  readonly types?: readonly RecommendationTypeName[] | undefined;
  readonly context?: OptimizeContext | undefined;
}

export class Optimizer {
  readonly #options: OptimizerOptions;

  constructor(options: OptimizerOptions) {
    this.#options = options;
  }

  get clusterName(): string {
    return this.#options.clusterName;
  }

  get clusterId(): string | undefined {
    return this.#options.cluster.clusterId;
  }

  get window(): string {
    return this.#options.window;
  }

  get nowMs(): number {
    return this.#options.clock.now();
  }

  /** Rejects while the copies of the cluster are not what the cluster is: KC_NOT_READY or KC_API_UNREACHABLE. */
  async ensureReadable(): Promise<void> {
    const { problem } = this.#options.cluster;
    if (problem?.synced === false) {
      throw new KcError('KC_NOT_READY', { object: problem.resource, problem: 'the cluster is being read' });
    }
    // A watch that broke is made good within moments while the server answers at all.
    if (problem !== undefined) await this.#options.probe();
  }

  /** All workloads, or those that are wanted. */
  workloads(wanted: (ref: WorkloadRef) => boolean = () => true): readonly WorkloadFacts[] {
    const found = this.#options.cluster.workloads().filter(({ ref }) => wanted(ref));
    return found.map((workload) => this.#factsOf(workload));
  }

  optimizations(): readonly CostOptimization[] {
    return this.#options.cluster.optimizations?.store.list() ?? [];
  }

  /** The workloads of a name, one per kind at most. */
  named(namespace: string, name: string): readonly WorkloadFacts[] {
    return WORKLOAD_KINDS.flatMap((kind) => this.#options.cluster.find({ kind, namespace, name }) ?? []).map(
      (workload) => this.#factsOf(workload),
    );
  }

  /** By its uid, or by `Kind:namespace:name`. Throws KC_NOT_FOUND. */
  byId(id: string): WorkloadFacts {
    const { cluster } = this.#options;
    const [kind = '', namespace = '', name = ''] = id.split(':');
    const known = WORKLOAD_KINDS.includes(kind as WorkloadKind);
    const found = known
      ? cluster.find({ kind: kind as WorkloadKind, namespace, name })
      : cluster.findByUid(id);
    if (found === undefined) throw new KcError('KC_NOT_FOUND', { problem: 'there is no such workload' });
    return this.#factsOf(found);
  }

  async usageOf(facts: readonly WorkloadFacts[], query: Query): Promise<readonly WorkloadUsage[]> {
    const { usage } = this.#options;
    const answers = await usage.usage({ workloads: facts.map(({ ref }) => ref), ...query });
    if (answers.length !== facts.length) {
      throw new KcError('KC_METRICS_UNAVAILABLE', { object: usage.name, problem: 'it left out workloads' });
    }
    return answers;
  }

  /** Reads usage and analyses one workload. Throws KC_METRICS_UNAVAILABLE, KC_DURATION_INVALID. */
  async report(facts: WorkloadFacts, question: ReportQuestion = {}): Promise<WorkloadReport> {
    const query = this.queryOf(question.context?.metrics_window);
    const [usage] = await this.usageOf([facts], query);
    if (usage === undefined) throw new KcError('KC_METRICS_UNAVAILABLE', { problem: 'no answer' });
    const { context } = question;
    return reportOf({ facts, usage, query }, { looks: looksFor(question), context, market: this.market() });
  }

  /** The nodes of now, as moves to spot see them. */
  market(): SpotMarket {
    return readSpotMarket(this.#options.cluster, this.#options.prices, this.nowMs);
  }

  /** The time to look at: the window asked for, or the configured one. */
  queryOf(window: string = this.#options.window): Query {
    const windowMs = parseDuration(window, {
      field: 'context.metrics_window',
      minMs: HOUR_MS,
      maxMs: 90 * DAY_MS,
    });
    return wholeSteps(this.nowMs, windowMs);
  }

  #factsOf(workload: ClusterWorkload): WorkloadFacts {
    return readFacts(workload, this.#options);
  }
}

/** The operator names its type outright; others name what they want recommended. */
function looksFor({ types, context }: ReportQuestion): Look[] {
  return context === undefined
    ? planLooks(types)
    : [{ type: context.optimization_type, onlyIfSizesAreRight: false }];
}

export function reportOf(
  known: Pick<WorkloadReport, 'facts' | 'usage' | 'query'>,
  question: Pick<WorkloadQuestion, 'looks' | 'market' | 'context'>,
): WorkloadReport {
  const looks = analyzeWorkload({ ...known, ...question });
  return { ...known, looks, findings: findingsOf(known.facts, looks) };
}

/** Whether the data tells nothing about the sizes and replicas of a workload. */
export function isUnknown({ looks }: Pick<WorkloadReport, 'looks'>): boolean {
  return looks
    .filter(({ type }) => type !== 'SPOT_INSTANCES' && type !== 'SCHEDULED_SCALING')
    .every(({ analysis }) => analysis.outcome === 'unknown');
}
