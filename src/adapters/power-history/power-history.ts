/** Energy by container and node, added up in buckets of time; see README.md. */
import type { StatementSync } from 'node:sqlite';
import type { Database } from '#adapters/sqlite/database.ts';
import {
  POWER_PARTS,
  type PartWatts,
  type PowerOrigin,
  type PowerPart,
  type PowerSnapshot,
} from '#domain/power/power.ts';
import { DAY_MS } from '#domain/units/duration.ts';
import { bucketShares, COARSE_MS, FINE_MS, FINE_RETENTION_MS, LEVELS_MS } from './levels.ts';
import { SeriesIds, type SeriesName } from './series-ids.ts';

/** From the best to the weakest; a sum has the weakest of its parts. */
const ORIGINS: readonly PowerOrigin[] = ['measured', 'modelled', 'default'];

const RANKS: Readonly<Record<PowerOrigin, number>> = { measured: 0, modelled: 1, default: 2 };

const GROUPS = {
  time: 'from_ms',
  namespace: 'namespace',
  pod: 'pod',
  container: 'container',
  node: 'node',
} as const;
export type EnergyGroup = keyof typeof GROUPS;

export interface EnergyQuery {
  readonly kind: SeriesName['kind'];
  /** FINE_MS or COARSE_MS. */
  readonly levelMs: number;
  /** Buckets that begin from here on … */
  readonly fromMs: number;
  /** … and before this. */
  readonly toMs: number;
  readonly by: readonly EnergyGroup[];
  readonly namespace?: string | undefined;
  /** Only containers of these pods. */
  readonly pods?: readonly string[] | undefined;
}

/** Energy of one group; the names that it is not grouped by are absent. */
export interface EnergySum {
  readonly fromMs?: number;
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly node?: string;
  readonly activeJoules: number;
  readonly idleJoules: number;
  readonly partJoules: PartWatts;
  /** The longest that one series of the group is known for. */
  readonly coveredMs: number;
  readonly origin: PowerOrigin;
}

export interface PodName {
  readonly namespace: string;
  readonly pod: string;
}

export interface Observation {
  readonly fromMs: number;
  /** How much of the bucket was looked at, and how much of that with problems. */
  readonly coveredMs: number;
  readonly problemMs: number;
  readonly problem: string | undefined;
}

interface Draw {
  readonly series: SeriesName;
  readonly activeWatts: number;
  readonly idleWatts: number;
  readonly parts: PartWatts;
  readonly origin: PowerOrigin;
}

interface KnownDraw extends Draw {
  readonly id: number;
}

interface Bucket {
  readonly levelMs: number;
  readonly bucketMs: number;
  readonly ms: number;
}

export class PowerHistory {
  readonly database: Database;
  readonly #ids: SeriesIds;
  readonly #retentionMs: number;
  readonly #addEnergy: StatementSync;
  readonly #addObserved: StatementSync;
  readonly #listeners: ((hourMs: number | undefined) => void)[] = [];

