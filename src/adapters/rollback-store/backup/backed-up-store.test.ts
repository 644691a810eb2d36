import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteDebts } from '#adapters/state/sqlite-debts.ts';
import { SqliteRollbackStore } from '#adapters/state/sqlite-rollback-store.ts';
import { openStateDatabase } from '#adapters/state/state-database.ts';
import { openEntry, type RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { Sealer } from '../sealer.ts';
import { BackedUpRollbackStore } from './backed-up-store.ts';
import { BackupKeeper } from './backup-keeper.ts';

/** A store that can be down, and can be emptied. */
class FragileStore implements RollbackStore {
  down = false;
  entries = new Map<string, RollbackEntry>();

  #reach(): void {
    if (this.down) throw new Error('down');
  }

  async load(target: WorkloadRef, ownerUid: string): Promise<RollbackEntry | undefined> {
    await Promise.resolve();
    this.#reach();
    return this.entries.get(`${target.name}/${ownerUid}`);
  }

  async save(entry: RollbackEntry): Promise<void> {
    await Promise.resolve();
    this.#reach();
    this.entries.set(`${entry.target.name}/${entry.owner.uid}`, entry);
  }

  async remove(target: WorkloadRef, ownerUid: string): Promise<void> {
    await Promise.resolve();
    this.#reach();
    this.entries.delete(`${target.name}/${ownerUid}`);
  }
}

const workload = (name: string): WorkloadRef => ({ kind: 'Deployment', namespace: 'shop', name });

function entryOf(name: string, steps: number): RollbackEntry {
  const owner = { uid: 'u', namespace: 'shop', name: 'policy' };
  return { ...openEntry({ owner, target: workload(name), targetUid: 'w', storedAtMs: 1 }), steps };
}

function rig() {
  const [truth, backup] = [new FragileStore(), new FragileStore()];
  const debts = new SqliteDebts(openStateDatabase(':memory:'));
  const logger = silentLogger;
  const store = new BackedUpRollbackStore({ truth, backup, debts, logger });
  const entries = () => [...truth.entries.values()].map(({ target }) => ({ target, ownerUid: 'u' }));
  let epoch = 0;
  const keeper = new BackupKeeper({
    refresh: (key) => store.refresh(key),
    debts,
    entries,
    epoch: () => String(epoch),
    clock: new SystemClock(),
    logger,
  });
  const empty = (): void => {
    backup.entries.clear();
    epoch += 1;
  };
  return { truth, backup, debts, store, keeper, empty };
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('save' as const),
    name: fc.constantFrom('a', 'b'),
    steps: fc.integer({ min: 1, max: 99 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), name: fc.constantFrom('a', 'b') }),
  fc.record({
    kind: fc.constantFrom('down' as const, 'up' as const, 'empty' as const, 'keep' as const),
  }),
);

