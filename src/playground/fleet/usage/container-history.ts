/** What one container of one pod lived through: enough to compute its usage of any moment again. */
import type { ContainerLimits, ContainerMeter, Stretch } from './container-meter.ts';
import type { ContainerModel } from './container-model.ts';
import type { PastLife } from './past-lives.ts';

/** From a start to an end. */
export interface ContainerRun {
  readonly model: ContainerModel;
  readonly fromMs: number;
  /** In order of time, without gaps. */
  readonly stretches: readonly Stretch[];
  /** Infinite while it runs. */
  readonly endMs: number;
  readonly isOomKilled: boolean;
  /** Whether the same container had run before. */
  readonly isRestart: boolean;
}

/** The lives that a container is taken to have had before its first start. */
export interface AssumedPast {
  readonly model: ContainerModel;
  readonly seed: number;
  readonly limits: ContainerLimits;
  readonly lives: readonly PastLife[];
}

/** Restarts that are further back than this many are forgotten: a container in a crash loop must not grow for ever. */
const MAX_ENDED_RUNS = 2000;

export class ContainerHistory {
  readonly assumed: AssumedPast | undefined;
  #ended: ContainerRun[] = [];
  #meter: ContainerMeter | undefined;
  #starts = 0;

  constructor(assumed: AssumedPast | undefined) {
    this.assumed = assumed;
  }

  started(meter: ContainerMeter): void {
    this.#meter = meter;
    this.#starts += 1;
  }

  ended(atMs: number, isOomKilled: boolean): void {
    if (this.#meter === undefined) return;
    this.#ended.push({ ...this.#run(this.#meter), endMs: atMs, isOomKilled });
    if (this.#ended.length > MAX_ENDED_RUNS) this.#ended = this.#ended.slice(MAX_ENDED_RUNS / 2);
    this.#meter = undefined;
  }

  /** All runs in order. `pastShare` is the part of the demand that the pod carried before its first start. */
  runs(pastShare: number): readonly ContainerRun[] {
    const now = this.#meter === undefined ? [] : [this.#run(this.#meter)];
    return [...assumedRuns(this.assumed, pastShare), ...this.#ended, ...now];
  }

  #run(meter: ContainerMeter): ContainerRun {
    const { model, stretches, startedMs } = meter;
    const endedMs = this.#ended.at(-1)?.endMs ?? -Infinity;
    return {
      model,
      fromMs: Math.max(startedMs, endedMs),
      stretches,
      endMs: Infinity,
      isOomKilled: false,
      // A kubelet that takes a running container over tells of a start that lies before the other's last word.
      isRestart: this.#starts > 1 && startedMs >= endedMs,
    };
  }
}

function assumedRuns(past: AssumedPast | undefined, share: number): readonly ContainerRun[] {
  if (past === undefined) return [];
  const { model, seed, limits } = past;
  return past.lives.map(({ bornMs, endMs, isKilled }, index) => ({
    model,
    fromMs: bornMs,
    stretches: [{ fromMs: bornMs, place: { seed, share, bornMs }, limits }],
    endMs,
    isOomKilled: isKilled,
    isRestart: index > 0,
  }));
}
