/** What is learned from a change that did harm: values that proved too low are never tried again. */
import {
  type FieldMap,
  type FieldPath,
  type FieldValue,
  amountOf,
  parseResourcePath,
  REPLICAS,
} from '#domain/change/field.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { Observation } from './observation.ts';

/** Everything of ours that the workload carries, an apply under way included. */
export function changesInForce(entry: RollbackEntry): FieldMap {
  return { ...entry.applied, ...entry.overlay, ...entry.intent?.changes };
}

export function containerCount(o: Observation): number {
  const names = Object.keys(o.target?.fields ?? {}).map((path) => parseResourcePath(path)?.container);
  return new Set(names.filter((name) => name !== undefined)).size;
}

/** Which resource a kind of harm accuses. */
const ACCUSED: Readonly<Record<string, 'cpu' | 'memory' | 'everything'>> = {
  OOMKilled: 'memory',
  Throttled: 'cpu',
  CrashLoop: 'everything',
  SLOBreached: 'everything',
  Unready: 'everything',
};

/**
 * The values that proved too low: those that were lowered and that the harm accuses. Harm that says nothing of
 * sizes (a rollout that found no node, a rollback by hand) teaches no floor.
 */
export function floorsOf(entry: RollbackEntry, reason: string): Readonly<Record<FieldPath, string | number>> {
  const accused = ACCUSED[reason];
  if (accused === undefined) return {};
  const floors: Record<FieldPath, string | number> = {};
  for (const [path, value] of Object.entries(changesInForce(entry))) {
    const lowered = amount(value) < amount(entry.original[path], Infinity);
    if (value !== null && lowered && isAccused(path, accused)) floors[path] = value;
  }
  return floors;
}

function isAccused(path: FieldPath, accused: 'cpu' | 'memory' | 'everything'): boolean {
  if (path !== REPLICAS && parseResourcePath(path) === undefined) return false;
  if (path === REPLICAS || accused === 'everything') return true;
  return parseResourcePath(path)?.resource === accused;
}

function amount(value: FieldValue | undefined, absent = 0): number {
  return amountOf(value) ?? absent;
}

/** Every floor that past regressions taught, the highest where several speak of one field. */
export function learnedFloors(o: Pick<Observation, 'optimization'>): FieldMap {
  const floors: Record<FieldPath, string | number> = {};
  for (const regression of o.optimization.status?.regressions ?? []) {
    for (const [path, value] of Object.entries(regression.floors ?? {})) {
      if (amount(value) > amount(floors[path], -1)) floors[path] = value;
    }
  }
  return floors;
}
