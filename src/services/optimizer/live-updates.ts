/** What listeners on /ws are told: the totals every half minute, and each turn of a CostOptimization at once. */
import type { WebSocketUpdate } from '#apis/optimizer-api/history.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { Change } from '#kube/store/change.ts';
import { type Clock, rfc3339, sleep } from '#platform/clock.ts';
import { totalsOf } from './answers/summary-answer.ts';
import { usd } from './answers/unknown.ts';
import type { ClusterAnalysis } from './cluster-analysis.ts';

export interface LiveUpdatesOptions {
  readonly analysis: ClusterAnalysis;
  readonly clock: Clock;
  readonly listeners: () => number;
  readonly broadcast: (update: WebSocketUpdate) => void;
  /** Default 30 s. */
  readonly everyMs?: number;
}

const EVERY_MS = 30_000;

export class LiveUpdates {
  readonly #options: LiveUpdatesOptions;

  constructor(options: LiveUpdatesOptions) {
    this.#options = options;
  }

  /** How things stand, or why that is not known. */
  async current(): Promise<WebSocketUpdate> {
    const { analysis, clock } = this.#options;
    const timestamp = rfc3339(clock.now());
    try {
      const { workloads, atMs } = await analysis.report();
      const { savedUsd } = totalsOf(workloads);
      const recommendations = workloads.reduce((sum, { findings }) => sum + findings.length, 0);
      const data = {
        total_savings: savedUsd === undefined ? null : usd(savedUsd),
        recommendation_count: recommendations,
        unknown_workloads: workloads.filter(({ unknown }) => unknown).length,
        timestamp: rfc3339(atMs),
      };
      return { event_type: 'optimization_update', timestamp, data };
    } catch (error) {
      const data = { total_savings: null, recommendation_count: null, reason: messageOf(error), timestamp };
      return { event_type: 'optimization_unavailable', timestamp, data };
    }
  }

  /** Runs until aborted; asks for nothing while nobody listens. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, everyMs = EVERY_MS, listeners, broadcast } = this.#options;
    for (;;) {
      try {
        await sleep(clock, everyMs, signal);
      } catch {
        return;
      }
      if (listeners() > 0) broadcast(await this.current());
    }
  }

  /** To be told of every change of a CostOptimization. */
  readonly changed = (change: Change<CostOptimization>): void => {
    const phase = change.type === 'DELETED' ? 'Deleted' : change.object.status?.phase;
    if (phase === undefined || phase === change.previous?.status?.phase) return;
    if (change.type === 'ADDED') return;
    this.#options.broadcast(this.#turn(change.object, phase));
  };

  #turn({ metadata, status }: CostOptimization, phase: string): WebSocketUpdate {
    return {
      event_type: 'optimization_phase',
      timestamp: rfc3339(this.#options.clock.now()),
      data: {
        namespace: metadata.namespace ?? null,
        name: metadata.name ?? null,
        phase,
        message: status?.message ?? null,
        monthly_savings: status?.currentRecommendation?.monthlySavings ?? null,
      },
    };
  }
}
