/** Sums the samples of single pods up to one row per container name of each workload. */
import { isPlausible } from '#domain/usage/plausible.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { HeadRow } from '../history/head-store.ts';
import { type SeriesName, seriesKey } from '../history/series-index.ts';
import type { ContainerSample } from './metrics-api.ts';

/** The running maximum and mean of one quantity. */
class Tally {
  #max = Number.NaN;
  #sum = 0;
  #count = 0;

  add(value: number): void {
    if (!(this.#max >= value)) this.#max = value;
    this.#sum += value;
    this.#count += 1;
  }

  get max(): number {
    return this.#max;
  }

  get mean(): number {
    return this.#sum / this.#count;
  }
}

interface ContainerTally {
  readonly name: SeriesName;
  readonly cpu: Tally;
  readonly memory: Tally;
  pods: number;
  rejected: number;
}

export class StepUsage {
  readonly #tallies = new Map<string, ContainerTally>();

  /** Adds the sample of one pod's container. A value that cannot be true is counted and left out. */
  add(workload: WorkloadRef, sample: ContainerSample): void {
    const tally = this.#tallyOf({ workload, container: sample.container });
    const { cpuCores, memoryBytes } = sample;
    const cpuTrue = cpuCores !== undefined && isPlausible('cpuCores', cpuCores);
    const memoryTrue = memoryBytes !== undefined && isPlausible('memoryBytes', memoryBytes);
    if (cpuTrue) tally.cpu.add(cpuCores);
    if (memoryTrue) tally.memory.add(memoryBytes);
    if (cpuTrue || memoryTrue) tally.pods += 1;
    tally.rejected +=
      Number(cpuCores !== undefined && !cpuTrue) + Number(memoryBytes !== undefined && !memoryTrue);
  }

  #tallyOf(name: SeriesName): ContainerTally {
    const key = seriesKey(name);
    const known = this.#tallies.get(key);
    if (known !== undefined) return known;
    const tally = { name, cpu: new Tally(), memory: new Tally(), pods: 0, rejected: 0 };
    this.#tallies.set(key, tally);
    return tally;
  }

  rows(): readonly (readonly [SeriesName, HeadRow])[] {
    return [...this.#tallies.values()].flatMap((tally) =>
      tally.pods === 0 ? [] : [[tally.name, rowOf(tally)]],
    );
  }

  /** How many values of which container were left out. */
  rejected(): readonly (readonly [SeriesName, number])[] {
    return [...this.#tallies.values()].flatMap(({ name, rejected }) =>
      rejected === 0 ? [] : [[name, rejected]],
    );
  }
}

function rowOf({ cpu, memory, pods }: ContainerTally): HeadRow {
  return {
    cpuMaxCores: cpu.max,
    cpuMeanCores: cpu.mean,
    memoryMaxBytes: memory.max,
    memoryMeanBytes: memory.mean,
    pods,
  };
}
