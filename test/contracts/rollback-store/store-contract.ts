/** What every store of rollback entries must do, whatever it is made of. */
import { expect, it } from 'vitest';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { entryOf, WEB } from './entries.ts';

/** `store` is called inside tests only. Each test uses workloads of its own. */
export function rollbackStoreContract(store: () => RollbackStore): void {
  const named = (name: string) => ({ ...WEB, name });

  it('knows nothing of what was never stored', async () => {
    expect(await store().load(named('unknown'), 'u1')).toBeUndefined();
    await store().remove(named('unknown'), 'u1');
  });

  it('gives back exactly what was stored, and the last of several', async () => {
    const target = named('exact');
    await store().save(entryOf('u1', 5, target));
    expect(await store().load(target, 'u1')).toEqual(entryOf('u1', 5, target));
    await store().save(entryOf('u1', 6, target));
    expect(await store().load(target, 'u1')).toEqual(entryOf('u1', 6, target));
  });

  it('keeps the entries of several owners and of several kinds of one name apart', async () => {
    const deployment = named('shared');
    const set = { ...deployment, kind: 'StatefulSet' } as const;
    const entries = [entryOf('u1', 1, deployment), entryOf('u2', 2, deployment), entryOf('u1', 3, set)];
    for (const entry of entries) await store().save(entry);
    await store().remove(deployment, 'u1');
    expect(await store().load(deployment, 'u1')).toBeUndefined();
    expect(await store().load(deployment, 'u2')).toEqual(entries[1]);
    expect(await store().load(set, 'u1')).toEqual(entries[2]);
  });

  it('loses none of several entries written at once', async () => {
    const target = named('busy');
    const uids = Array.from({ length: 5 }, (_, index) => `u${String(index)}`);
    await Promise.all(uids.map((uid, index) => store().save(entryOf(uid, index, target))));
    for (const [index, uid] of uids.entries()) {
      expect(await store().load(target, uid)).toEqual(entryOf(uid, index, target));
    }
  });

  it('stores again what it has forgotten', async () => {
    const target = named('again');
    await store().save(entryOf('u1', 5, target));
    await store().remove(target, 'u1');
    expect(await store().load(target, 'u1')).toBeUndefined();
    await store().save(entryOf('u1', 4, target));
    expect(await store().load(target, 'u1')).toEqual(entryOf('u1', 4, target));
  });

  it('takes names as long as Kubernetes allows', async () => {
    const target = named('n'.repeat(253));
    await store().save(entryOf('u1', 5, target));
    expect(await store().load(target, 'u1')).toEqual(entryOf('u1', 5, target));
  });
}
