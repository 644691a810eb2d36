/** The flags that name a Redis, and the settings they make. */
import { readFileSync } from 'node:fs';
import type { RedisSettings } from '#adapters/rollback-store/redis/redis-settings.ts';
import { KcError } from '#errors/kc-error.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';

export const redisFlags = defineFlags({
  'redis-host': { type: 'text', env: ['REDIS_HOST'], describe: 'Redis that keeps a further copy of rollback state; none where absent' },
  'redis-port': { type: 'number', default: 6379, min: 1, max: 65535, env: ['REDIS_PORT'], describe: 'its port' },
  'redis-username': { type: 'text', env: ['REDIS_USERNAME'], describe: 'user, where Redis has users' },
  'redis-password': { type: 'text', env: ['REDIS_PASSWORD'], describe: 'password; better set by the variable or the file' },
  'redis-password-file': { type: 'text', env: ['REDIS_PASSWORD_FILE'], describe: 'file with the password' },
  'redis-database': { type: 'number', default: 0, min: 0, max: 1023, env: ['REDIS_DATABASE'], describe: 'number of the database' },
  'redis-tls': { type: 'switch', env: ['REDIS_TLS'], describe: 'connect with TLS' },
  'redis-ca-file': { type: 'text', env: ['REDIS_CA_FILE'], describe: 'certificate authority of Redis; those of the system where absent' },
  'redis-timeout-ms': { type: 'number', default: 1000, min: 10, max: 60_000, env: ['REDIS_TIMEOUT_MS'], describe: 'how long a command may take' },
}); // prettier-ignore

/** Undefined where no Redis is named. Throws KC_CONFIG_INVALID for a file that cannot be read. */
export function redisSettings(values: FlagValues<typeof redisFlags>): RedisSettings | undefined {
  const host = values['redis-host'];
  if (host === undefined) return undefined;
  return {
    host,
    port: values['redis-port'],
    username: values['redis-username'],
    password:
      read(values['redis-password-file'], '--redis-password-file')?.trim() ?? values['redis-password'],
    database: values['redis-database'],
    tls: values['redis-tls'],
    authority: read(values['redis-ca-file'], '--redis-ca-file'),
    timeoutMs: values['redis-timeout-ms'],
  };
}

function read(file: string | undefined, field: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KcError('KC_CONFIG_INVALID', { object: file, field, problem: 'cannot be read', cause: error });
  }
}
