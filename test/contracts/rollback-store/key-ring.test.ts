/** Rotating the key that seals originals: nothing becomes unreadable, and everything moves to the new key. */
import { expect, it } from 'vitest';
import { ConfigMapRollbackStore, configMapKey } from '#adapters/rollback-store/config-map-store.ts';
import { ensureKeyRing } from '#adapters/rollback-store/key-ring.ts';
import { KeyRingWatch } from '#adapters/rollback-store/key-ring-watch.ts';
import { Sealer } from '#adapters/rollback-store/sealer.ts';
import { SqliteRollbackStore } from '#adapters/state/sqlite-rollback-store.ts';
import { openStateDatabase } from '#adapters/state/state-database.ts';
import { CONFIG_MAPS, SECRETS } from '#kube/client/builtin-types.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import type { ApiTarget } from '../../testenv/targets/api-target.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { kubectl } from '../../testenv/targets/target-kubectl.ts';
import { entryOf, WEB } from './entries.ts';

const secret = { namespace: 'default', name: 'kcloud-rollback-key' };

async function rig({ client }: ApiTarget) {
  const sealer = new Sealer(await ensureKeyRing(client, secret, systemRandom), systemRandom);
  const clock = new SystemClock();
  const local = new SqliteRollbackStore(openStateDatabase(':memory:'), sealer);
  const onRotated = (): void => {
    local.sealAnew();
  };
  const watch = new KeyRingWatch({ client, secret, sealer, clock, logger: silentLogger, onRotated });
  return { sealer, watch, local, store: new ConfigMapRollbackStore(client, sealer) };
}

/** As deploy.sh does it. */
async function rotate(target: ApiTarget, id: string): Promise<void> {
  const base64 = (data: string | Buffer): string => Buffer.from(data).toString('base64');
  const data = { [id]: base64(Buffer.alloc(32, id)), current: base64(id) };
  const where = ['-n', secret.namespace, 'patch', 'secret', secret.name];
  await kubectl(target, [...where, '--type=merge', '-p', JSON.stringify({ data })]);
}

async function sealedWith(target: ApiTarget, id: string): Promise<boolean> {
  const { data } = await target.client.get(CONFIG_MAPS, configMapKey(WEB));
  return data?.[WEB.kind]?.startsWith(`kc1.${id}.`) === true;
}

describeTargets('the key ring of stored originals', (target) => {
  it('takes up a new key while it runs; what was stored moves to it when it is next read', async () => {
    const { sealer, watch, store, local } = await rig(target());
    await store.save(entryOf('u1', 5));
    await local.save(entryOf('u1', 5));
    const first = sealer.currentKey;
    await rotate(target(), 'second');
    await watch.look();
    expect(sealer.currentKey).toBe('second');
    expect(await sealedWith(target(), first)).toBe(true);
    expect(await store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    expect(await sealedWith(target(), 'second')).toBe(true);
    expect(await store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    // With the old key gone, both still open.
    sealer.use({ current: 'second', keys: { second: Buffer.alloc(32, 'second') } });
    expect(await store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    expect(await local.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
  });

  it('keeps the keys that it has when the Secret is lost or broken', async () => {
    const { sealer, watch, store } = await rig(target());
    const [before, entry] = [sealer.currentKey, await store.load(WEB, 'u1')];
    await target().client.patch(SECRETS, secret, { patch: 'merge', body: { data: { current: 'bm9uZQ==' } } });
    await watch.look();
    await target().client.delete(SECRETS, secret);
    await watch.look();
    expect(sealer.currentKey).toBe(before);
    expect(await store.load(WEB, 'u1')).toEqual(entry);
    expect(entry).toEqual(entryOf('u1', 5));
  });
});
