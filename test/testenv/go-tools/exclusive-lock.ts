/** A lock between processes that the operating system frees when its holder dies. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** SQLite's file locks are the only advisory locks that Node offers without an addon. */
function tryLock(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Error && error.message.includes('locked')) return undefined;
    throw error;
  }
}

/** Runs `work` while no other process runs its own under the same path; `onWait` is called once if one does. */
export async function withExclusiveLock<T>(
  path: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let held = tryLock(path);
  if (held === undefined) onWait();
  while (held === undefined) {
    await sleep(500);
    held = tryLock(path);
  }
  try {
    return await work();
  } finally {
    held.close();
  }
}
