/**
 * Rollback entries in Redis: a hash `rollback:<namespace>:<kind>:<name>` per workload with one sealed field per
 * CostOptimization, forgotten seven days after it was last written.
 */
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { messageOf } from '#errors/kc-error.ts';
import { readDocument, writeDocument } from '../entry-document.ts';
import type { Sealer } from '../sealer.ts';
import type { RedisClient, RedisConnection } from './redis-connection.ts';

export const TTL_SECONDS = 7 * 24 * 3600;

export class RedisRollbackStore implements RollbackStore {
  readonly #redis: RedisConnection;
  readonly #sealer: Sealer;

  constructor(redis: RedisConnection, sealer: Sealer) {
    this.#redis = redis;
    this.#sealer = sealer;
  }

  async load(target: WorkloadRef, ownerUid: string): Promise<RollbackEntry | undefined> {
    const sealed = await this.#redis.run((client) => client.hGet(redisKey(target), ownerUid));
    if (sealed === null) return undefined;
    const place = placeOf(target, ownerUid);
    return readDocument(this.#sealer.open(sealed, place), place)[ownerUid];
  }

  async save(entry: RollbackEntry): Promise<void> {
    const { target, owner } = entry;
    const sealed = this.#sealer.seal(writeDocument({ [owner.uid]: entry }), placeOf(target, owner.uid));
    const key = redisKey(target);
    await this.#redis.run((client) =>
      overForeign(client, key, () =>
        Promise.all([client.hSet(key, owner.uid, sealed), client.expire(key, TTL_SECONDS)]),
      ),
    );
  }

  async remove(target: WorkloadRef, ownerUid: string): Promise<void> {
    await this.#redis.run((client) =>
      overForeign(client, redisKey(target), () => client.hDel(redisKey(target), ownerUid)),
    );
  }
}

/** Where the entries of a workload are. */
export function redisKey({ namespace, kind, name }: WorkloadRef): string {
  return `rollback:${namespace}:${kind}:${name}`;
}

function placeOf(target: WorkloadRef, ownerUid: string): string {
  return `redis/${redisKey(target)}/${ownerUid}`;
}

/** A value of another type under our key is not ours and of no use: it makes way. */
async function overForeign<T>(client: RedisClient, key: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!messageOf(error).startsWith('WRONGTYPE')) throw error;
    await client.del(key);
    return write();
  }
}