describe('a store with a backup', () => {
  it('always says what was stored last, whatever befalls the backup', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { truth, backup, debts, store, keeper, empty } = rig();
        const model = new Map<string, RollbackEntry>();
        for (const each of steps) {
          if (each.kind === 'save') {
            const entry = entryOf(each.name, each.steps);
            await store.save(entry);
            model.set(each.name, entry);
          } else if (each.kind === 'remove') {
            await store.remove(workload(each.name), 'u');
            model.delete(each.name);
          } else if (each.kind === 'empty') empty();
          else if (each.kind === 'keep') await keeper.round();
          else backup.down = each.kind === 'down';
          for (const name of ['a', 'b']) {
            expect(await store.load(workload(name), 'u')).toEqual(model.get(name));
          }
        }
        backup.down = false;
        await keeper.round();
        expect(debts.list()).toEqual([]);
        // The backup alone now tells the same story.
        truth.entries.clear();
        for (const name of ['a', 'b']) {
          expect(await store.load(workload(name), 'u')).toEqual(model.get(name));
        }
      }),
    );
  });

  it('never believes a backup that was not told of a removal', async () => {
    const { backup, store } = rig();
    await store.save(entryOf('a', 1));
    backup.down = true;
    await store.remove(workload('a'), 'u');
    backup.down = false;
    expect(backup.entries.size).toBe(1);
    expect(await store.load(workload('a'), 'u')).toBeUndefined();
  });

  it('does not believe a backup that is older than what the cluster knows of', async () => {
    const { truth, store } = rig();
    await store.save({ ...entryOf('a', 1), version: 3 });
    truth.entries.clear();
    const floor = (ask: number) => ({ seen: 0, ask: () => Promise.resolve(ask) });
    expect(await store.load(workload('a'), 'u', floor(4))).toBeUndefined();
    expect(await store.load(workload('a'), 'u', floor(3))).toEqual({ ...entryOf('a', 1), version: 3 });
    // It is given back before anything is decided on it.
    expect(truth.entries.size).toBe(1);
  });

  it('is kept on though its debts cannot be read for a while', async () => {
    const { debts, keeper } = rig();
    const list = debts.list.bind(debts);
    debts.list = () => {
      throw new Error('no such table');
    };
    const stop = new AbortController();
    const running = keeper.run({ stop: stop.signal });
    await new Promise((resolve) => setImmediate(resolve));
    debts.list = list;
    stop.abort();
    await expect(running).resolves.toBeUndefined();
  });

  it('lets the backup alone where the truth lost what was never removed', async () => {
    const { truth, backup, store, keeper } = rig();
    await store.save(entryOf('a', 1));
    truth.entries.clear();
    expect(await store.refresh({ target: workload('a'), ownerUid: 'u' })).toBe(true);
    await keeper.round();
    expect(backup.entries.size).toBe(1);
  });

  it('undoes a change though the debts cannot be kept', async () => {
    const { truth, store, debts } = rig();
    await store.save(entryOf('a', 1));
    debts.owe = () => {
      throw new Error('database or disk is full');
    };
    await store.save(entryOf('a', 2));
    await store.remove(workload('a'), 'u');
    expect(truth.entries.size).toBe(0);
  });

  it('stores nothing where the truth could not be written', async () => {
    const { truth, store } = rig();
    truth.down = true;
    await expect(store.save(entryOf('a', 1))).rejects.toThrow('down');
    truth.down = false;
    expect(await store.load(workload('a'), 'u')).toBeUndefined();
  });

  it('lets the backup speak where the truth cannot be read, and fails where both are silent', async () => {
    const { truth, backup, store } = rig();
    await store.save(entryOf('a', 1));
    truth.down = true;
    expect(await store.load(workload('a'), 'u')).toEqual(entryOf('a', 1));
    backup.down = true;
    await expect(store.load(workload('a'), 'u')).rejects.toThrow('down');
  });

  it('does not let a refresh overtake a change of the same entry', async () => {
    const { backup, store } = rig();
    await store.save(entryOf('a', 1));
    await Promise.all([
      store.refresh({ target: workload('a'), ownerUid: 'u' }),
      store.save(entryOf('a', 2)),
      store.refresh({ target: workload('a'), ownerUid: 'u' }),
      store.save(entryOf('a', 3)),
    ]);
    expect(backup.entries.get('a/u')).toEqual(entryOf('a', 3));
  });
});

describe('debts in the state file', () => {
  it('list what SQLite holds by workload and owner', async () => {
    const state = openStateDatabase(':memory:');
    const ring = { current: 'k', keys: { k: Buffer.alloc(32, 7) } };
    const store = new SqliteRollbackStore(state, new Sealer(ring, systemRandom));
    await store.save(entryOf('a', 1));
    const [key] = store.list();
    expect(key).toEqual({ target: workload('a'), ownerUid: 'u' });
    const debts = new SqliteDebts(state);
    if (key !== undefined) {
      debts.owe(key);
      debts.owe(key);
      expect(debts.list()).toEqual([key]);
      expect(debts.isOwed(key)).toBe(true);
      debts.settle(key);
    }
    expect(debts.list()).toEqual([]);
  });
});
