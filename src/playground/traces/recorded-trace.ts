/**
 * Readers of recorded traces. Nothing recorded is part of the project; a data folder is named by the user:
 * - `google2011_jobs_cpu_mem_5min.csv`: workload,t,cpu_pct,mem_pct (t counts 5-minute steps)
 * - `bitbrains50_cpu_mhz_5min.csv`: t,vm116,vm141,… (MHz; blank where no sample was taken)
 * - `nab/*.csv`: timestamp,value
 * - any other `<name>.csv` with the columns time,value (time as epoch seconds or RFC 3339)
 * A series that was not sampled at a step has NaN there.
 */
import { KcError } from '#errors/kc-error.ts';

export interface RecordedSeries {
  readonly stepMs: number;
  readonly cpu: Float64Array;
  readonly memory: Float64Array | undefined;
}

const FIVE_MINUTES_MS = 300_000;

function rowsOf(text: string): { readonly header: readonly string[]; readonly rows: readonly string[][] } {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  return { header: header.split(','), rows: lines.map((line) => line.split(',')) };
}

function numberOf(text: string | undefined): number {
  return text === undefined || text.trim() === '' ? NaN : Number(text);
}

/** Every workload of a google2011 file by its name. */
export function readGoogle2011(text: string): ReadonlyMap<string, RecordedSeries> {
  const samples = new Map<string, [step: number, cpu: number, memory: number][]>();
  for (const [workload = '', step, cpu, memory] of rowsOf(text).rows) {
    let list = samples.get(workload);
    if (list === undefined) samples.set(workload, (list = []));
    list.push([numberOf(step), numberOf(cpu), numberOf(memory)]);
  }
  return new Map([...samples].map(([workload, list]) => [workload, onGrid(list)]));
}

/** Lays samples on their grid. The first day is cut to begin at midnight, as `t` counts from one. */
function onGrid(list: readonly (readonly [step: number, cpu: number, memory: number])[]): RecordedSeries {
  const steps = list.map(([step]) => step);
  const first = Math.floor(Math.min(...steps) / 288) * 288;
  const count = Math.max(...steps) - first + 1;
  const cpu = new Float64Array(count).fill(NaN);
  const memory = new Float64Array(count).fill(NaN);
  for (const [step, cpuValue, memoryValue] of list) {
    cpu[step - first] = cpuValue;
    memory[step - first] = memoryValue;
  }
  return { stepMs: FIVE_MINUTES_MS, cpu, memory };
}

/** Every column of a bitbrains50 file by its name. */
export function readBitbrains50(text: string): ReadonlyMap<string, RecordedSeries> {
  const { header, rows } = rowsOf(text);
  return new Map(
    header.slice(1).map((name, index) => {
      const cpu = Float64Array.from(rows, (row) => numberOf(row[index + 1]));
      return [name, { stepMs: FIVE_MINUTES_MS, cpu, memory: undefined }];
    }),
  );
}

/** Two columns: time (epoch seconds, RFC 3339 or `YYYY-MM-DD hh:mm:ss` in UTC) and value. */
export function readTimeValue(text: string, name: string): RecordedSeries {
  const points = rowsOf(text).rows.map(([time = '', value]) => [timeOf(time), numberOf(value)] as const);
  const [first, second] = points;
  const last = points.at(-1);
  if (first === undefined || second === undefined || last === undefined || !(second[0] > first[0])) {
    throw new KcError('KC_TRACE_INVALID', {
      object: name,
      problem: 'the file needs at least two rows "time,value" in the order of time',
    });
  }
  const stepMs = second[0] - first[0];
  const cpu = new Float64Array(Math.floor((last[0] - first[0]) / stepMs) + 1).fill(NaN);
  for (const [atMs, value] of points) cpu[Math.round((atMs - first[0]) / stepMs)] = value;
  return { stepMs, cpu, memory: undefined };
}

function timeOf(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const iso = text.replace(' ', 'T');
  return Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso}Z`);
}
