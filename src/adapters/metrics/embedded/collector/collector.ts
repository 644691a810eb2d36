/**
 * Looks at the cluster at a steady interval and writes what it sees into the history. Each look stands on the grid of
 * the interval: the one that begins at or after a boundary describes the step that ended there.
 */
import { isNotFound } from '#kube/client/api-error.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { Clock, Timer } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { HOUR_MS, blockStartMs } from '../history/levels.ts';
import type { UsageHistory } from '../history/usage-history.ts';
import { Freshness } from './freshness.ts';
import { IncidentTracker } from './incident-tracker.ts';
import { type PodSample, readPodMetrics } from './metrics-api.ts';
import type { PodSource } from './pod-source.ts';
import { StepUsage } from './step-usage.ts';
import { WorkloadPods } from './workload-pods.ts';

export interface CollectorOptions {
  readonly client: KubeClient;
  readonly pods: PodSource;
  /** Its raw step is the interval. */
  readonly history: UsageHistory;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How the last look went. */
export interface CollectorStatus {
  /** When the metrics API last gave samples. */
  readonly usageSeenMs: number | undefined;
  readonly podsSeenMs: number | undefined;
  /** What is wrong, for people; undefined while all is well. */
  readonly problem: string | undefined;
  /** Samples of the last look: taken, repeated by a server that hangs or lags, of pods whose workload is unknown. */
  readonly samples: { readonly taken: number; readonly stale: number; readonly unowned: number };
}

const NO_METRICS_API =
  'the cluster serves no metrics.k8s.io API: install metrics-server, or name a Prometheus as the source of metrics';
const MIN_TIMEOUT_MS = 10_000;

export class Collector {
  readonly #options: CollectorOptions;
  readonly #freshness = new Freshness();
  readonly #workloads: WorkloadPods;
  readonly #tracker: IncidentTracker;
  readonly #stop = new AbortController();
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #status: CollectorStatus;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#workloads = new WorkloadPods(options.client);
    this.#tracker = new IncidentTracker(options.history.containerStates());
    const podsSeenMs = options.history.podsSeenMs();
    const samples = { taken: 0, stale: 0, unowned: 0 };
    this.#status = { usageSeenMs: undefined, podsSeenMs, problem: undefined, samples };
  }

  get status(): CollectorStatus {
    return this.#status;
  }

  /** Looks at every boundary of the interval until stopped. */
  start(): void {
    const { clock, history } = this.#options;
    if (this.#stop.signal.aborted) return;
    const waitMs = history.rawStepMs - (clock.now() % history.rawStepMs);
    this.#timer = clock.after(waitMs, () => {
      this.#looking = this.look().finally(() => {
        this.start();
      });
    });
  }

  /** Resolves when the look that is under way has ended. The history stays open. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the collector was stopped'));
    this.#timer?.cancel();
    await this.#looking;
  }

  /** One look. Never rejects: what went wrong stands in the status and in the log. */
  async look(): Promise<void> {
    const { client, clock, history, logger, pods } = this.#options;
    const nowMs = clock.now();
    const endMs = Math.floor(nowMs / history.rawStepMs) * history.rawStepMs;
    const limits = { timeoutMs: Math.max(MIN_TIMEOUT_MS, history.rawStepMs), signal: this.#stop.signal };
    // The pods come last: whatever the metrics tell of then stands in their list, unless it is gone already.
    const metrics = await settled(readPodMetrics(client, limits));
    const list = await settled(pods.pods(limits));
    if (this.#stop.signal.aborted) return;
    if (list.value !== undefined) await this.#workloads.update(list.value, { nowMs, limits });
    const problems = [metricsProblem(metrics.error), podsProblem(list.error)];
    try {
      this.#store({ nowMs, endMs, samples: metrics.value, podsSeen: list.value !== undefined });
    } catch (error) {
      problems.push(`what was seen could not be stored: ${messageOf(error)}`);
    }
    const problem = problems.find((text) => text !== undefined);
    if (problem !== undefined && problem !== this.#status.problem)
      logger.warn('usage is not collected', { problem });
    this.#status = { ...this.#status, problem };
  }

  #store(look: Look): void {
    const { history } = this.#options;
    const { usage, samples } = this.#usageOf(look);
    const findings = this.#tracker.find(look.podsSeen ? this.#workloads.current() : [], {
      nowMs: look.nowMs,
      previousMs: this.#status.podsSeenMs,
    });
    const hourMs = blockStartMs(HOUR_MS, look.endMs) + 1;
    const rejected = usage.rejected().map(([name, count]) => {
      return [name, { kind: 'rejected', atMs: hourMs, uid: '', pod: '', count }] as const;
    });
    history.record({
      endMs: look.samples === undefined ? undefined : look.endMs,
      usage: usage.rows(),
      incidents: [...findings.incidents, ...rejected],
      podsSeenMs: look.podsSeen ? look.nowMs : undefined,
      states: findings.states,
      gone: look.podsSeen ? findings.gone : [],
    });
    if (look.podsSeen) this.#tracker.accept(findings);
    this.#status = {
      ...this.#status,
      samples,
      podsSeenMs: look.podsSeen ? look.nowMs : this.#status.podsSeenMs,
      usageSeenMs: samples.taken > 0 ? look.nowMs : this.#status.usageSeenMs,
    };
    history.upkeep(look.nowMs);
  }

  #usageOf({ samples = [], endMs, nowMs }: Look): StepSummary {
    const usage = new StepUsage();
    let [taken, stale, unowned] = [0, 0, 0];
    for (const sample of samples) {
      const workload = this.#workloads.ofPod(sample.namespace, sample.pod);
      if (workload === undefined) unowned += 1;
      else if (!this.#freshness.accepts(sample, endMs)) stale += 1;
      else {
        taken += 1;
        for (const container of sample.containers) usage.add(workload, container);
      }
    }
    this.#freshness.forget(nowMs);
    return { usage, samples: { taken, stale, unowned } };
  }
}

interface Look {
  readonly nowMs: number;
  readonly endMs: number;
  readonly samples: readonly PodSample[] | undefined;
  readonly podsSeen: boolean;
}

interface StepSummary {
  readonly usage: StepUsage;
  readonly samples: CollectorStatus['samples'];
}

interface Settled<T> {
  readonly value?: T;
  readonly error?: unknown;
}

async function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

function metricsProblem(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return isNotFound(error) ? NO_METRICS_API : `the metrics API gave nothing: ${messageOf(error)}`;
}

function podsProblem(error: unknown): string | undefined {
  return error === undefined ? undefined : `the pods could not be listed: ${messageOf(error)}`;
}
