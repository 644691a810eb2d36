/** A real Redis that is down, slow, restarted, evicting, full, or holds garbage: no original is ever lost. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackedUpRollbackStore } from '#adapters/rollback-store/backup/backed-up-store.ts';
import { BackupKeeper } from '#adapters/rollback-store/backup/backup-keeper.ts';
import type { RedisConnection } from '#adapters/rollback-store/redis/redis-connection.ts';
import { redisKey, RedisRollbackStore, TTL_SECONDS } from '#adapters/rollback-store/redis/redis-store.ts';
import type { Sealer } from '#adapters/rollback-store/sealer.ts';
import { SqliteDebts } from '#adapters/state/sqlite-debts.ts';
import { SqliteRollbackStore } from '#adapters/state/sqlite-rollback-store.ts';
import { openStateDatabase } from '#adapters/state/state-database.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { freePort } from '../../testenv/processes/ports.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { RedisServer, whyNoRedis } from '../../servers/redis/redis-server.ts';
import { entryOf, newSealer, ROTATED, WEB } from './entries.ts';
import { connected, connecting } from './redis-rig.ts';

const TITLE = 'rollback state while a real Redis is in trouble';
const KEY = { target: WEB, ownerUid: 'u1' };

interface Rig {
  readonly store: BackedUpRollbackStore;
  readonly redis: RedisRollbackStore;
  readonly debts: SqliteDebts;
  readonly keeper: BackupKeeper;
  readonly sealer: Sealer;
  /** Loses all but what Redis holds. */
  loseTruth(): void;
}

function rigOf(connection: RedisConnection): Rig {
  const sealer = newSealer();
  const state = openStateDatabase(':memory:');
  const truth = new SqliteRollbackStore(state, sealer);
  const redis = new RedisRollbackStore(connection, sealer);
  const debts = new SqliteDebts(state);
  const store = new BackedUpRollbackStore({ truth, backup: redis, debts, logger: silentLogger });
  const keeper = new BackupKeeper({
    refresh: (key) => store.refresh(key),
    debts,
    entries: () => truth.list(),
    epoch: () => `${String(connection.connections)}/${sealer.currentKey}`,
    clock: new SystemClock(),
    logger: silentLogger,
  });
  const loseTruth = (): void => {
    state.prepare('DELETE FROM rollback_entry').run();
  };
  return { store, redis, debts, keeper, sealer, loseTruth };
}

