/** Opens and holds one database file. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type StatementSync, backup } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { failure, isCannotOpen, storeError } from './failures.ts';
import { type Schema, checkIdentity, checkIntegrity, migrate, pragma, requireCurrent } from './schema.ts';

export interface DatabaseOptions {
  /** A file path; `:memory:` holds everything in memory. */
  readonly path: string;
  readonly schema: Schema;
  /** Reads what another process may be writing at the same time. The file must exist. */
  readonly readOnly?: boolean;
  /** Every transaction is on the disk when it returns. Else a power cut may take the last ones; a crash does not. */
  readonly durable?: boolean;
  /** How long to wait for another writer. The process stands still meanwhile. */
  readonly busyTimeoutMs?: number;
  /** Files up to this size are read whole at opening to find damage. */
  readonly checkUpToBytes?: number;
}

const DEFAULT_BUSY_TIMEOUT_MS = 2000;
/** Read in about 0.1 s. */
const DEFAULT_CHECK_BYTES = 64 * 2 ** 20;
/** What a write-ahead log may keep of the disk once it has been worked off. */
const WAL_LIMIT_BYTES = 16 * 2 ** 20;
const IN_MEMORY = ':memory:';

/**
 * An open database. What SQLite raises inside `transaction` and `reading` comes out as KC_STORE_CORRUPT or
 * KC_STORE_UNAVAILABLE, naming the file.
 */
export class Database {
  readonly path: string;
  readonly readOnly: boolean;
  readonly #object: string;
  readonly #database: DatabaseSync;
  #inTransaction = false;

  private constructor(database: DatabaseSync, options: DatabaseOptions) {
    this.#database = database;
    this.path = options.path;
    this.readOnly = options.readOnly === true;
    this.#object = describe(options);
  }

  /** Throws KC_STORE_CORRUPT, KC_STORE_NEWER or KC_STORE_UNAVAILABLE, and leaves such a file as it is. */
  static open(options: DatabaseOptions): Database {
    const object = describe(options);
    try {
      const handle = options.readOnly === true ? connectReader(options) : connectWriter(options);
      const database = new Database(handle, options);
      database.#prepareOrClose(options);
      return database;
    } catch (error) {
      throw storeError(error, object);
    }
  }

  #prepareOrClose(options: DatabaseOptions): void {
    try {
      checkIdentity(this.#database, options.schema, this.#object);
      if (this.sizeBytes() <= (options.checkUpToBytes ?? DEFAULT_CHECK_BYTES)) {
        checkIntegrity(this.#database, this.#object);
      }
      if (this.readOnly) requireCurrent(this.#database, options.schema, this.#object);
      else this.#makeCurrent(options);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  #makeCurrent({ schema, durable }: DatabaseOptions): void {
    // Only an empty file takes this; later it would need a VACUUM of the whole.
    this.#database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    this.#database.exec('PRAGMA journal_mode = WAL');
    this.#database.exec(`PRAGMA journal_size_limit = ${String(WAL_LIMIT_BYTES)}`);
    this.#database.exec(`PRAGMA synchronous = ${durable === true ? 'FULL' : 'NORMAL'}`);
    if (pragma(this.#database, 'user_version') < schema.migrations.length) {
      this.transaction(() => {
        migrate(this.#database, schema);
      });
    }
  }

  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  /** Runs `work` whole or not at all; one inside another belongs to the outer one. */
  transaction<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    return this.#bracketed('BEGIN IMMEDIATE', work);
  }

  /** Runs `work` on one unchanging state of the file, whatever is written meanwhile. */
  reading<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    return this.#bracketed('BEGIN', work);
  }

  #bracketed<T>(begin: string, work: () => T): T {
    try {
      this.#database.exec(begin);
      this.#inTransaction = true;
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollback();
      throw storeError(error, this.#object);
    } finally {
      this.#inTransaction = false;
    }
  }

  #rollback(): void {
    // A full disk or a broken file ends the transaction by itself.
    if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  /** The pages in use, without those that wait to be used again. */
  sizeBytes(): number {
    const pages = pragma(this.#database, 'page_count') - pragma(this.#database, 'freelist_count');
    return pages * pragma(this.#database, 'page_size');
  }

  /** Gives up to `pages` free pages back to the file system. */
  shrink(pages: number): void {
    try {
      this.#database.exec(`PRAGMA incremental_vacuum(${String(Math.trunc(pages))})`);
    } catch (error) {
      throw storeError(error, this.#object);
    }
  }

  /** A consistent copy in another file, made while this one goes on being used. */
  async backupTo(path: string): Promise<void> {
    try {
      await backup(this.#database, path);
    } catch (error) {
      throw storeError(error, this.#object);
    }
  }

  /** Works the write-ahead log off and closes: the file alone is the whole database afterwards. Idempotent. */
  close(): void {
    if (!this.#database.isOpen) return;
    try {
      if (!this.readOnly) this.#database.exec('PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Another process reads, or the disk is full: the log stays and is worked off at the next opening.
    } finally {
      this.#database.close();
    }
  }
}

function describe({ path, schema }: DatabaseOptions): string {
  return `${schema.name} ${path}`;
}

function connectWriter(options: DatabaseOptions): DatabaseSync {
  if (options.path !== IN_MEMORY) mkdirSync(dirname(resolve(options.path)), { recursive: true });
  return new DatabaseSync(options.path, { timeout: options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS });
}

function connectReader(options: DatabaseOptions): DatabaseSync {
  if (!existsSync(options.path) || statSync(options.path).size === 0) {
    const fix = 'name an existing file';
    throw failure('KC_STORE_UNAVAILABLE', describe(options), {
      problem: 'it does not exist or is empty',
      fix,
    });
  }
  const settings = { readOnly: true, timeout: options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS };
  const database = new DatabaseSync(options.path, settings);
  try {
    database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
    return database;
  } catch (error) {
    database.close();
    if (!isCannotOpen(error) || hasLog(options.path)) throw error;
  }
  // Beside a file on a read-only medium no shared memory can be set up; nobody writes there either.
  const url = pathToFileURL(resolve(options.path));
  url.search = '?mode=ro&immutable=1';
  return new DatabaseSync(url, settings);
}

/** Whether a write-ahead log holds part of the data. */
function hasLog(path: string): boolean {
  return existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
}
