/**
 * Batches on their way to sinks, in a SQLite file: a batch stays until every sink has it. Each sink has a cursor of its
 * own, so one that is down holds up no other. Bounded by age and size; what is dropped is counted for each sink.
 */
import type { Database } from '#adapters/sqlite/database.ts';
import { packBatch, type SampleBatch, unpackBatch } from '../sample-batch.ts';

/** To be part of the schema of the file. */
export const OUTBOX_TABLES = `
  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    batch BLOB NOT NULL
  ) STRICT;
  CREATE TABLE outbox_cursor (
    sink TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0,
    dropped INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`;

export interface OutboxBounds {
  /** Batches older than this against the newest are dropped. */
  readonly maxAgeMs: number;
  /** Of the packed batches together. */
  readonly maxBytes: number;
}

export interface QueuedBatch {
  readonly seq: number;
  readonly batch: SampleBatch;
}

export interface SinkBacklog {
  readonly batches: number;
  /** The time of the oldest batch that waits. */
  readonly oldestAtMs: number | undefined;
  /** Since the file was made, in batches. */
  readonly delivered: number;
  readonly dropped: number;
  readonly rejected: number;
}

export class Outbox {
  readonly #database: Database;
  readonly #bounds: OutboxBounds;
  readonly #sinks: readonly string[];
  readonly #listeners = new Set<() => void>();

  /** A sink that is new here gets what comes from now on; one that is not named any more is forgotten. */
  constructor(database: Database, sinks: readonly string[], bounds: OutboxBounds) {
    this.#database = database;
    this.#sinks = sinks;
    this.#bounds = bounds;
    database.transaction(() => {
      this.#register();
      this.#forgetDelivered();
    });
  }

  #register(): void {
    const known = this.#database.prepare('SELECT sink FROM outbox_cursor').all();
    for (const { sink } of known) {
      if (this.#sinks.includes(String(sink))) continue;
      this.#database.prepare('DELETE FROM outbox_cursor WHERE sink = ?').run(String(sink));
    }
    for (const sink of this.#sinks) {
      this.#database
        .prepare(
          `INSERT INTO outbox_cursor (sink, seq) VALUES (?,
             coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0))
           ON CONFLICT (sink) DO NOTHING`,
        )
        .run(sink);
    }
  }

  /** Takes a batch for every sink; belongs to the transaction that is open. Call `wake` when that has ended. */
  put(batch: SampleBatch): void {
    if (this.#sinks.length === 0) return;
    this.#database.transaction(() => {
      const sql = 'INSERT INTO outbox (at_ms, batch) VALUES (?, ?)';
      this.#database.prepare(sql).run(batch.atMs, packBatch(batch));
      this.#keepBounds(batch.atMs);
    });
  }

  /** Tells the deliveries that there is something. */
  wake(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Resolves at the next `wake`; rejects with the signal's reason. */
  untilWoken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => () => {
        this.#listeners.delete(woken);
        signal.removeEventListener('abort', aborted);
        settle();
      };
      const woken = done(resolve);
      const aborted = done(() => { reject(signal.reason as Error); }); // prettier-ignore
      this.#listeners.add(woken);
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) aborted();
    });
  }

  /** The oldest batch that the sink does not have. */
  next(sink: string): QueuedBatch | undefined {
    const sql = `SELECT seq, batch FROM outbox
      WHERE seq > (SELECT seq FROM outbox_cursor WHERE sink = ?) ORDER BY seq LIMIT 1`;
    const row = this.#database.reading(() => this.#database.prepare(sql).get(sink));
    if (row === undefined) return undefined;
    return { seq: Number(row['seq']), batch: unpackBatch(row['batch'] as Uint8Array) };
  }

  /** The sink has the batch, or will never take it. */
  settle(sink: string, seq: number, outcome: 'delivered' | 'rejected'): void {
    this.#database.transaction(() => {
      const sql = `UPDATE outbox_cursor SET seq = ?, ${outcome} = ${outcome} + 1 WHERE sink = ? AND seq < ?`;
      this.#database.prepare(sql).run(seq, sink, seq);
      this.#forgetDelivered();
    });
  }

  backlog(sink: string): SinkBacklog {
    const sql = `SELECT count(outbox.seq) AS batches, min(outbox.at_ms) AS oldest, delivered, dropped, rejected
      FROM outbox_cursor LEFT JOIN outbox ON outbox.seq > outbox_cursor.seq WHERE sink = ? GROUP BY sink`;
    const row = this.#database.reading(() => this.#database.prepare(sql).get(sink));
    return readBacklog(row ?? {});
  }

  #forgetDelivered(): void {
    this.#database
      .prepare('DELETE FROM outbox WHERE seq <= coalesce((SELECT min(seq) FROM outbox_cursor), seq)')
      .run();
  }

  #keepBounds(newestMs: number): void {
    const { maxAgeMs, maxBytes } = this.#bounds;
    // From the newest back, as far as age and size allow; the newest itself always stays.
    const row = this.#database
      .prepare(
        `SELECT max(seq) AS last FROM (
           SELECT seq, at_ms, sum(length(batch)) OVER (ORDER BY seq DESC) AS bytes FROM outbox
         ) WHERE (at_ms < ? OR bytes > ?) AND seq < (SELECT max(seq) FROM outbox)`,
      )
      .get(newestMs - maxAgeMs, maxBytes);
    if (typeof row?.['last'] === 'number') this.#dropUntil(row['last']);
  }

  #dropUntil(last: number): void {
    this.#database
      .prepare(
        `UPDATE outbox_cursor SET
           dropped = dropped + (SELECT count(*) FROM outbox WHERE outbox.seq > outbox_cursor.seq AND outbox.seq <= ?1),
           seq = ?1
         WHERE seq < ?1`,
      )
      .run(last);
    this.#database.prepare('DELETE FROM outbox WHERE seq <= ?').run(last);
  }
}

function readBacklog(row: Readonly<Record<string, unknown>>): SinkBacklog {
  const count = (name: string): number => Number(row[name] ?? 0);
  return {
    batches: count('batches'),
    oldestAtMs: typeof row['oldest'] === 'number' ? row['oldest'] : undefined,
    delivered: count('delivered'),
    dropped: count('dropped'),
    rejected: count('rejected'),
  };
}
