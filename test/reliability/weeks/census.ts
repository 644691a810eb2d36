/** Counts everything that an operator keeps. */
import type { Cast } from '../stage/stage.ts';
import type { TimerCount } from './timer-count.ts';

/** How much there is of what must not grow. */
export interface Census {
  readonly counted: Readonly<Record<string, number>>;
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
  return { counted };
}

/** Series by verb or by code are there once for all; those that name an object must go with it. */
function isAboutAWorkload({ labels }: { readonly labels: Readonly<Record<string, unknown>> }): boolean {
  return Object.values(labels).some((value) => String(value).includes('web-'));
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