  /** Hours are kept for `retentionMs`. */
  constructor(database: Database, retentionMs: number) {
    this.database = database;
    this.#retentionMs = retentionMs;
    this.#ids = new SeriesIds(database);
    const added = [...POWER_PARTS.map((part) => `${part}_j`)].map(
      (column) => `${column} = CASE WHEN excluded.${column} IS NULL THEN ${column}
        ELSE coalesce(${column}, 0) + excluded.${column} END`,
    );
    this.#addEnergy = database.prepare(
      `INSERT INTO energy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (level_ms, from_ms, series) DO UPDATE SET
         active_j = active_j + excluded.active_j, idle_j = idle_j + excluded.idle_j, ${added.join(', ')},
         covered_ms = covered_ms + excluded.covered_ms, origin = max(origin, excluded.origin)`,
    );
    this.#addObserved = database.prepare(
      `INSERT INTO observed VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (level_ms, from_ms) DO UPDATE SET covered_ms = covered_ms + excluded.covered_ms,
         problem_ms = problem_ms + excluded.problem_ms, problem = coalesce(excluded.problem, problem)`,
    );
  }

  /** The time of the last snapshot that was appended. */
  get lastAtMs(): number | undefined {
    return this.#progress('last_at_ms');
  }

  /**
   * Adds what was drawn in the `intervalMs` before the snapshot, as far as no earlier one covers it, and `also` in the same
   * transaction. False, with nothing done, where the snapshot is not newer than the last.
   */
  append(snapshot: PowerSnapshot, intervalMs: number, also: () => void = () => undefined): boolean {
    return this.#whole(() => {
      const lastMs = this.lastAtMs ?? Number.NEGATIVE_INFINITY;
      if (snapshot.atMs <= lastMs) return false;
      this.#add(snapshot, Math.max(snapshot.atMs - intervalMs, lastMs));
      this.#setProgress('last_at_ms', snapshot.atMs);
      this.#forgetOld(snapshot.atMs);
      also();
      return true;
    });
  }

  /** Adds a snapshot of the past, for its step, where nobody had looked. False where somebody had, or nothing is known. */
  fill(snapshot: PowerSnapshot, stepMs: number): boolean {
    return this.#whole(() => {
      const fromMs = snapshot.atMs - stepMs;
      const [seen] = this.observed(FINE_MS, Math.floor(fromMs / FINE_MS) * FINE_MS, snapshot.atMs);
      return seen === undefined && this.#add(snapshot, fromMs);
    });
  }

  /** How much of each bucket was looked at; buckets that nobody looked at are absent. */
  observed(levelMs: number, fromMs: number, toMs: number): readonly Observation[] {
    const sql = 'SELECT * FROM observed WHERE level_ms = ? AND from_ms >= ? AND from_ms < ? ORDER BY from_ms';
    const rows = this.database.reading(() => this.database.prepare(sql).all(levelMs, fromMs, toMs));
    return rows.map((row) => ({
      fromMs: Number(row['from_ms']),
      coveredMs: Number(row['covered_ms']),
      problemMs: Number(row['problem_ms']),
      problem: typeof row['problem'] === 'string' ? row['problem'] : undefined,
    }));
  }

  /** Energy by group, in the order of the groups. */
  sums({ kind, levelMs, fromMs, toMs, by, namespace, pods }: EnergyQuery): readonly EnergySum[] {
    const columns = by.map((group) => GROUPS[group]);
    const grouped =
      columns.length === 0 ? '' : `GROUP BY ${columns.join(', ')} ORDER BY ${columns.join(', ')}`;
    const wanted = [namespace, pods && JSON.stringify(pods)].filter((value) => value !== undefined);
    // Few series are found bucket by bucket through the key; all of them by walking the time.
    const times = pods === undefined ? [fromMs, toMs] : [JSON.stringify(bucketsOf(levelMs, fromMs, toMs))];
    const during =
      pods === undefined ? 'from_ms >= ? AND from_ms < ?' : 'from_ms IN (SELECT value FROM json_each(?))';
    const sql = `SELECT ${[...columns, ''].join(', ')} sum(active_j) AS active, sum(idle_j) AS idle,
        ${POWER_PARTS.map((part) => `sum(${part}_j) AS ${part}`).join(', ')},
        max(covered_ms) AS covered, max(origin) AS origin
      FROM energy JOIN series ON series.id = energy.series
      WHERE level_ms = ? AND ${during} AND energy.series IN (
        SELECT id FROM series WHERE kind = ? ${namespace === undefined ? '' : 'AND namespace = ?'}
        ${pods === undefined ? '' : 'AND pod IN (SELECT value FROM json_each(?))'}
      ) ${grouped}`;
    const rows = this.database.reading(() =>
      this.database.prepare(sql).all(levelMs, ...times, kind, ...wanted),
    );
    return rows.filter((row) => row['active'] !== null).map(readSum);
  }

  /** Every pod of which anything is kept. */
  pods(namespace?: string): readonly PodName[] {
    const where = namespace === undefined ? '' : 'AND namespace = ?';
    const sql = `SELECT DISTINCT namespace, pod FROM series WHERE kind = 'container' ${where} ORDER BY namespace, pod`;
    const rows = this.database.reading(() =>
      this.database.prepare(sql).all(...(namespace === undefined ? [] : [namespace])),
    );
    return rows.map((row) => ({ namespace: String(row['namespace']), pod: String(row['pod']) }));
  }

  /** Told of every hour whose energy changes; of all hours (undefined) where a change was taken back. */
  onChange(listener: (hourMs: number | undefined) => void): void {
    this.#listeners.push(listener);
  }

  #changed(hourMs: number | undefined): void {
    for (const listener of this.#listeners) listener(hourMs);
  }

  #whole(work: () => boolean): boolean {
    try {
      return this.database.transaction(work);
    } catch (error) {
      this.#ids.distrust();
      this.#changed(undefined);
      throw error;
    }
  }

  /** False where nothing at all is known: then nobody has looked. */
  #add(snapshot: PowerSnapshot, fromMs: number): boolean {
    const draws = drawsOf(snapshot).map((draw) => ({ ...draw, id: this.#ids.idOf(draw.series) }));
    const problem = snapshot.problems[0]?.message;
    if (draws.length === 0) return false;
    for (const levelMs of LEVELS_MS) {
      for (const { bucketMs, ms } of bucketShares(levelMs, fromMs, snapshot.atMs)) {
        for (const draw of draws) this.#addDraw(draw, { levelMs, bucketMs, ms });
        if (levelMs === COARSE_MS) this.#changed(bucketMs);
        this.#addObserved.run(levelMs, bucketMs, ms, problem === undefined ? 0 : ms, problem ?? null);
      }
    }
    return true;
  }

  /** Once for each container and level of a collection: written out, since it is most of what a collection costs. */
  #addDraw(draw: KnownDraw, { levelMs, bucketMs, ms }: Bucket): void {
    const { id, activeWatts, idleWatts, parts, origin } = draw;
    const seconds = ms / 1000;
    const joules = (watts: number | undefined): number | null =>
      watts === undefined ? null : watts * seconds;
    this.#addEnergy.run(
      levelMs,
      bucketMs,
      id,
      activeWatts * seconds,
      idleWatts * seconds,
      joules(parts.cpu),
      joules(parts.dram),
      joules(parts.gpu),
      joules(parts.npu),
      joules(parts.other),
      ms,
      RANKS[origin],
    );
  }

  #forgetOld(nowMs: number): void {
    const limits = { [FINE_MS]: FINE_RETENTION_MS, [COARSE_MS]: this.#retentionMs };
    for (const levelMs of LEVELS_MS) {
      const before = nowMs - (limits[levelMs] ?? this.#retentionMs);
      for (const table of ['energy', 'observed']) {
        this.database.prepare(`DELETE FROM ${table} WHERE level_ms = ? AND from_ms < ?`).run(levelMs, before);
      }
    }
    if (nowMs < (this.#progress('names_kept_until_ms') ?? 0)) return;
    this.#ids.forgetUnused();
    this.#setProgress('names_kept_until_ms', nowMs + DAY_MS);
  }

  #progress(name: string): number | undefined {
    const value = this.database.prepare('SELECT value FROM progress WHERE name = ?').get(name)?.['value'];
    return value === undefined ? undefined : Number(value);
  }

  #setProgress(name: string, value: number): void {
    const sql = 'INSERT INTO progress VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
    this.database.prepare(sql).run(name, value);
  }
}

