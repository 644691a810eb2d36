/** Recorded series to forecast: see `bench/README.md` for where they come from. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A series of the M4 competition: forecast the hours of `test` from those of `train`. */
export interface M4Series {
  readonly id: string;
  readonly train: Float64Array;
  readonly test: Float64Array;
}

export interface RecordedSeries {
  readonly id: string;
  readonly values: Float64Array;
}

/** The first of these paths under `folder` that exists, as lines of cells. */
export function csvRows(folder: string, names: readonly string[]): string[][] | undefined {
  const path = names.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) return undefined;
  return readFileSync(path, 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
}

function numbers(cells: readonly string[]): Float64Array {
  const end = cells.findLastIndex((cell) => cell !== '' && cell !== 'NA');
  return Float64Array.from(cells.slice(0, end + 1), (cell) => (cell === '' ? Number.NaN : Number(cell)));
}

/** The hourly set of M4, 414 series of 700 to 960 hours and 48 to forecast; undefined where it is not there. */
export function m4Hourly(folder: string): M4Series[] | undefined {
  const train = csvRows(folder, ['forecast/m4-hourly-train.csv', 'm4-hourly-train.csv']);
  const test = csvRows(folder, ['forecast/m4-hourly-test.csv', 'm4-hourly-test.csv']);
  if (train === undefined || test === undefined) return undefined;
  const answers = new Map(test.slice(1).map(([id = '', ...cells]) => [id, numbers(cells)]));
  return train.slice(1).map(([id = '', ...cells]) => ({
    id,
    train: numbers(cells),
    test: answers.get(id) ?? new Float64Array(),
  }));
}

/** CPU of jobs on Google's cluster of 2011 in % of the largest machine, every 5 minutes; NaN where a step is missing. */
export function google2011(folder: string): RecordedSeries[] | undefined {
  const rows = csvRows(folder, [
    'usage/google2011_jobs_cpu_mem_5min.csv',
    'google2011_jobs_cpu_mem_5min.csv',
  ]);
  if (rows === undefined) return undefined;
  const jobs = Map.groupBy(rows.slice(1), ([job = '']) => job);
  return [...jobs].map(([id, samples]) => {
    const first = Number(samples[0]?.[1]);
    const length = Number(samples.at(-1)?.[1]) - first + 1;
    const values = new Float64Array(length).fill(Number.NaN);
    for (const [, step, cpu] of samples) values[Number(step) - first] = Number(cpu);
    return { id, values };
  });
}

/** Mean CPU of three data centres (Alibaba 2018, Google 2019, Azure v2), every 5 minutes over 8 to 31 days. */
export function dataCentres(folder: string): RecordedSeries[] {
  const files: readonly [string, string][] = [
    ['dc_alibaba2018_machines_300s', 'cpu_util_percent'],
    ['dc_google2019_instances_300s', 'avg_cpu'],
    ['dc_azurev2_vms_300s', 'cpu_usage'],
  ];
  return files.flatMap(([id, column]) => {
    const rows = csvRows(folder, [`forecast/${id}.csv`, `${id}.csv`]);
    if (rows === undefined) return [];
    const at = rows[0]?.indexOf(column) ?? 0;
    return [{ id, values: Float64Array.from(rows.slice(1), (row) => Number(row[at])) }];
  });
}
