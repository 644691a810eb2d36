/** What a file says about itself: `application_id` names its kind, `user_version` counts its migrations. */
import type { DatabaseSync } from 'node:sqlite';
import { failure } from './failures.ts';

/** The shape of one kind of database. */
export interface Schema {
  /** Names the kind in errors, e.g. `usage history`. */
  readonly name: string;
  /** Four bytes of the file header that no other kind uses. */
  readonly applicationId: number;
  /** SQL scripts; the first makes version 1 of an empty file. Released ones are never edited, only added to. */
  readonly migrations: readonly string[];
}

/** One value of a pragma. */
export function pragma(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return Number(Object.values(row ?? {})[0] ?? 0);
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

/** Refuses a file of another program, of a newer version, or a damaged one. */
export function checkIdentity(database: DatabaseSync, schema: Schema, object: string): void {
  const applicationId = pragma(database, 'application_id');
  if (applicationId !== schema.applicationId && !(applicationId === 0 && isEmpty(database))) {
    throw failure('KC_STORE_CORRUPT', object, {
      problem: `the file is a database, but not a ${schema.name}`,
    });
  }
  const version = pragma(database, 'user_version');
  if (version > schema.migrations.length) {
    const problem = `it has version ${String(version)}, this program knows ${String(schema.migrations.length)}`;
    throw failure('KC_STORE_NEWER', object, { problem });
  }
}

/** Refuses an empty or an old file where it cannot be brought to the current version. */
export function requireCurrent(database: DatabaseSync, schema: Schema, object: string): void {
  const version = pragma(database, 'user_version');
  if (version === schema.migrations.length) return;
  const problem = `it has version ${String(version)}, needed is ${String(schema.migrations.length)}`;
  const fix = 'let the program that writes it open it once, which brings it up to date';
  throw failure('KC_STORE_UNAVAILABLE', object, { problem, fix });
}

/** Runs the migrations that the file lacks, all or none. To be called inside a transaction that may write. */
export function migrate(database: DatabaseSync, schema: Schema): void {
  const version = pragma(database, 'user_version');
  for (const script of schema.migrations.slice(version)) database.exec(script);
  database.exec(`PRAGMA application_id = ${String(schema.applicationId)}`);
  database.exec(`PRAGMA user_version = ${String(schema.migrations.length)}`);
}

/** Reads every page and index; throws KC_STORE_CORRUPT with SQLite's findings. */
export function checkIntegrity(database: DatabaseSync, object: string): void {
  const rows = database.prepare('PRAGMA quick_check(3)').all();
  const findings = rows.map((row) => String(Object.values(row)[0]));
  if (findings.join() !== 'ok') throw failure('KC_STORE_CORRUPT', object, { problem: findings.join('; ') });
}
