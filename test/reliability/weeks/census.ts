/** Counts everything that an operator keeps. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Cast } from '../stage/stage.ts';
import type { TimerCount } from './timer-count.ts';

/** How much there is of what must not grow. */
export interface Census {
  readonly counted: Readonly<Record<string, number>>;
  /** What is in use after a collection, simulator and trace included. */
  readonly heapMib: number;
}

export interface CensusParts {
  readonly cast: Cast;
  readonly timers: TimerCount;
}

const STORES = [
  'optimizations',
  'deployments',
  'statefulSets',
  'daemonSets',
  'pods',
  'hpas',
  'disruptionBudgets',
] as const;
/** Tables that hold what is there now; the ledger is history and grows by design. */
const TABLES = ['rollback_entry', 'backup_debt'] as const;

export async function census({ cast, timers }: CensusParts): Promise<Census> {
  const { operator, state, registry } = cast.operator;
  const stores = STORES.map(
    (name) => [`objects: ${name}`, operator?.cluster[name].store.list().length ?? 0] as const,
  );
  const tables = TABLES.map((table) => [`rows: ${table}`, rowsOf(state, table)] as const);
  const metrics = await registry.getMetricsAsJSON();
  const counted = {
    ...Object.fromEntries([...stores, ...tables]),
    'series about what is gone': metrics.flatMap(({ values }) => values.filter(isAboutAWorkload)).length,
    'timers waiting': timers.waiting,
    'handles of the process': process.getActiveResourcesInfo().length,
  };
  return { counted, heapMib: heapMib() };
}

/** Series by verb or by code are there once for all; those that name an object must go with it. */
function isAboutAWorkload({ labels }: { readonly labels: Readonly<Record<string, unknown>> }): boolean {
  return Object.values(labels).some((value) => String(value).includes('web-'));
}

const collect = collector();

function heapMib(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** V8 hands its collector out only into a new context. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  return found as () => void;
}

/** A leak of a few objects per round cannot be told from noise this way; one of whole workloads can. */
const HEAP_GROWTH = { share: 1.25, mib: 8 };

export function heapGrown(first: Census, last: Census): readonly string[] {
  const most = first.heapMib * HEAP_GROWTH.share + HEAP_GROWTH.mib;
  if (last.heapMib <= most) return [];
  return [`the heap grew from ${first.heapMib.toFixed(1)} MiB to ${last.heapMib.toFixed(1)} MiB`];
}

/** Timers and handles breathe by a few; all else is there or not. */
const BREATH: Readonly<Record<string, number>> = { 'timers waiting': 5, 'handles of the process': 5 };

/** What there is more of at the end than there was after the first round. */
export function grown(first: Census, last: Census): readonly string[] {
  return Object.entries(last.counted).flatMap(([what, count]) => {
    const before = first.counted[what] ?? 0;
    return count <= before + (BREATH[what] ?? 0)
      ? []
      : [`${what}: ${String(before)} after the first round, ${String(count)} after the last`];
  });
}

function rowsOf(state: Cast['operator']['state'], table: string): number {
  return Number(state.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'] ?? 0);
}
