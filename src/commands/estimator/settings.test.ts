import { describe, expect, it } from 'vitest';
import { silentLogger } from '#platform/logger.ts';
import { estimatorCommand } from './command.ts';

async function start(env: Readonly<Record<string, string>>): Promise<number> {
  const terminal = { interactive: false, columns: 80, write: () => undefined, note: () => undefined };
  const signal = AbortSignal.abort(new Error('it must not get so far'));
  return estimatorCommand.run([], { env, terminal, logger: silentLogger, signal });
}

const WRONG: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    'an interval',
    { POWER_METRICS_INTERVAL: 'often' },
    /POWER_METRICS_INTERVAL: must be a number from 1 to 3600/,
  ],
  ['an address of Prometheus', { POWER_PROMETHEUS_URL: 'prometheus:9090' }, /is not an http\(s\) address/],
  ['a price of electricity', { ELECTRICITY_RATE: '-1' }, /ELECTRICITY_RATE: must be a number from 0/],
  ['a cooling factor', { COOLING_FACTOR: 'NaN' }, /COOLING_FACTOR/],
  ['a PUE', { COOLING_MODE: 'pue', PUE: '0.9' }, /PUE: must be a number from 1/],
  ['a cooling mode', { COOLING_MODE: 'ice' }, /COOLING_MODE.*seed, pue/],
  ['a price of carbon', { CARBON_RATE: 'x' }, /CARBON_RATE/],
  ['an address of Redis', { REDIS_URL: 'localhost:6379' }, /REDIS_URL.*redis:\/\/redis:6379\/0/],
  ['an address of InfluxDB', { INFLUXDB_URL: 'influxdb' }, /INFLUXDB_URL.*http:\/\/influxdb:8086/],
  ['a window', { POWER_WINDOW: '1s' }, /POWER_WINDOW.*30s to 1h/],
  ['a carbon table', { CARBON_TABLE: '/nonexistent.csv' }, /nonexistent.csv/],
  ['two carbon intensities', { CARBON_TABLE: 'x.csv', CARBON_INTENSITY: '0.4' }, /CARBON_/],
  ['a way to authenticate', { AUTHENTICATION: 'maybe' }, /AUTHENTICATION.*none, token-review/],
];

describe('the estimator', () => {
  it.each(WRONG)(
    'refuses to start with %s that cannot be used, naming the variable',
    async (_what, env, message) => {
      await expect(start(env)).rejects.toThrow(message);
    },
  );
});
