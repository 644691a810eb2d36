import { describe, expect, it } from 'vitest';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { silentLogger } from '#platform/logger.ts';
import { TwinRollbackStore } from './twin-store.ts';

const TARGET = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
const ENTRY = { target: TARGET, owner: { uid: 'o' } } as RollbackEntry;

/** Holds one entry; fails where it is told to. */
class OneEntry implements RollbackStore {
  held: RollbackEntry | undefined;
  fails = false;

  load(): Promise<RollbackEntry | undefined> {
    return this.#working(() => this.held);
  }

  save(entry: RollbackEntry): Promise<void> {
    return this.#working(() => { this.held = entry; }); // prettier-ignore
  }

  remove(): Promise<void> {
    return this.#working(() => { this.held = undefined; }); // prettier-ignore
  }

  #working<T>(work: () => T): Promise<T> {
    return this.fails ? Promise.reject(new Error('down')) : Promise.resolve(work());
  }
}

function twins(): { readonly first: OneEntry; readonly second: OneEntry; readonly both: TwinRollbackStore } {
  const [first, second] = [new OneEntry(), new OneEntry()];
  return { first, second, both: new TwinRollbackStore([first, second], silentLogger) };
}

describe('two stores as one', () => {
  it('saves in both or says so', async () => {
    const { first, second, both } = twins();
    first.fails = true;
    await expect(both.save(ENTRY)).rejects.toThrow('down');
    first.fails = false;
    await both.save(ENTRY);
    expect([first.held, second.held]).toEqual([ENTRY, ENTRY]);
  });

  it('gives back to the first what only the second has, before anything is decided on it', async () => {
    const { first, second, both } = twins();
    second.held = ENTRY;
    expect(await both.load(TARGET, 'o')).toBe(ENTRY);
    expect(first.held).toBe(ENTRY);
  });

  it('does not speak of an entry that it cannot give back', async () => {
    const { first, second, both } = twins();
    second.held = ENTRY;
    first.save = () => Promise.reject(new Error('down'));
    await expect(both.load(TARGET, 'o')).rejects.toThrow('down');
  });

  it('reads the second where the first cannot be read', async () => {
    const { first, second, both } = twins();
    second.held = ENTRY;
    first.fails = true;
    expect(await both.load(TARGET, 'o')).toBe(ENTRY);
  });

  it('forgets in both', async () => {
    const { first, second, both } = twins();
    await both.save(ENTRY);
    await both.remove(TARGET, 'o');
    expect([first.held, second.held]).toEqual([undefined, undefined]);
  });
});
