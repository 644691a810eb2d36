/** `redis://user:password@host:6379/0` and `rediss://…` (TLS) as settings; IANA names both schemes. */
import type { RedisSettings } from '#adapters/rollback-store/redis/redis-settings.ts';
import { KcError } from '#errors/kc-error.ts';

const DEFAULT_PORT = 6379;

/** Throws KC_CONFIG_INVALID, naming the field and never the password. */
export function redisAddress(text: string, field: string): RedisSettings {
  const url = parseAddress(text, field);
  const decoded = (part: string): string | undefined => (part === '' ? undefined : decodeURIComponent(part));
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    username: decoded(url.username),
    password: decoded(url.password),
    database: Number(url.pathname.slice(1)),
    tls: url.protocol === 'rediss:',
  };
}

function parseAddress(text: string, field: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const known = ['redis:', 'rediss:'].includes(url?.protocol ?? '');
  if (url !== undefined && known && url.hostname !== '' && /^\/?\d{0,4}$/.test(url.pathname)) return url;
  const problem = 'is not an address of Redis';
  throw new KcError('KC_CONFIG_INVALID', { field, problem, fix: 'write one such as redis://redis:6379/0' });
}
