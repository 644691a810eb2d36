/** The counters of one running container, integrated from its model when someone looks. */
import { CELL_MS, type ContainerModel, type PodPlace } from './container-model.ts';
import { CFS_PERIOD_SECONDS, activeShare, throttledShare, throttledTimeShare } from './throttling.ts';

export interface ContainerLimits {
  readonly cpuCores: number | undefined;
  readonly memoryBytes: number | undefined;
}

/** A part of a container's life in which it had one place and one limit; it lasts until the next begins. */
export interface Stretch {
  readonly fromMs: number;
  readonly place: PodPlace;
  readonly limits: ContainerLimits;
}

/** Counters since the container's start, and gauges of the moment. */
export interface MeterReading {
  readonly cpuSeconds: number;
  readonly cfsPeriods: number;
  readonly cfsThrottledPeriods: number;
  readonly cfsThrottledSeconds: number;
  /** Cores in use: demand, cut at the limit. */
  readonly cpuCores: number;
  readonly demandCores: number;
  readonly memoryBytes: number;
}

export interface MeterOptions {
  readonly model: ContainerModel;
  readonly place: PodPlace;
  readonly limits: ContainerLimits;
  readonly startedMs: number;
}

/**
 * Exact for a piecewise constant usage: what is read does not depend on how often it is read. Changes of share
 * or limits count from the moment at which they are told.
 */
export class ContainerMeter {
  readonly startedMs: number;
  readonly model: ContainerModel;
  readonly #stretches: Stretch[];
  #place: PodPlace;
  #limits: ContainerLimits;
  #untilMs: number;
  #cpuSeconds = 0;
  #cfsPeriods = 0;
  #throttledPeriods = 0;
  #throttledSeconds = 0;

  constructor(options: MeterOptions) {
    this.model = options.model;
    this.#place = options.place;
    this.#limits = options.limits;
    this.startedMs = options.startedMs;
    this.#untilMs = options.startedMs;
    this.#stretches = [{ fromMs: options.startedMs, place: options.place, limits: options.limits }];
  }

  /** The life of the container so far, without a gap. */
  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  get place(): PodPlace {
    return this.#place;
  }

  get limits(): ContainerLimits {
    return this.#limits;
  }

  setShare(share: number, atMs: number): void {
    if (share === this.#place.share) return;
    this.#advance(atMs);
    this.#place = { ...this.#place, share };
    this.#note(atMs);
  }

  setLimits(limits: ContainerLimits, atMs: number): void {
    this.#advance(atMs);
    this.#limits = limits;
    this.#note(atMs);
  }

  /** The state at `atMs`, which must not lie before an earlier reading. */
  read(atMs: number): MeterReading {
    this.#advance(atMs);
    const { cpuCores: demandCores, memoryBytes } = this.model.demand(atMs, this.#place);
    return {
      cpuSeconds: this.#cpuSeconds,
      cfsPeriods: this.#cfsPeriods,
      cfsThrottledPeriods: this.#throttledPeriods,
      cfsThrottledSeconds: this.#throttledSeconds,
      cpuCores: Math.min(demandCores, this.#limits.cpuCores ?? Infinity),
      demandCores,
      memoryBytes,
    };
  }

  /** What is used in the cell of `atMs`, without touching the counters; any time may be asked for. */
  gauges(atMs: number): { readonly cpuCores: number; readonly memoryBytes: number } {
    const { cpuCores, memoryBytes } = this.model.demand(atMs, this.#place);
    return { cpuCores: Math.min(cpuCores, this.#limits.cpuCores ?? Infinity), memoryBytes };
  }

  /** The first time in [fromMs, untilMs] at which the working set exceeds the memory limit. */
  nextOomMs(fromMs: number, untilMs: number): number | undefined {
    const limitBytes = this.#limits.memoryBytes;
    if (limitBytes === undefined || this.model.mostMemoryBytes(untilMs, this.#place) <= limitBytes) {
      return undefined;
    }
    let atMs = fromMs;
    while (atMs <= untilMs) {
      if (this.model.memoryBytes(atMs, this.#place) > limitBytes) return atMs;
      atMs = cellEnd(atMs);
    }
    return undefined;
  }

  #note(atMs: number): void {
    if (this.#stretches.at(-1)?.fromMs === atMs) this.#stretches.pop();
    this.#stretches.push({ fromMs: atMs, place: this.#place, limits: this.#limits });
  }

  #advance(toMs: number): void {
    while (this.#untilMs < toMs) {
      const endMs = Math.min(cellEnd(this.#untilMs), toMs);
      this.#integrate((endMs - this.#untilMs) / 1000);
      this.#untilMs = endMs;
    }
  }

  #integrate(seconds: number): void {
    const demandCores = this.model.demand(this.#untilMs, this.#place).cpuCores;
    const limitCores = this.#limits.cpuCores;
    this.#cpuSeconds += Math.min(demandCores, limitCores ?? Infinity) * seconds;
    if (limitCores === undefined) return;
    const periods = (seconds / CFS_PERIOD_SECONDS) * activeShare(demandCores);
    this.#cfsPeriods += periods;
    this.#throttledPeriods += periods * throttledShare(demandCores, limitCores);
    this.#throttledSeconds += seconds * throttledTimeShare(demandCores, limitCores);
  }
}

function cellEnd(atMs: number): number {
  return (Math.floor(atMs / CELL_MS) + 1) * CELL_MS;
}
