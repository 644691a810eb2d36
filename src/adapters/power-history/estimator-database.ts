/** The one file of the estimator. */
import { OUTBOX_TABLES } from '#adapters/sinks/outbox/outbox.ts';
import { Database } from '#adapters/sqlite/database.ts';
import type { Schema } from '#adapters/sqlite/schema.ts';

const SCHEMA: Schema = {
  name: 'power history',
  applicationId: 0x4b43_5057,
  migrations: [
    `
    CREATE TABLE series (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      namespace TEXT NOT NULL,
      pod TEXT NOT NULL,
      container TEXT NOT NULL,
      node TEXT NOT NULL,
      UNIQUE (kind, namespace, pod, container, node)
    ) STRICT;
    CREATE TABLE energy (
      level_ms INTEGER NOT NULL,
      from_ms INTEGER NOT NULL,
      series INTEGER NOT NULL,
      active_j REAL NOT NULL,
      idle_j REAL NOT NULL,
      cpu_j REAL, dram_j REAL, gpu_j REAL, npu_j REAL, other_j REAL,
      covered_ms INTEGER NOT NULL,
      origin INTEGER NOT NULL,
      PRIMARY KEY (level_ms, from_ms, series)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE observed (
      level_ms INTEGER NOT NULL,
      from_ms INTEGER NOT NULL,
      covered_ms INTEGER NOT NULL,
      problem_ms INTEGER NOT NULL,
      problem TEXT,
      PRIMARY KEY (level_ms, from_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE progress (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
    CREATE TABLE rates (from_ms INTEGER PRIMARY KEY, document TEXT NOT NULL) STRICT;
    ${OUTBOX_TABLES}
    `,
  ],
};

/** Opens the file, which is made where it does not exist; `:memory:` keeps everything in memory. */
export function openEstimatorDatabase(path: string): Database {
  return Database.open({ path, schema: SCHEMA });
}
