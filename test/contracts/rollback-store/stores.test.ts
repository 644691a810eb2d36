/** One contract for every store: ConfigMaps on both API servers, SQLite, Redis embedded and real, and all in one. */
import { beforeAll, describe } from 'vitest';
import { BackedUpRollbackStore } from '#adapters/rollback-store/backup/backed-up-store.ts';
import { ConfigMapRollbackStore } from '#adapters/rollback-store/config-map-store.ts';
import { RedisRollbackStore } from '#adapters/rollback-store/redis/redis-store.ts';
import { TwinRollbackStore } from '#adapters/rollback-store/twin-store.ts';
import { SqliteDebts } from '#adapters/state/sqlite-debts.ts';
import { SqliteRollbackStore } from '#adapters/state/sqlite-rollback-store.ts';
import { openStateDatabase } from '#adapters/state/state-database.ts';
import { silentLogger } from '#platform/logger.ts';
import { RedisDouble } from '../../servers/redis/redis-double.ts';
import { RedisServer, whyNoRedis } from '../../servers/redis/redis-server.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { newSealer } from './entries.ts';
import { connected } from './redis-rig.ts';
import { rollbackStoreContract } from './store-contract.ts';

describeTargets('rollback entries in ConfigMaps', (target) => {
  rollbackStoreContract(() => new ConfigMapRollbackStore(target().client, newSealer()));
});

describe('rollback entries in SQLite', () => {
  const store = new SqliteRollbackStore(openStateDatabase(':memory:'), newSealer());
  rollbackStoreContract(() => store);
});

interface Started {
  readonly port: number;
  stop(): Promise<void>;
}

function describeRedis(title: string, start: () => Promise<Started>): void {
  describe(title, () => {
    let store: RedisRollbackStore;
    beforeAll(async () => {
      const server = await start();
      const connection = await connected(server.port);
      store = new RedisRollbackStore(connection, newSealer());
      return async () => {
        connection.close();
        await server.stop();
      };
    });
    rollbackStoreContract(() => store);
  });

  describe(`${title} behind SQLite`, () => {
    let store: BackedUpRollbackStore;
    beforeAll(async () => {
      const server = await start();
      const connection = await connected(server.port);
      const [state, sealer] = [openStateDatabase(':memory:'), newSealer()];
      const first = new SqliteRollbackStore(openStateDatabase(':memory:'), sealer);
      const truth = new TwinRollbackStore([first, new SqliteRollbackStore(state, sealer)], silentLogger);
      const backup = new RedisRollbackStore(connection, sealer);
      const debts = new SqliteDebts(state);
      store = new BackedUpRollbackStore({ truth, backup, debts, logger: silentLogger });
      return async () => {
        connection.close();
        await server.stop();
      };
    });
    rollbackStoreContract(() => store);
  });
}

describeRedis('rollback entries in the embedded double of Redis', () => RedisDouble.start());

const REAL = 'rollback entries in a real Redis';
if (skipReason(REAL, whyNoRedis()) === undefined) describeRedis(REAL, () => RedisServer.start());
else describe.skip(REAL, () => undefined);
