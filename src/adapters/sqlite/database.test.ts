import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isKcError } from '#errors/kc-error.ts';
import { Database, type DatabaseOptions } from './database.ts';
import type { Schema } from './schema.ts';

const SCHEMA: Schema = {
  name: 'list of notes',
  applicationId: 0x6b63_7401,
  migrations: ['CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)'],
};
const LATER: Schema = {
  ...SCHEMA,
  migrations: [...SCHEMA.migrations, "ALTER TABLE note ADD COLUMN kind TEXT NOT NULL DEFAULT 'plain'"],
};

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kcloud-sqlite-'));
  path = join(folder, 'deep', 'notes.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<DatabaseOptions> = {}): Database {
  return Database.open({ path, schema: SCHEMA, ...options });
}

function add(database: Database, text: string): void {
  database.transaction(() => database.prepare('INSERT INTO note (text) VALUES (?)').run(text));
}

function texts(database: Database): unknown[] {
  return database.reading(() =>
    database
      .prepare('SELECT text FROM note ORDER BY id')
      .all()
      .map((row) => row['text']),
  );
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isKcError(error) ? error.code : String(error);
  }
  return 'nothing was thrown';
}

describe('a database file', () => {
  it('is created with its folder and keeps what was written', () => {
    const first = open();
    add(first, 'one');
    first.close();
    first.close();
    const second = open();
    expect(texts(second)).toEqual(['one']);
    second.close();
  });

  it('is whole in its one file once it is closed', () => {
    const database = open();
    add(database, 'one');
    expect(existsSync(`${path}-wal`)).toBe(true);
    database.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it('is brought to the current version, all at once or not at all', () => {
    const old = open();
    add(old, 'kept');
    old.close();
    const broken = { ...LATER, migrations: [...LATER.migrations, 'CREATE TABLE note (again TEXT)'] };
    expect(() => open({ schema: broken })).toThrow('already exists');
    const current = open({ schema: LATER });
    expect(current.prepare('SELECT text, kind FROM note').all()).toEqual([{ text: 'kept', kind: 'plain' }]);
    current.close();
  });

  it('is refused, unchanged, where a newer version wrote it', () => {
    open({ schema: LATER }).close();
    const before = readFileSync(path);
    expect(codeOf(() => open())).toBe('KC_STORE_NEWER');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('is refused where it belongs to another program', () => {
    open({ schema: { ...SCHEMA, applicationId: 7 } }).close();
    expect(codeOf(() => open())).toBe('KC_STORE_CORRUPT');
    writeFileSync(path, 'a diary, not a database, but long enough to look like something'.repeat(99));
    expect(codeOf(() => open())).toBe('KC_STORE_CORRUPT');
    expect(readFileSync(path, 'utf8')).toContain('a diary');
  });

  it('is refused where a page is damaged', () => {
    const database = open();
    for (let note = 0; note < 2000; note += 1) add(database, `note ${String(note)}`);
    database.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 3 * 4096, 6 * 4096);
    writeFileSync(path, bytes);
    expect(codeOf(() => open())).toBe('KC_STORE_CORRUPT');
    expect(codeOf(() => open({ readOnly: true }))).toBe('KC_STORE_CORRUPT');
  });

  it('reports damage that is met later, during a read', () => {
    const database = open();
    for (let note = 0; note < 2000; note += 1) add(database, `note ${String(note)}`);
    database.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 5 * 4096);
    writeFileSync(path, bytes);
    const unchecked = open({ checkUpToBytes: 0 });
    expect(codeOf(() => texts(unchecked))).toBe('KC_STORE_CORRUPT');
    unchecked.close();
  });

  it('says when its path cannot be used', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(codeOf(() => open({ path: join(folder, 'file', 'x', 'notes.db') }))).not.toBe(
      'nothing was thrown',
    );
    expect(codeOf(() => open({ path: folder }))).toBe('KC_STORE_UNAVAILABLE');
  });
});

describe('a transaction', () => {
  it('leaves nothing behind where its work throws, inner ones included', () => {
    const database = open();
    const work = (): void => {
      add(database, 'inner');
      throw new Error('stop');
    };
    expect(() => { database.transaction(work); }).toThrow('stop'); // prettier-ignore
    expect(texts(database)).toEqual([]);
    add(database, 'after');
    expect(texts(database)).toEqual(['after']);
    database.close();
  });

  it('says that another process writes', () => {
    const database = open({ busyTimeoutMs: 1 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    expect(codeOf(() => { add(database, 'x'); })).toBe('KC_STORE_UNAVAILABLE'); // prettier-ignore
    other.exec('ROLLBACK');
    add(database, 'y');
    expect(texts(database)).toEqual(['y']);
    other.close();
    database.close();
  });

  it('survives the death of its process, finished ones whole and the open one gone', () => {
    open().close();
    const program = `
      const { DatabaseSync } = require('node:sqlite');
      const database = new DatabaseSync(process.argv[1]);
      database.exec("BEGIN; INSERT INTO note (text) VALUES ('finished'); COMMIT");
      database.exec("BEGIN; INSERT INTO note (text) VALUES ('open')");
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawnSync(process.execPath, ['-e', program, path]);
    expect(child.signal).toBe('SIGKILL');
    const database = open();
    expect(texts(database)).toEqual(['finished']);
    database.close();
  });
});

describe('a reader', () => {
  it('sees what the writer has finished, and one state within one reading', () => {
    const writer = open();
    add(writer, 'one');
    const reader = open({ readOnly: true });
    const seen = reader.reading(() => {
      const before = reader.prepare('SELECT count(*) AS notes FROM note').get();
      add(writer, 'two');
      return [before, reader.prepare('SELECT count(*) AS notes FROM note').get()];
    });
    expect(seen).toEqual([{ notes: 1 }, { notes: 1 }]);
    expect(texts(reader)).toEqual(['one', 'two']);
    expect(() => { add(reader, 'three'); }).toThrow('KC_STORE_UNAVAILABLE'); // prettier-ignore
    reader.close();
    writer.close();
  });

  it('is not let at a file that is missing, empty or older than it', () => {
    expect(codeOf(() => open({ readOnly: true }))).toBe('KC_STORE_UNAVAILABLE');
    expect(existsSync(path)).toBe(false);
    open().close();
    expect(codeOf(() => open({ readOnly: true, schema: LATER }))).toBe('KC_STORE_UNAVAILABLE');
  });

  it('can be handed a copy that was made while the writer went on', async () => {
    const writer = open();
    add(writer, 'one');
    const copy = join(folder, 'copy.db');
    await writer.backupTo(copy);
    add(writer, 'two');
    const reader = open({ path: copy, readOnly: true });
    expect(texts(reader)).toEqual(['one']);
    reader.close();
    writer.close();
  });
});

describe('the size of a file', () => {
  it('shrinks when what is in it goes', () => {
    const database = open();
    const text = 'x'.repeat(4000);
    database.transaction(() => {
      for (let note = 0; note < 500; note += 1)
        database.prepare('INSERT INTO note (text) VALUES (?)').run(text);
    });
    const full = database.sizeBytes();
    database.transaction(() => database.prepare('DELETE FROM note').run());
    expect(database.sizeBytes()).toBeLessThan(full / 10);
    database.shrink(1000);
    database.close();
    expect(readFileSync(path).length).toBeLessThan(full / 10);
  });
});
