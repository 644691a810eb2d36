/**
 * The analysis of every workload, shared by whoever asks for it. It is as old as a minute at most, or as four times
 * what it took, so that a large cluster is not analysed without pause. A failure is told and not remembered.
 */
import type { Clock } from '#platform/clock.ts';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import type { Finding } from './analysis/findings.ts';
import { planLooks } from './analysis/plan.ts';
import { type KnownWorkload, usageBatches } from './analysis/usage-batches.ts';
import { isUnknown, type Optimizer, type Query, reportOf } from './optimizer.ts';

/** What stays of a workload's analysis: its usage is let go. */
export interface AnalyzedWorkload {
  readonly facts: WorkloadFacts;
  readonly findings: readonly Finding[];
  readonly unknown: boolean;
}

export interface ClusterReport {
  readonly atMs: number;
  readonly workloads: readonly AnalyzedWorkload[];
}

const MAX_AGE_MS = 60_000;
/** How long other requests may wait while a cluster is analysed. */
const SLICE_MS = 20;

export class ClusterAnalysis {
  readonly #optimizer: Optimizer;
  readonly #clock: Clock;
  #running: Promise<ClusterReport> | undefined;
  #latest: ClusterReport | undefined;
  #freshUntilMs = -Infinity;

  constructor(optimizer: Optimizer, clock: Clock) {
    this.#optimizer = optimizer;
    this.#clock = clock;
  }

  /** Throws KC_METRICS_UNAVAILABLE, KC_NOT_READY, KC_API_UNREACHABLE. */
  async report(): Promise<ClusterReport> {
    await this.#optimizer.ensureReadable();
    if (this.#latest !== undefined && this.#clock.now() < this.#freshUntilMs) return this.#latest;
    this.#running ??= this.#analyze().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #analyze(): Promise<ClusterReport> {
    const atMs = this.#clock.now();
    const facts = this.#optimizer.workloads();
    const workloads: AnalyzedWorkload[] = [];
    const query = this.#optimizer.queryOf();
    const ask = (batch: readonly WorkloadFacts[]) => this.#optimizer.usageOf(batch, query);
    for await (const batch of usageBatches(facts, ask)) {
      workloads.push(...(await this.#analyzeBatch(batch, query)));
    }
    const tookMs = this.#clock.now() - atMs;
    this.#latest = { atMs, workloads };
    this.#freshUntilMs = atMs + Math.max(MAX_AGE_MS, 5 * tookMs);
    return this.#latest;
  }

  async #analyzeBatch(batch: readonly KnownWorkload[], query: Query): Promise<AnalyzedWorkload[]> {
    const market = this.#optimizer.market();
    const analyzed: AnalyzedWorkload[] = [];
    let sliceMs = this.#clock.now();
    for (const { facts, usage } of batch) {
      const report = reportOf({ facts, usage, query }, { looks: planLooks(), market });
      analyzed.push({ facts, findings: report.findings, unknown: isUnknown(report) });
      if (this.#clock.now() - sliceMs > SLICE_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceMs = this.#clock.now();
      }
    }
    return analyzed;
  }
}