/** The buckets that begin within a time. */
function bucketsOf(levelMs: number, fromMs: number, toMs: number): readonly number[] {
  const firstMs = Math.ceil(fromMs / levelMs) * levelMs;
  return Array.from(
    { length: Math.max(0, Math.ceil((toMs - firstMs) / levelMs)) },
    (_none, at) => firstMs + at * levelMs,
  );
}

function drawsOf({ containers, nodes }: PowerSnapshot): readonly Draw[] {
  return [
    ...containers.map(({ namespace, pod, container, node = '', ...rest }): Draw => {
      return { series: { kind: 'container', namespace, pod, container, node }, ...rest };
    }),
    ...nodes.map(({ node, ...rest }): Draw => {
      return { series: { kind: 'node', namespace: '', pod: '', container: '', node }, ...rest };
    }),
  ];
}

type Row = Readonly<Record<string, unknown>>;

function readSum(row: Row): EnergySum {
  const parts = POWER_PARTS.flatMap((part): [PowerPart, number][] => {
    const value = row[part];
    return typeof value === 'number' ? [[part, value]] : [];
  });
  return {
    ...(row['from_ms'] === undefined ? {} : { fromMs: Number(row['from_ms']) }),
    ...namesOf(row),
    activeJoules: Number(row['active']),
    idleJoules: Number(row['idle']),
    partJoules: Object.fromEntries(parts),
    coveredMs: Number(row['covered']),
    origin: ORIGINS[Number(row['origin'])] ?? 'default',
  };
}

function namesOf(row: Row): Pick<EnergySum, 'namespace' | 'pod' | 'container' | 'node'> {
  const names = ['namespace', 'pod', 'container', 'node'].filter((name) => row[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, String(row[name])]));
}
