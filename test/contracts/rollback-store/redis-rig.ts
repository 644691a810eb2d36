/** Connections to a Redis of a test. */
import { RedisConnection } from '#adapters/rollback-store/redis/redis-connection.ts';
import type { RedisSettings } from '#adapters/rollback-store/redis/redis-settings.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { eventually } from '../../testenv/processes/eventually.ts';

/** Begins to connect; nothing needs to listen there yet. */
export function connecting(port: number, settings: Partial<RedisSettings> = {}): Promise<RedisConnection> {
  return RedisConnection.open({
    settings: { host: '127.0.0.1', port, ...settings },
    clock: new SystemClock(),
    logger: silentLogger,
  });
}

export async function connected(
  port: number,
  settings: Partial<RedisSettings> = {},
): Promise<RedisConnection> {
  const connection = await connecting(port, settings);
  await eventually('a connection to Redis', () => connection.connected);
  return connection;
}
