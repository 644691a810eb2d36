/** The file that calibrations survive restarts in. */
import { Database } from '#adapters/sqlite/database.ts';
import type { Schema } from '#adapters/sqlite/schema.ts';

const SCHEMA: Schema = {
  name: 'calibrations',
  applicationId: 0x4b43_4341,
  migrations: [
    `
    CREATE TABLE calibration (
      scope TEXT NOT NULL CHECK (scope IN ('node', 'model', 'cluster')),
      name TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      document TEXT NOT NULL,
      PRIMARY KEY (scope, name)
    ) STRICT;
    `,
  ],
};

/** Opens the file (made where it does not exist; `:memory:` holds it in memory); what is saved is on the disk. */
export function openCalibrationDatabase(path: string): Database {
  return Database.open({ path, schema: SCHEMA, durable: true });
}
