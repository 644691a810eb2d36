/** All traces under one name space: `generated/<kind>` always, recorded ones where a data folder is given. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { KcError } from '#errors/kc-error.ts';
import { GENERATED_TRACES, type GeneratedTraceKind, generateTrace } from './generated-trace.ts';
import { type RecordedSeries, readBitbrains50, readGoogle2011, readTimeValue } from './recorded-trace.ts';
import { type Trace, normalised, withoutGaps } from './trace.ts';

export interface TraceLibraryOptions {
  readonly seed: number | string;
  /** The folder that holds recorded traces, or its `usage` subfolder's parent. */
  readonly dataDir?: string;
}

type SeriesByName = ReadonlyMap<string, RecordedSeries>;

/** Reads files when they are first asked for, and keeps them. */
export class TraceLibrary {
  readonly #seed: number | string;
  readonly #dataDir: string | undefined;
  readonly #traces = new Map<string, Trace>();
  readonly #sets = new Map<string, SeriesByName>();

  constructor(options: TraceLibraryOptions) {
    this.#seed = options.seed;
    this.#dataDir = options.dataDir === undefined ? undefined : usageFolder(options.dataDir);
  }

  /** The trace of that name. Throws KC_TRACE_INVALID where there is none. */
  get(name: string): Trace {
    const known = this.#traces.get(name);
    if (known !== undefined) return known;
    const trace = this.#load(name);
    this.#traces.set(name, trace);
    return trace;
  }

  /** Every name that `get` accepts. */
  names(): readonly string[] {
    const generated = GENERATED_TRACES.map((kind) => `generated/${kind}`);
    const recorded = ['google2011', 'bitbrains50', 'nab', 'csv'].flatMap((set) =>
      [...this.#set(set).keys()].map((name) => `${set}/${name}`),
    );
    return [...generated, ...recorded];
  }

  #load(name: string): Trace {
    const slash = name.indexOf('/');
    const set = name.slice(0, slash);
    const member = name.slice(slash + 1);
    if (set === 'generated' && isGenerated(member)) return generateTrace(member, { seed: this.#seed });
    const series = this.#set(set).get(member);
    if (series === undefined) throw unknownTrace(name, this.#dataDir);
    return {
      name,
      stepMs: series.stepMs,
      cpu: normalised(withoutGaps(series.cpu)),
      memory: series.memory && normalised(withoutGaps(series.memory)),
    };
  }

  #set(set: string): SeriesByName {
    let members = this.#sets.get(set);
    if (members === undefined) {
      members = this.#dataDir === undefined ? new Map() : readSet(set, this.#dataDir);
      this.#sets.set(set, members);
    }
    return members;
  }
}

function isGenerated(name: string): name is GeneratedTraceKind {
  return GENERATED_TRACES.some((kind) => kind === name);
}

function usageFolder(dataDir: string): string {
  const nested = join(dataDir, 'usage');
  return existsSync(nested) ? nested : dataDir;
}

const GOOGLE_FILE = 'google2011_jobs_cpu_mem_5min.csv';
const BITBRAINS_FILE = 'bitbrains50_cpu_mhz_5min.csv';

function readSet(set: string, folder: string): SeriesByName {
  if (set === 'google2011') return readFile(join(folder, GOOGLE_FILE), readGoogle2011);
  if (set === 'bitbrains50') return readFile(join(folder, BITBRAINS_FILE), readBitbrains50);
  if (set === 'nab') return readFolder(join(folder, 'nab'));
  return set === 'csv' ? readFolder(folder) : new Map();
}

function readFile(path: string, read: (text: string) => SeriesByName): SeriesByName {
  return existsSync(path) ? read(readFileSync(path, 'utf8')) : new Map();
}

/** Every two-column file of a folder; files of other shapes are left out. */
function readFolder(folder: string): SeriesByName {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder).filter((file) => file.endsWith('.csv')).sort(); // prettier-ignore
  const series = new Map<string, RecordedSeries>();
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    if (!/^\s*(time|timestamp)\s*,\s*value\s*$/i.test(text.slice(0, text.indexOf('\n')))) continue;
    series.set(basename(file, '.csv'), readTimeValue(text, file));
  }
  return series;
}

function unknownTrace(name: string, dataDir: string | undefined): KcError {
  return new KcError('KC_TRACE_INVALID', {
    object: `trace ${name}`,
    problem:
      dataDir === undefined ? 'no such generated trace, and no data folder is given' : `not in ${dataDir}`,
    fix: `name one of ${GENERATED_TRACES.map((kind) => `generated/${kind}`).join(', ')}, or a recorded one and its folder with --data`,
  });
}
