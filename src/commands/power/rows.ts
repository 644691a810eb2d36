/** Watts by namespace, workload, pod, node or device, with where each comes from and how old it is. */
import { weakest } from '#domain/allocation/power-view.ts';
import type { PowerEvidence, PowerSnapshot } from '#domain/power/power.ts';
import type { FlatRecord } from '../terminal/output.ts';
import type { Cell, Column } from '../terminal/table.ts';

export const POWER_GROUPINGS = ['namespace', 'workload', 'pod', 'node', 'device'] as const;
export type PowerGrouping = (typeof POWER_GROUPINGS)[number];

/** What no pod accounts for. */
export const SYSTEM = '__system__';

export interface PowerContext {
  readonly by: PowerGrouping;
  readonly nowMs: number;
  /** `Kind/name` of what made a pod, by `namespace/pod`. */
  readonly ownerOf: (namespace: string, pod: string) => string;
  readonly namespace: string | undefined;
}

interface Draw extends PowerEvidence {
  readonly key: string;
  readonly activeWatts: number;
  readonly idleWatts: number;
}

/** The rows that draw the most first; what no pod accounts for last. */
export function powerRecords(snapshot: PowerSnapshot, context: PowerContext): FlatRecord[] {
  const { by, namespace } = context;
  const draws =
    by === 'node'
      ? nodeDraws(snapshot)
      : by === 'device'
        ? deviceDraws(snapshot)
        : podDraws(snapshot, context);
  const rows = merged(draws).sort((a, b) => wattsOf(b) - wattsOf(a));
  const isWhole = namespace === undefined && by !== 'node' && by !== 'device';
  return [...rows, ...(isWhole ? systemDraw(snapshot) : [])].map((draw) => recordOf(draw, context));
}

function wattsOf({ activeWatts, idleWatts }: Draw): number {
  return activeWatts + idleWatts;
}

function podDraws({ containers }: PowerSnapshot, { by, ownerOf, namespace }: PowerContext): Draw[] {
  const ofNamespace = containers.filter((each) => namespace === undefined || each.namespace === namespace);
  return ofNamespace.map(({ namespace: name, pod, ...draw }) => {
    const keys = { namespace: name, workload: `${name}/${ownerOf(name, pod)}`, pod: `${name}/${pod}` };
    return { ...draw, key: keys[by as keyof typeof keys] };
  });
}

function nodeDraws({ nodes }: PowerSnapshot): Draw[] {
  return nodes.map((node) => ({ ...node, key: node.node }));
}

function deviceDraws({ devices }: PowerSnapshot): Draw[] {
  return devices.map(({ node, uuid, model = '', watts, idleWatts, ...evidence }) => ({
    ...evidence,
    key: [node, uuid, model].filter((part) => part !== '').join('/'),
    activeWatts: watts - idleWatts,
    idleWatts,
  }));
}

function systemDraw({ nodes }: PowerSnapshot): Draw[] {
  const [first, ...others] = nodes.map(({ systemWatts, ...node }) => ({
    ...node,
    key: SYSTEM,
    activeWatts: systemWatts,
    idleWatts: 0,
  }));
  return first === undefined ? [] : [others.reduce<Draw>(add, first)];
}

function merged(draws: readonly Draw[]): Draw[] {
  const byKey = new Map<string, Draw>();
  for (const draw of draws) {
    const before = byKey.get(draw.key);
    byKey.set(draw.key, before === undefined ? draw : add(before, draw));
  }
  return [...byKey.values()];
}

function add(a: Draw, b: Draw): Draw {
  return {
    ...weakest(a, b),
    key: a.key,
    activeWatts: a.activeWatts + b.activeWatts,
    idleWatts: a.idleWatts + b.idleWatts,
  };
}

function recordOf(draw: Draw, { by, nowMs }: PowerContext): FlatRecord {
  const isSystem = draw.key === SYSTEM;
  return {
    [by]: draw.key,
    watts: wattsOf(draw),
    // What a machine draws for its system cannot be told apart.
    activeWatts: isSystem ? undefined : draw.activeWatts,
    idleWatts: isSystem ? undefined : draw.idleWatts,
    origin: draw.origin,
    sources: draw.sources.join(' '),
    ageSeconds: Math.round((nowMs - draw.atMs) / 1000),
  };
}

export function powerColumns(by: PowerGrouping): readonly Column[] {
  return [
    { title: by.toUpperCase() },
    { title: 'WATTS', align: 'right' },
    { title: 'ACTIVE', align: 'right' },
    { title: 'IDLE', align: 'right' },
    { title: 'ORIGIN' },
    { title: 'SOURCE' },
    { title: 'AGE', align: 'right' },
  ];
}

const ORIGIN_STYLES = { measured: 'green', modelled: 'yellow', default: 'red' } as const;

export function powerCells(record: FlatRecord, by: PowerGrouping): Cell[] {
  const name = String(record[by]);
  const origin = String(record['origin']) as keyof typeof ORIGIN_STYLES;
  return [
    name === SYSTEM ? { text: 'system', style: 'dim' } : name,
    { text: watts(record['watts']), style: 'bold' },
    watts(record['activeWatts']),
    watts(record['idleWatts']),
    { text: origin, style: ORIGIN_STYLES[origin] },
    String(record['sources']),
    `${String(record['ageSeconds'])} s`,
  ];
}

function watts(value: FlatRecord[string]): string {
  return typeof value === 'number' ? value.toFixed(1) : '';
}
