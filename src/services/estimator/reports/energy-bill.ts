/** The energy of a period as a bill: what each node drew in each hour, shared by its pods, with the rest on its own line. */
import { COARSE_MS } from '#adapters/power-history/levels.ts';
import type { EnergySum, PowerHistory } from '#adapters/power-history/power-history.ts';
import { invalidField } from '../../rest/field-problem.ts';
import type { Period } from './period.ts';

export interface PodEnergy {
  readonly namespace: string;
  readonly pod: string;
  readonly joules: number;
}

export interface NodeHour {
  readonly fromMs: number;
  readonly toMs: number;
  readonly node: string;
  readonly origin: EnergySum['origin'];
  /** How much of the hour the node is known for, 0–1. */
  readonly coverage: number;
  readonly joules: number;
  readonly pods: readonly PodEnergy[];
  /** What no pod accounts for. */
  readonly restJoules: number;
}

const MAX_LINES = 100_000;

/** By hour and node. Throws InvalidRequest where the bill would be too long. */
export function energyBill(history: PowerHistory, period: Period): readonly NodeHour[] {
  const span = { levelMs: COARSE_MS, ...period };
  const pods = history.sums({ ...span, kind: 'container', by: ['time', 'node', 'namespace', 'pod'] });
  if (pods.length > MAX_LINES) {
    throw invalidField('query.start', `makes more than ${String(MAX_LINES)} lines: ask for a shorter time`);
  }
  const byPlace = Map.groupBy(pods, placeOf);
  const nodes = history.sums({ ...span, kind: 'node', by: ['time', 'node'] });
  return nodes.map((sum) => nodeHour(sum, byPlace.get(placeOf(sum)) ?? [], period));
}

function placeOf({ fromMs = 0, node = '' }: EnergySum): string {
  return `${String(fromMs)} ${node}`;
}

function nodeHour(sum: EnergySum, rows: readonly EnergySum[], period: Period): NodeHour {
  const fromMs = sum.fromMs ?? 0;
  const toMs = Math.min(fromMs + COARSE_MS, period.toMs);
  const joules = joulesOf(sum);
  const pods = rows.map((row) => ({
    namespace: row.namespace ?? '',
    pod: row.pod ?? '',
    joules: joulesOf(row),
  }));
  return {
    fromMs,
    toMs,
    node: sum.node ?? '',
    origin: sum.origin,
    coverage: Math.min(1, sum.coveredMs / (toMs - fromMs)),
    joules,
    pods,
    restJoules: Math.max(0, joules - pods.reduce((all, pod) => all + pod.joules, 0)),
  };
}

function joulesOf({ activeJoules, idleJoules }: EnergySum): number {
  return activeJoules + idleJoules;
}
