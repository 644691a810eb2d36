/** The flags that name sinks, and the sinks that they make. */
import { connectDirectly } from '#adapters/metrics/prometheus/client/connection.ts';
import { RedisConnection } from '#adapters/rollback-store/redis/redis-connection.ts';
import { InfluxSink } from '#adapters/sinks/influx/influx-sink.ts';
import { redisAddress } from '#adapters/sinks/redis/redis-address.ts';
import { RedisStreamSink } from '#adapters/sinks/redis/redis-stream-sink.ts';
import type { Sink } from '#adapters/sinks/sink.ts';
import { DAY_MS } from '#domain/units/duration.ts';
import { KcError } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { readFile } from './flags.ts';

export const sinkFlags = defineFlags({
  'redis-url': { type: 'text', env: ['REDIS_URL'], describe: 'Redis whose stream gets every sample, e.g. redis://redis:6379/0; none where absent' },
  'redis-stream': { type: 'text', default: 'kcloud:power', env: ['REDIS_STREAM'], describe: 'key of the stream' },
  'redis-max-entries': { type: 'number', default: 1_000_000, min: 1, env: ['REDIS_MAX_ENTRIES'], describe: 'about how many entries the stream keeps' },
  'redis-ca-file': { type: 'text', env: ['REDIS_CA_FILE'], describe: 'certificate authority of Redis; those of the system where absent' },
  'influxdb-url': { type: 'text', env: ['INFLUXDB_URL'], describe: 'InfluxDB that gets every sample, e.g. http://influxdb:8086; none where absent' },
  'influxdb-bucket': { type: 'text', default: 'power_metrics', env: ['INFLUXDB_BUCKET'], describe: 'its bucket; a database or database/policy in 1.8' },
  'influxdb-org': { type: 'text', default: 'kcloud', env: ['INFLUXDB_ORG'], describe: 'its organisation' },
  'influxdb-token': { type: 'text', env: ['INFLUXDB_TOKEN'], describe: 'token; better set by the variable or the file. user:password in 1.8' },
  'influxdb-token-file': { type: 'text', env: ['INFLUXDB_TOKEN_FILE'], describe: 'file with the token' },
  'influxdb-ca-file': { type: 'text', env: ['INFLUXDB_CA_FILE'], describe: 'certificate authority of InfluxDB' },
  'sink-timeout-seconds': { type: 'number', default: 10, min: 0.1, max: 300, env: ['SINK_TIMEOUT_SECONDS'], describe: 'how long a sink may take for one batch' },
}); // prettier-ignore

type Values = FlagValues<typeof sinkFlags>;

interface SinkParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long batches may wait; Redis remembers what it has had for longer. */
  readonly maxAgeMs: number;
}

/** Those that the flags name. Throws KC_CONFIG_INVALID; a sink that is down is none of its business. */
export async function sinksOf(values: Values, parts: SinkParts): Promise<readonly Sink[]> {
  const influx = influxSink(values, parts);
  const redis = await redisSink(values, parts);
  return [redis, influx].filter((sink) => sink !== undefined);
}

async function redisSink(values: Values, { clock, logger, maxAgeMs }: SinkParts): Promise<Sink | undefined> {
  const url = values['redis-url'];
  if (url === undefined) return undefined;
  const settings = {
    ...redisAddress(url, 'REDIS_URL'),
    authority: fileOf(values['redis-ca-file'], 'REDIS_CA_FILE'),
    timeoutMs: values['sink-timeout-seconds'] * 1000,
  };
  const whileDown = 'samples wait in the outbox';
  const connection = await RedisConnection.open({ settings, clock, logger, whileDown });
  return new RedisStreamSink(connection, {
    stream: values['redis-stream'],
    maxEntries: Math.floor(values['redis-max-entries']),
    rememberMs: maxAgeMs + DAY_MS,
  });
}

function influxSink(values: Values, { clock }: SinkParts): Sink | undefined {
  const url = values['influxdb-url'];
  if (url === undefined) return undefined;
  const address = influxAddress(url);
  const inAddress = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  const token =
    fileOf(values['influxdb-token-file'], 'INFLUXDB_TOKEN_FILE')?.trim() ?? values['influxdb-token'];
  const ca = fileOf(values['influxdb-ca-file'], 'INFLUXDB_CA_FILE');
  const plain = address.origin + address.pathname.replace(/\/$/, '');
  const { transport, pathPrefix } = connectDirectly({
    url: plain,
    clock,
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  return new InfluxSink({
    address: plain,
    transport,
    pathPrefix,
    bucket: values['influxdb-bucket'],
    org: values['influxdb-org'],
    token: token ?? (address.username === '' ? undefined : inAddress),
    prefix: 'kcloud',
    timeoutMs: values['sink-timeout-seconds'] * 1000,
  });
}

function influxAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  const fix = 'write one such as http://influxdb:8086';
  throw new KcError('KC_CONFIG_INVALID', {
    field: 'INFLUXDB_URL',
    problem: 'is not an http(s) address',
    fix,
  });
}

function fileOf(file: string | undefined, field: string): string | undefined {
  return file === undefined ? undefined : readFile(file, field);
}
