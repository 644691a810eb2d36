/** Reads the recorded usage that the walk-forward runs on. Formats are those of the public sets named in bench/README.md. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageSeries } from '#domain/usage/usage.ts';

export const STEP_MS = 300_000;
export const STEPS_PER_DAY = 288;

/** One recorded workload; `memory` where the set has it. Units are those of the set (percent of a machine, MHz). */
export interface RecordedWorkload {
  readonly name: string;
  readonly cpu: Float64Array;
  readonly memory?: Float64Array;
}

export interface Dataset {
  readonly name: string;
  readonly workloads: readonly RecordedWorkload[];
  /** The smallest CPU request worth setting, in the unit of the set: a hundredth of a core or of a machine. */
  readonly minCpu: number;
}

/** A series of one pod on the grid of the recording; the first step ends at STEP_MS. */
export function asSeries(values: Float64Array): UsageSeries {
  return {
    startMs: 0,
    stepMs: STEP_MS,
    max: values,
    mean: values,
    pods: new Float64Array(values.length).fill(1),
  };
}

const GOOGLE2011 = 'google2011_jobs_cpu_mem_5min.csv';
const BITBRAINS = 'bitbrains50_cpu_mhz_5min.csv';
const NAB = 'nab';

function rows(file: string): string[][] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

function numberOrNaN(text: string | undefined): number {
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}

/** 5-minute CPU and memory of jobs, in percent of the largest machine. */
function google2011(folder: string): Dataset {
  const series = new Map<string, { cpu: number[]; memory: number[] }>();
  for (const [name = '', , cpu, memory] of rows(join(folder, GOOGLE2011))) {
    const held = series.get(name) ?? { cpu: [], memory: [] };
    held.cpu.push(numberOrNaN(cpu));
    held.memory.push(numberOrNaN(memory));
    series.set(name, held);
  }
  const workloads = [...series].map(([name, { cpu, memory }]) => ({
    name,
    cpu: Float64Array.from(cpu),
    memory: Float64Array.from(memory),
  }));
  return { name: 'google2011', workloads, minCpu: 1 };
}

/** 5-minute CPU of virtual machines, in MHz; a column per machine. */
function bitbrains(folder: string): Dataset {
  const file = join(folder, BITBRAINS);
  const names = readFileSync(file, 'utf8').split('\n', 1)[0]?.trim().split(',').slice(1) ?? [];
  const table = rows(file);
  const workloads = names.map((name, column) => ({
    name,
    cpu: Float64Array.from(table, (row) => numberOrNaN(row[column + 1])),
  }));
  return { name: 'bitbrains50', workloads, minCpu: 29.26 };
}

/** CPU of cloud instances, in percent, put on a regular grid. */
function nab(folder: string): Dataset {
  const files = readdirSync(join(folder, NAB)).filter((name) => name.endsWith('.csv'));
  const workloads = files.sort().map((file) => {
    const samples = rows(join(folder, NAB, file)).map(([time = '', value]) => ({
      atMs: Date.parse(`${time.replace(' ', 'T')}Z`),
      value: numberOrNaN(value),
    }));
    const startMs = samples[0]?.atMs ?? 0;
    const lastMs = samples.at(-1)?.atMs ?? 0;
    const cpu = new Float64Array(Math.round((lastMs - startMs) / STEP_MS) + 1).fill(Number.NaN);
    for (const { atMs, value } of samples) cpu[Math.round((atMs - startMs) / STEP_MS)] = value;
    return { name: file.replace('.csv', ''), cpu };
  });
  return { name: 'nab', workloads, minCpu: 1 };
}

/** All sets found in the folder. */
export function loadDatasets(folder: string): readonly Dataset[] {
  const readers: readonly (readonly [path: string, read: (folder: string) => Dataset])[] = [
    [GOOGLE2011, google2011],
    [BITBRAINS, bitbrains],
    [NAB, nab],
  ];
  return readers.filter(([path]) => existsSync(join(folder, path))).map(([, read]) => read(folder));
}
