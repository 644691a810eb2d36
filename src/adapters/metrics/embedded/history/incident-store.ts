/** OOM kills, restarts and rejected values: rare, exact in time, each counted once. */
import type { StatementSync } from 'node:sqlite';
import { type Grid, stepAt, unknownSeries } from '#domain/usage/series.ts';
import type { OomKill, UsageSeries } from '#domain/usage/usage.ts';
import type { Database } from '../../../sqlite/database.ts';

export type IncidentKind = 'oom' | 'restart' | 'rejected';

export interface Incident {
  readonly kind: IncidentKind;
  readonly atMs: number;
  /** Of the pod; with kind and time it tells one incident from another. */
  readonly uid: string;
  readonly pod: string;
  readonly count: number;
  readonly limitBytes?: number | undefined;
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

export class IncidentStore {
  readonly #add: StatementSync;
  readonly #count: StatementSync;
  readonly #range: StatementSync;
  readonly #drop: StatementSync;
  readonly #any: StatementSync;

  constructor(database: Database) {
    const insert = 'INSERT INTO incident VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO';
    this.#add = database.prepare(`${insert} NOTHING`);
    this.#count = database.prepare(`${insert} UPDATE SET count = count + excluded.count`);
    this.#range = database.prepare(
      'SELECT * FROM incident WHERE series = ? AND kind = ? AND at_ms > ? AND at_ms <= ? ORDER BY at_ms',
    );
    this.#drop = database.prepare('DELETE FROM incident WHERE series = ? AND at_ms <= ?');
    this.#any = database.prepare('SELECT 1 FROM incident WHERE series = ? LIMIT 1');
  }

  /** Adds an incident unless it is known already; rejected values add up within their time. */
  add(series: number, incident: Incident): void {
    const { kind, atMs, uid, pod, count, limitBytes } = incident;
    const statement = kind === 'rejected' ? this.#count : this.#add;
    statement.run(series, kind, Math.trunc(atMs), uid, pod, count, limitBytes ?? null);
  }

  #in(series: number, kind: IncidentKind, { fromMs, toMs }: Range): readonly Incident[] {
    return this.#range.all(series, kind, fromMs, toMs).map((row) => ({
      kind,
      atMs: Number(row['at_ms']),
      uid: String(row['uid']),
      pod: String(row['pod']),
      count: Number(row['count']),
      limitBytes: row['limit_bytes'] === null ? undefined : Number(row['limit_bytes']),
    }));
  }

  oomKills(series: number, range: Range): readonly OomKill[] {
    return this.#in(series, 'oom', range).flatMap(({ atMs, pod, count, limitBytes }) =>
      new Array<OomKill>(count).fill({ atMs, pod, ...(limitBytes === undefined ? {} : { limitBytes }) }),
    );
  }

  rejected(series: number, range: Range): number {
    return this.#in(series, 'rejected', range).reduce((sum, { count }) => sum + count, 0);
  }

  /** Restarts per step, zero where `pods` says that the step was looked at. */
  restarts(series: number, grid: Grid, pods: Float64Array): UsageSeries {
    const result = unknownSeries(grid);
    for (const [step, count] of pods.entries()) {
      if (!Number.isNaN(count)) setStep(result, step, { max: 0, mean: 0, pods: count });
    }
    const range = { fromMs: grid.startMs, toMs: grid.startMs + grid.steps * grid.stepMs };
    for (const [step, counts] of this.#perStepAndPod(series, grid, range)) {
      const sum = counts.reduce((total, count) => total + count, 0);
      const all = Math.max(pods[step] ?? 0, counts.length) || counts.length;
      setStep(result, step, { max: Math.max(...counts), mean: sum / all, pods: all });
    }
    return result;
  }

  #perStepAndPod(series: number, grid: Grid, range: Range): ReadonlyMap<number, readonly number[]> {
    const perPod = new Map<number, Map<string, number>>();
    for (const { atMs, uid, count } of this.#in(series, 'restart', range)) {
      const step = stepAt(grid, atMs);
      if (step === undefined) continue;
      const counts = perPod.get(step) ?? new Map<string, number>();
      perPod.set(step, counts.set(uid, (counts.get(uid) ?? 0) + count));
    }
    return new Map([...perPod].map(([step, counts]) => [step, [...counts.values()]]));
  }

  dropBefore(series: number, beforeMs: number): void {
    this.#drop.run(series, beforeMs);
  }

  hasAny(series: number): boolean {
    return this.#any.get(series) !== undefined;
  }
}

function setStep(
  series: UsageSeries,
  step: number,
  values: { max: number; mean: number; pods: number },
): void {
  series.max[step] = values.max;
  series.mean[step] = values.mean;
  series.pods[step] = values.pods;
}