describe.skipIf(skipReason(TITLE, whyNoRedis()))(TITLE, () => {
  let server: RedisServer;
  let connection: RedisConnection;
  let rig: Rig;

  async function begin(flags: readonly string[] = []): Promise<void> {
    server = await RedisServer.start(flags);
    connection = await connected(server.port, { timeoutMs: 500 });
    rig = rigOf(connection);
  }

  /** The keeper's rounds until nothing is owed any more. */
  const paid = (): Promise<unknown> =>
    eventually('the debts to be paid', async () => {
      await rig.keeper.round();
      return rig.debts.list().length === 0;
    });

  beforeEach(() => begin());
  afterEach(async () => {
    connection.close();
    await server.stop();
  });

  it('is kept for seven days, sealed, and is enough when all else is lost', async () => {
    await rig.store.save(entryOf('u1', 5));
    const ttl = Number((await server.ask(`TTL ${redisKey(WEB)}`)).slice(1).split('\r')[0]);
    expect(ttl).toBeGreaterThan(TTL_SECONDS - 60);
    expect(ttl).toBeLessThanOrEqual(TTL_SECONDS);
    const held = await server.ask(`HGETALL ${redisKey(WEB)}`);
    expect(held).toContain('kc1.first.');
    expect(held).not.toContain('replicas');
    rig.loseTruth();
    expect(await rig.store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
  });

  it('lets changes go on while it is down, and is told later', async () => {
    await rig.store.save(entryOf('u1', 5));
    await server.kill();
    await eventually('the loss to be seen', () => !connection.connected);
    await rig.store.save(entryOf('u1', 6));
    expect(await rig.store.load(WEB, 'u1')).toEqual(entryOf('u1', 6));
    expect(rig.debts.isOwed(KEY)).toBe(true);
    await server.restart();
    await paid();
    expect(await rig.redis.load(WEB, 'u1')).toEqual(entryOf('u1', 6));
  });

  it('does not bring back what was removed while it hung', async () => {
    await rig.store.save(entryOf('u1', 5));
    server.pause();
    await rig.store.remove(WEB, 'u1');
    expect(await rig.store.load(WEB, 'u1')).toBeUndefined();
    server.resume();
    expect(await rig.store.load(WEB, 'u1')).toBeUndefined();
    await paid();
    expect(await server.ask(`EXISTS ${redisKey(WEB)}`)).toContain(':0');
  });

  it('may answer a change that was given up for lost, and still ends with the last one', async () => {
    server.pause();
    await rig.store.save(entryOf('u1', 5));
    await rig.store.save(entryOf('u1', 6));
    server.resume();
    await paid();
    expect(await rig.redis.load(WEB, 'u1')).toEqual(entryOf('u1', 6));
  });

  it('is filled again after a restart without memory', async () => {
    await rig.store.save(entryOf('u1', 5));
    await rig.keeper.round();
    await server.restart();
    await eventually('a new connection', () => connection.connected && connection.connections > 1);
    expect(await server.ask(`EXISTS ${redisKey(WEB)}`)).toContain(':0');
    expect(await rig.store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    await rig.keeper.round();
    expect(await rig.redis.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
  });

  it('may evict what it holds', async () => {
    await rig.store.save(entryOf('u1', 5));
    await server.ask('CONFIG SET maxmemory-policy allkeys-random');
    await server.ask('CONFIG SET maxmemory 1');
    await eventually('the eviction', async () => {
      await server.ask('SET filler x');
      return (await server.ask(`EXISTS ${redisKey(WEB)}`)).includes(':0');
    });
    expect(await rig.store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
  });

  it('may be full', async () => {
    await server.ask('CONFIG SET maxmemory-policy noeviction');
    await server.ask('CONFIG SET maxmemory 1');
    await rig.store.save(entryOf('u1', 5));
    expect(rig.debts.isOwed(KEY)).toBe(true);
    expect(await rig.store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    await server.ask('CONFIG SET maxmemory 0');
    await paid();
    expect(await rig.redis.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
  });

  it('may hold garbage where an entry should be', async () => {
    await server.ask(`SET ${redisKey(WEB)} garbage`);
    await expect(rig.redis.load(WEB, 'u1')).rejects.toMatchObject({ code: 'KC_REDIS_UNAVAILABLE' });
    expect(await rig.store.load(WEB, 'u1')).toBeUndefined();
    await rig.store.save(entryOf('u1', 5));
    expect(await rig.redis.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    await server.ask(`HSET ${redisKey(WEB)} u1 kc1.first.garbage`);
    await expect(rig.redis.load(WEB, 'u1')).rejects.toMatchObject({ code: 'KC_ROLLBACK_STATE_UNREADABLE' });
    expect(await rig.store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
  });

  it('holds everything under the new key after a rotation', async () => {
    await rig.store.save(entryOf('u1', 5));
    await rig.keeper.round();
    rig.sealer.use(ROTATED);
    expect(await rig.store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    await rig.keeper.round();
    expect(await server.ask(`HGET ${redisKey(WEB)} u1`)).toContain('kc1.second.');
    rig.sealer.use({ current: 'second', keys: { second: ROTATED.keys.second } });
    expect(await rig.store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    expect(await rig.redis.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
  });
});

describe.skipIf(skipReason(`${TITLE}, credentials`, whyNoRedis()))('a Redis with a password', () => {
  it('is used with the right one and does no harm with a wrong one', async () => {
    const server = await RedisServer.start(['--requirepass secret']);
    const good = await connected(server.port, { password: 'secret' });
    await rigOf(good).store.save(entryOf('u1', 5));
    expect(await new RedisRollbackStore(good, newSealer()).load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    const bad = await connecting(server.port, { password: 'wrong' });
    const rig = rigOf(bad);
    await rig.store.save(entryOf('u1', 6));
    expect(await rig.store.load(WEB, 'u1')).toEqual(entryOf('u1', 6));
    expect(bad.connected).toBe(false);
    good.close();
    bad.close();
    await server.stop();
  });
});

describe('a Redis that never was', () => {
  it('delays nothing and is never believed', async () => {
    const connection = await connecting(await freePort());
    const { store, redis, debts } = rigOf(connection);
    await expect(redis.load(WEB, 'u1')).rejects.toMatchObject({ code: 'KC_REDIS_UNAVAILABLE' });
    await store.save(entryOf('u1', 5));
    expect(await store.load(WEB, 'u1')).toEqual(entryOf('u1', 5));
    expect(debts.isOwed(KEY)).toBe(true);
    connection.close();
  });
});
