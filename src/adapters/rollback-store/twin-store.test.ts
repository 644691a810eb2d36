import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEntry, type RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore, VersionFloor } from '#domain/rollback/rollback-store.ts';
import { silentLogger } from '#platform/logger.ts';
import { TwinRollbackStore } from './twin-store.ts';

const TARGET = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;

function entry(version: number, more: Partial<RollbackEntry> = {}): RollbackEntry {
  const owner = { uid: 'o', namespace: 'shop', name: 'cpu' };
  return { ...openEntry({ owner, target: TARGET, targetUid: 'w', storedAtMs: 1 }), version, ...more };
}

const BEGINNING = entry(2, {
  intent: { recommendationId: 'r', strategy: 'Rollout', changes: { replicas: 1 }, monthlyUsd: 1 },
});

/** Holds one entry; fails where it is told to. */
class OneEntry implements RollbackStore {
  held: RollbackEntry | undefined;
  fails = false;

  load(): Promise<RollbackEntry | undefined> {
    return this.#working(() => this.held);
  }

  save(saved: RollbackEntry): Promise<void> {
    return this.#working(() => { this.held = saved; }); // prettier-ignore
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

function floorOf(version: number, seen = version): VersionFloor {
  return { seen, ask: () => Promise.resolve(version) };
}

describe('two stores as one', () => {
  it('saves in both', async () => {
    const { first, second, both } = twins();
    await both.save(entry(1));
    expect([first.held, second.held]).toEqual([entry(1), entry(1)]);
  });

  it('lets no change begin with one copy, and lets every change end with the first', async () => {
    const { first, second, both } = twins();
    second.fails = true;
    await expect(both.save(BEGINNING)).rejects.toThrow('down');
    expect(first.held).toBeUndefined();
    const ending = { ...BEGINNING, restoring: { reason: 'Manual', message: '', atMs: 1 } };
    await both.save(ending);
    expect(first.held).toEqual(ending);
    await both.remove(TARGET, 'o');
    expect(first.held).toBeUndefined();
    first.fails = true;
    await expect(both.save(ending)).rejects.toThrow('down');
  });

  it('gives back to the first what only the second has, before anything is decided on it', async () => {
    const { first, second, both } = twins();
    second.held = entry(1);
    expect(await both.load(TARGET, 'o')).toEqual(entry(1));
    expect(first.held).toEqual(entry(1));
  });

  it('does not speak of an entry that it cannot give back', async () => {
    const { first, second, both } = twins();
    second.held = entry(1);
    first.save = () => Promise.reject(new Error('down'));
    await expect(both.load(TARGET, 'o')).rejects.toThrow('down');
  });

  it('reads the second where the first cannot be read', async () => {
    const { first, second, both } = twins();
    second.held = entry(1);
    first.fails = true;
    expect(await both.load(TARGET, 'o')).toEqual(entry(1));
  });

  it('believes the first, and brings the second up to date with it', async () => {
    const { first, second, both } = twins();
    [first.held, second.held] = [entry(5), entry(4)];
    expect(await both.load(TARGET, 'o', floorOf(5))).toEqual(entry(5));
    expect(second.held).toEqual(entry(5));
  });

  it.each([
    ['by the status that was seen', floorOf(4)],
    ['by the API server, where the status that was seen is old', floorOf(4, 1)],
  ])('drops a second copy that is out of date %s', async (_how, floor) => {
    const { first, second, both } = twins();
    second.held = entry(3);
    expect(await both.load(TARGET, 'o', floor)).toBeUndefined();
    expect([first.held, second.held]).toEqual([undefined, undefined]);
  });

  it('does not believe what someone without the lease wrote late into the first', async () => {
    const { first, second, both } = twins();
    [first.held, second.held] = [entry(3), entry(7)];
    expect(await both.load(TARGET, 'o', floorOf(7))).toEqual(entry(7));
    expect(first.held).toEqual(entry(7));
  });

  it('needs no second copy that can be read where the first answers', async () => {
    const { first, second, both } = twins();
    second.fails = true;
    expect(await both.load(TARGET, 'o')).toBeUndefined();
    first.held = entry(1);
    expect(await both.load(TARGET, 'o')).toEqual(entry(1));
  });

  it('forgets in both', async () => {
    const { first, second, both } = twins();
    await both.save(entry(1));
    await both.remove(TARGET, 'o');
    expect([first.held, second.held]).toEqual([undefined, undefined]);
  });
});

/** What happens to a workload that two operators take turns at, each with a copy of its own. */
const EVENTS = ['save', 'save', 'remove', 'switch', 'crash in save', 'first is deleted', 'copy is lost'] as const; // prettier-ignore

/** Two operators and the cluster between them, with what may rightly be found. */
class TwoOperators {
  readonly #shared = new OneEntry();
  readonly #copies = [new OneEntry(), new OneEntry()] as const;
  #leader: 0 | 1 = 0;
  #version = 0;
  /** The versions that may rightly be found; undefined for none. The first is the present one. */
  #right: (number | undefined)[] = [undefined];

  async play(event: (typeof EVENTS)[number]): Promise<void> {
    const found = await this.#store.load(TARGET, 'o', floorOf(this.#version));
    expect(this.#right).toContain(found?.version);
    this.#version = Math.max(this.#version, found?.version ?? 0);
    this.#right = [found?.version];
    await this.#happens(event);
  }

  get #copy(): OneEntry {
    return this.#copies[this.#leader];
  }

  get #store(): TwinRollbackStore {
    return new TwinRollbackStore([this.#shared, this.#copy], silentLogger);
  }

  async #happens(event: (typeof EVENTS)[number]): Promise<void> {
    switch (event) {
      case 'save':
        this.#version += 1;
        await this.#store.save(entry(this.#version));
        this.#right = [this.#version];
        return;
      case 'remove':
        await this.#store.remove(TARGET, 'o', this.#version);
        this.#version += 1;
        this.#right = [undefined];
        return;
      case 'switch':
        this.#leader = this.#leader === 0 ? 1 : 0;
        return;
      case 'crash in save':
        // Nothing was written under it yet: to go on with it, or without it, are both right.
        this.#copy.held = entry(this.#version + 1);
        this.#right.push(this.#version + 1);
        return;
      case 'copy is lost':
        this.#copy.held = undefined;
        return;
      case 'first is deleted':
        this.#shared.held = undefined;
        // Another operator's copy may be of now, or older: then it is not believed.
        if (this.#copy.held?.version !== this.#right[0]) this.#right.push(undefined);
    }
  }
}

describe('two operators with a copy each', () => {
  it('never believe an entry that was changed or removed since, whatever is lost meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), async (events) => {
        const both = new TwoOperators();
        for (const event of events) await both.play(event);
      }),
    );
  });
});
