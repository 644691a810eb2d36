/**
 * The file of the usage history and its tables. Times are milliseconds since the epoch; a step is named by its end.
 *
 * A poll adds one row per container to `head`, behind the rows of the poll before, so that writing stays sequential.
 * Whole hours move from `head` into `block`, sorted by container, so that reading a container's weeks touches few pages.
 */
import { Database } from '../../../sqlite/database.ts';
import type { Schema } from '../../../sqlite/schema.ts';

const VERSION_1 = `
  CREATE TABLE series (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, container TEXT NOT NULL,
    UNIQUE (namespace, name, kind, container)
  );
  -- Looks at the metrics API that brought something; a step without a row here was not looked at.
  CREATE TABLE poll (end_ms INTEGER PRIMARY KEY);
  -- Units of block-codec.ts; NULL is unknown.
  CREATE TABLE head (
    end_ms INTEGER NOT NULL, series INTEGER NOT NULL,
    cpu_max INTEGER, cpu_mean INTEGER, memory_max INTEGER, memory_mean INTEGER, pods INTEGER NOT NULL,
    PRIMARY KEY (end_ms, series)
  ) WITHOUT ROWID;
  -- The key is made of series, level and time (block-store.ts).
  CREATE TABLE block (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
  -- OOM kills, restarts and rejected values; the key keeps the same one from being counted twice.
  CREATE TABLE incident (
    series INTEGER NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL, uid TEXT NOT NULL,
    pod TEXT NOT NULL, count INTEGER NOT NULL, limit_bytes INTEGER,
    PRIMARY KEY (series, kind, at_ms, uid)
  ) WITHOUT ROWID;
  -- The restart count that was last seen of each live container.
  CREATE TABLE container_state (
    uid TEXT NOT NULL, container TEXT NOT NULL, restarts INTEGER NOT NULL,
    PRIMARY KEY (uid, container)
  ) WITHOUT ROWID;
  CREATE TABLE progress (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
`;

export const HISTORY_SCHEMA: Schema = {
  name: 'usage history',
  // "kcUH"
  applicationId: 0x6b_63_55_48,
  migrations: [VERSION_1],
};

/** Opens the history to write, or to read while another process writes. Throws KC_STORE_… errors. */
export function openHistory(path: string, options: { readonly readOnly?: boolean } = {}): Database {
  return Database.open({ path, schema: HISTORY_SCHEMA, readOnly: options.readOnly ?? false });
}
