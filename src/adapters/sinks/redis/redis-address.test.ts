import { describe, expect, it } from 'vitest';
import { redisAddress } from './redis-address.ts';

describe('an address of Redis', () => {
  it('is read as the seed writes it, and with all that an address may say', () => {
    expect(redisAddress('redis://localhost:6379', 'REDIS_URL')).toMatchObject({
      host: 'localhost',
      port: 6379,
      database: 0,
      tls: false,
      password: undefined,
    });
    expect(redisAddress('rediss://me:p%40ss@[::1]/3', 'REDIS_URL')).toEqual({
      host: '::1',
      port: 6379,
      username: 'me',
      password: 'p@ss',
      database: 3,
      tls: true,
    });
  });

  it.each(['localhost:6379', 'http://redis', 'redis://', 'redis://host/zero', ''])(
    'that is none, as in "%s", names the variable and the remedy',
    (text) => {
      expect(() => redisAddress(text, 'REDIS_URL')).toThrow(
        /REDIS_URL.*redis:\/\/redis:6379\/0.*KC_CONFIG_INVALID/,
      );
    },
  );
});
