/** Where the operator keeps originals: sealed in ConfigMaps, in its state file and, where there is one, in Redis. */
import { Gauge, type Registry } from 'prom-client';
import { BackedUpRollbackStore } from '#adapters/rollback-store/backup/backed-up-store.ts';
import { BackupKeeper } from '#adapters/rollback-store/backup/backup-keeper.ts';
import { ConfigMapRollbackStore } from '#adapters/rollback-store/config-map-store.ts';
import { ensureKeyRing } from '#adapters/rollback-store/key-ring.ts';
import { KeyRingWatch } from '#adapters/rollback-store/key-ring-watch.ts';
import { RedisConnection } from '#adapters/rollback-store/redis/redis-connection.ts';
import type { RedisSettings } from '#adapters/rollback-store/redis/redis-settings.ts';
import { RedisRollbackStore } from '#adapters/rollback-store/redis/redis-store.ts';
import { Sealer } from '#adapters/rollback-store/sealer.ts';
import { TwinRollbackStore } from '#adapters/rollback-store/twin-store.ts';
import type { Database } from '#adapters/sqlite/database.ts';
import { SqliteDebts } from '#adapters/state/sqlite-debts.ts';
import { SqliteRollbackStore } from '#adapters/state/sqlite-rollback-store.ts';
import { KEY_SECRET } from '#controllers/cost-optimization/permissions.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { messageOf } from '#errors/kc-error.ts';
import { aborted } from '#kube/transport/linked-abort.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { Manager } from '#runtime/manager/manager.ts';

export interface RollbackStateParts {
  readonly manager: Manager;
  /** Where the key ring is. */
  readonly namespace: string;
  readonly state: Database;
  readonly redis: RedisSettings | undefined;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Makes the key ring where it is missing, and adds to the manager what keeps the stores true. */
export async function rollbackState(parts: RollbackStateParts): Promise<RollbackStore> {
  const { manager, clock, logger, random } = parts;
  const secret = { namespace: parts.namespace, name: KEY_SECRET };
  const client = manager.directClient;
  const sealer = new Sealer(await ensureKeyRing(client, secret, random), random);
  const local = new SqliteRollbackStore(parts.state, sealer);
  // The twin is read only where the ConfigMap fails, and nothing else would move it to a new key.
  const onRotated = (): void => {
    tryTo('seal the second copies anew', logger, () => local.sealAnew());
  };
  onRotated();
  manager.add(new KeyRingWatch({ client, secret, sealer, clock, logger, onRotated }));
  const shared = new ConfigMapRollbackStore(manager.client, sealer);
  const truth = new TwinRollbackStore([shared, local], logger);
  return parts.redis === undefined ? truth : withRedis(parts, parts.redis, { truth, shared, local, sealer });
}

/** A broken state file keeps no operator from starting: it could undo nothing then. */
function tryTo<T>(what: string, logger: Logger, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    logger.warn(`cannot ${what}`, { problem: messageOf(error) });
    return undefined;
  }
}

interface Stores {
  readonly truth: RollbackStore;
  readonly shared: RollbackStore;
  readonly local: SqliteRollbackStore;
  readonly sealer: Sealer;
}

async function withRedis(
  parts: RollbackStateParts,
  settings: RedisSettings,
  { truth, shared, local, sealer }: Stores,
): Promise<RollbackStore> {
  const { manager, clock, logger, registry } = parts;
  const connection = await RedisConnection.open({ settings, clock, logger });
  const debts = new SqliteDebts(parts.state);
  const backup = new RedisRollbackStore(connection, sealer);
  const store = new BackedUpRollbackStore({ truth, shared, backup, debts, logger });
  const epoch = (): string => `${String(connection.connections)}/${sealer.currentKey}`;
  const refresh = store.refresh.bind(store);
  manager.add(new BackupKeeper({ refresh, debts, entries: () => local.list(), epoch, clock, logger }));
  manager.add({
    name: connection.name,
    start: 'at once',
    run: async ({ stop }) => {
      await aborted(stop);
      connection.close();
    },
  });
  registerGauges(registry, connection, () => tryTo('count debts', logger, () => debts.list().length) ?? NaN);
  return store;
}

function registerGauges(registry: Registry, connection: RedisConnection, owed: () => number): void {
  new Gauge({
    name: 'kcloud_rollback_redis_connected',
    help: 'Whether the copy of rollback state in Redis can be reached.',
    registers: [registry],
    collect() {
      this.set(connection.connected ? 1 : 0);
    },
  });
  new Gauge({
    name: 'kcloud_rollback_redis_owed',
    help: 'Stored originals that Redis has not been told of yet.',
    registers: [registry],
    collect() {
      this.set(owed());
    },
  });
}
