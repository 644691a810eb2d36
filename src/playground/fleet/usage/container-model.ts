/** What one container wants at a time: pure, so that past and future can be computed without simulating them. */
import { HOUR_MS } from '#domain/units/duration.ts';
import { unitsOf } from '#apis/kubernetes/quantity.ts';
import { hashText } from '#platform/random.ts';
import type { TraceLibrary } from '../../traces/trace-library.ts';
import { sampleSeries } from '../../traces/trace.ts';
import { type LoadFactor, type LoadOptions, compileLoad } from './load.ts';
import { MAX_NOISE, driftingNoise, normalHash } from './noise.ts';
import type { ContainerProfile } from './usage-schema.ts';

/** Usage is constant within a cell of absolute time, which makes counters exact whenever they are read. */
export const CELL_MS = 30_000;

/** Where a pod stands within its workload. */
export interface PodPlace {
  /** A stable number of the pod; it decides its noise. */
  readonly seed: number;
  /** Which part of the workload's demand it carries, 0–1; 0 while it is not ready. */
  readonly share: number;
  /** When its container started, as far as start-up and growth are concerned. */
  readonly bornMs: number;
}

export interface ContainerDemand {
  /** Cores that it would use without a limit. */
  readonly cpuCores: number;
  /** Working set in bytes. */
  readonly memoryBytes: number;
}

/** One container name of one workload, as its profile has it. */
export class ContainerModel {
  /** How unevenly load falls on the pods. */
  readonly skew: number;
  readonly #load: LoadFactor;
  readonly #cpu: CpuNumbers;
  readonly #memory: MemoryNumbers;
  #cachedCell = NaN;
  #cachedLoad = NaN;

  constructor(profile: ContainerProfile, options: LoadOptions) {
    this.#load = compileLoad(profile.load ?? {}, options);
    this.#cpu = cpuNumbers(profile.cpu ?? {});
    this.#memory = memoryNumbers(profile.memory ?? {}, options.traces);
    this.skew = profile.cpu?.skew ?? 0.05;
  }

  /** What the container of a pod wants in the cell that holds `atMs`. */
  demand(atMs: number, place: PodPlace): ContainerDemand {
    const cell = Math.floor(atMs / CELL_MS);
    const loadCores = this.#loadCores(cell, place.share);
    const noise = 1 + this.#cpu.noise * driftingNoise(place.seed, cell);
    const isStarting = cell * CELL_MS - place.bornMs < this.#cpu.startupMs;
    const cpuCores =
      this.#cpu.base + Math.max(0, loadCores * noise) + (isStarting ? this.#cpu.startupCores : 0);
    return { cpuCores, memoryBytes: this.#memoryBytes({ cell, place, loadCores }) };
  }

  /** The working set alone: what is looked at when the next out-of-memory kill is sought. */
  memoryBytes(atMs: number, place: PodPlace): number {
    const cell = Math.floor(atMs / CELL_MS);
    return this.#memoryBytes({ cell, place, loadCores: this.#loadCores(cell, place.share) });
  }

  /** No working set up to `untilMs` is larger than this. */
  mostMemoryBytes(untilMs: number, place: PodPlace): number {
    const { base, perCore, noise, traceMost } = this.#memory;
    const grown = this.#grownBytes(Math.max(0, untilMs - place.bornMs));
    const loadCores = perCore === 0 ? 0 : this.#most(untilMs, place.share);
    return ((base + grown) * traceMost + perCore * loadCores) * (1 + noise * MAX_NOISE);
  }

  #most(untilMs: number, share: number): number {
    return (this.#cpu.cores * share + this.#cpu.coresPerPod) * this.#load.most(untilMs);
  }

  #loadCores(cell: number, share: number): number {
    if (cell !== this.#cachedCell) {
      this.#cachedCell = cell;
      this.#cachedLoad = this.#load.at(cell * CELL_MS);
    }
    const perPod = share > 0 ? this.#cpu.coresPerPod : 0;
    return (this.#cpu.cores * share + perPod) * this.#cachedLoad;
  }

  #memoryBytes({ cell, place, loadCores }: MemoryQuestion): number {
    const { base, perCore, noise, trace } = this.#memory;
    const grown = base + this.#grownBytes(Math.max(0, cell * CELL_MS - place.bornMs));
    const shape = trace === undefined ? 1 : sampleSeries(trace.series, trace.stepMs, cell * CELL_MS);
    const fluctuation = noise === 0 ? 1 : 1 + noise * normalHash(place.seed ^ 0x2545f491, cell);
    return Math.max(0, (grown * shape + perCore * loadCores) * fluctuation);
  }

  /** A leak grows for ever; with a plateau it starts as fast and levels off. */
  #grownBytes(ageMs: number): number {
    const { growthPerHour, room } = this.#memory;
    const linear = (growthPerHour * ageMs) / HOUR_MS;
    if (room === undefined) return linear;
    return room <= 0 ? 0 : room * (1 - Math.exp(-linear / room));
  }
}

interface MemoryQuestion {
  readonly cell: number;
  readonly place: PodPlace;
  readonly loadCores: number;
}

interface CpuNumbers {
  readonly cores: number;
  readonly coresPerPod: number;
  readonly base: number;
  readonly noise: number;
  readonly startupCores: number;
  readonly startupMs: number;
}

const CPU_DEFAULTS = {
  cores: 0,
  coresPerPod: 0,
  requestsPerSecond: 0,
  millisecondsPerRequest: 0,
  base: 0,
  noise: 0.1,
  startup: { cores: 0, seconds: 0 },
} as const;

function cpuNumbers(profile: NonNullable<ContainerProfile['cpu']>): CpuNumbers {
  const cpu = { ...CPU_DEFAULTS, ...profile };
  return {
    cores: cpu.cores + (cpu.requestsPerSecond * cpu.millisecondsPerRequest) / 1000,
    coresPerPod: cpu.coresPerPod,
    base: cpu.base,
    noise: cpu.noise,
    startupCores: cpu.startup.cores,
    startupMs: cpu.startup.seconds * 1000,
  };
}

interface MemoryNumbers {
  readonly base: number;
  readonly perCore: number;
  readonly growthPerHour: number;
  /** How far growth can go; undefined for a leak. */
  readonly room: number | undefined;
  readonly noise: number;
  readonly trace: { readonly series: Float64Array; readonly stepMs: number } | undefined;
  readonly traceMost: number;
}

function memoryNumbers(memory: NonNullable<ContainerProfile['memory']>, traces: TraceLibrary): MemoryNumbers {
  const base = unitsOf(memory.base ?? '32Mi');
  const recorded = memory.trace === undefined ? undefined : traces.get(memory.trace);
  const trace = recorded?.memory && { series: recorded.memory, stepMs: recorded.stepMs };
  return {
    base,
    perCore: unitsOf(memory.perCore ?? 0),
    growthPerHour: unitsOf(memory.growthPerHour ?? 0),
    room: memory.plateau === undefined ? undefined : unitsOf(memory.plateau) - base,
    noise: memory.noise ?? 0.01,
    trace,
    traceMost: trace === undefined ? 1 : trace.series.reduce((most, value) => Math.max(most, value), 0),
  };
}

/** The stable number of a pod. */
export function podSeed(seed: string, podName: string): number {
  return hashText(`${seed}/${podName}`);
}
