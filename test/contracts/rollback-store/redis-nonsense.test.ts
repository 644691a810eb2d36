/** Servers that are no Redis at all, or hang in the middle of a word: each command ends, and with an error. */
import { afterEach, describe, expect, it } from 'vitest';
import type { RedisConnection } from '#adapters/rollback-store/redis/redis-connection.ts';
import { RedisRollbackStore } from '#adapters/rollback-store/redis/redis-store.ts';
import { RedisDouble, type Mood } from '../../servers/redis/redis-double.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { entryOf, newSealer, WEB } from './entries.ts';
import { connected } from './redis-rig.ts';

describe('something that listens where Redis should', () => {
  let double: RedisDouble;
  let connection: RedisConnection;
  afterEach(async () => {
    connection.close();
    await double.stop();
  });

  async function inMood(mood: Mood): Promise<RedisRollbackStore> {
    double = await RedisDouble.start();
    connection = await connected(double.port, { timeoutMs: 200 });
    const store = new RedisRollbackStore(connection, newSealer());
    await store.save(entryOf('u1', 5));
    double.mood = mood;
    return store;
  }

  it.each<Mood>(['silent', 'garbage'])('is refused while it is %s and used once it is well', async (mood) => {
    const store = await inMood(mood);
    await expect(store.load(WEB, 'u1')).rejects.toMatchObject({ code: 'KC_REDIS_UNAVAILABLE' });
    await expect(store.save(entryOf('u1', 6))).rejects.toMatchObject({ code: 'KC_REDIS_UNAVAILABLE' });
    double.mood = 'well';
    double.cut();
    await eventually('an answer', async () => (await store.load(WEB, 'u1')) !== undefined);
    await store.save(entryOf('u1', 7));
    expect(await store.load(WEB, 'u1')).toEqual(entryOf('u1', 7));
  });

  it('is asked again after its connections were cut', async () => {
    const store = await inMood('well');
    double.cut();
    await eventually('an answer', async () => (await store.load(WEB, 'u1')) !== undefined);
    expect(connection.connections).toBe(2);
  });
});
