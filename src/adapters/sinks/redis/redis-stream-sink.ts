/** Samples as entries of a Redis stream. Each group of samples of a time is added once, whoever sends it how often. */
import type { RedisConnection } from '#adapters/rollback-store/redis/redis-connection.ts';
import { groupsOf, type PowerSample, type SampleBatch } from '../sample-batch.ts';
import type { Sink } from '../sink.ts';

export interface RedisStreamOptions {
  /** The key of the stream, e.g. `kcloud:power`. */
  readonly stream: string;
  /** About how many entries the stream keeps (`MAXLEN ~`). */
  readonly maxEntries: number;
  /** How long a group of samples is known as added; longer than any outbox keeps batches. */
  readonly rememberMs: number;
}

/**
 * KEYS: stream, sorted set of the groups that it has had. ARGV: group, its time, the time before which groups are
 * forgotten, MAXLEN, then for each entry the number of its words and the words. The entries come before the note that
 * they are there: an error in between repeats rather than loses them.
 */
const ADD_ONCE = `
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
local at, added = 5, 0
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', unpack(ARGV, at + 1, at + words))
  at, added = at + words + 1, added + 1
end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[3])
return added`;

export class RedisStreamSink implements Sink {
  readonly name = 'redis';
  readonly #redis: RedisConnection;
  readonly #options: RedisStreamOptions;

  constructor(redis: RedisConnection, options: RedisStreamOptions) {
    this.#redis = redis;
    this.#options = options;
  }

  get address(): string {
    return this.#redis.name;
  }

  async write(batch: SampleBatch): Promise<void> {
    for (const [group, samples] of groupsOf(batch)) await this.#addOnce(batch.atMs, group, samples);
  }

  async #addOnce(atMs: number, group: string, samples: readonly PowerSample[]): Promise<void> {
    const { stream, maxEntries, rememberMs } = this.#options;
    const entries = samples.flatMap((sample) => {
      const words = wordsOf(atMs, sample);
      return [String(words.length), ...words];
    });
    const head = [`${String(atMs)}/${group}`, atMs, atMs - rememberMs, maxEntries].map(String);
    const command = ['EVAL', ADD_ONCE, '2', stream, seenKey(stream), ...head, ...entries];
    await this.#redis.run((client) => client.sendCommand(command));
  }

  close(): void {
    this.#redis.close();
  }
}

/** On the same slot of a Redis Cluster as the stream itself. */
function seenKey(stream: string): string {
  return stream.includes('{') ? `${stream}:seen` : `{${stream}}:seen`;
}

/** Names and values in turn; `key` lets a consumer tell an entry that it has seen. */
function wordsOf(atMs: number, { kind, tags, fields }: PowerSample): string[] {
  const key = [String(atMs), kind, ...Object.values(tags)].join('/');
  const all = { key, kind, at_ms: atMs, ...tags, ...fields };
  return Object.entries(all).flatMap(([name, value]) => [name, String(value)]);
}
