/**
 * One connection to Redis that comes back by itself. Nothing waits for it: while it is down, and for a moment after a
 * command that took too long, commands are refused at once.
 */
import { KcError, messageOf } from '#errors/kc-error.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { RedisSettings } from './redis-settings.ts';

/** The protocol without push messages, which every Redis-compatible server speaks. */
const RESP = 2;

/** What is asked of the library. */
export interface RedisClient {
  readonly isReady: boolean;
  hGet(key: string, field: string): Promise<string | null>;
  hSet(key: string, field: string, value: string): Promise<number>;
  hDel(key: string, field: string): Promise<number>;
  expire(key: string, seconds: number): Promise<number>;
  del(key: string): Promise<number>;
  /** Any command, by its words. */
  sendCommand(words: readonly string[]): Promise<unknown>;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: 'ready' | 'error', listener: (error?: unknown) => void): unknown;
}

const TIMEOUT_MS = 1000;
/** After a timeout: one slow command is enough to know. */
const REST_MS = 5000;
const MAX_RECONNECT_MS = 10_000;
/** A connection whose other end vanished is found out by these. */
const PING_MS = 10_000;
const SILENCE_MS = 15_000;

export interface RedisConnectionParts {
  readonly settings: RedisSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What it means while Redis is down, for people; by default what it means for rollback state. */
  readonly whileDown?: string;
}

export class RedisConnection {
  /** `redis redis.cost-optimizer:6379`, for people. */
  readonly name: string;
  readonly #parts: RedisConnectionParts;
  readonly #client: RedisClient;
  #restUntilMs = 0;
  #connections = 0;
  #lastProblem = 'not connected yet';

  private constructor(client: RedisClient, parts: RedisConnectionParts) {
    this.#client = client;
    this.#parts = parts;
    this.name = `redis ${parts.settings.host}:${String(parts.settings.port)}`;
    this.#watch();
  }

  /** Begins to connect, and keeps at it. The library is loaded only where there is a Redis to speak to. */
  static async open(parts: RedisConnectionParts): Promise<RedisConnection> {
    const { createClient } = await import('@redis/client');
    const client: RedisClient = createClient({ ...clientOptions(parts.settings), RESP });
    const connection = new RedisConnection(client, parts);
    client.connect().catch((error: unknown) => {
      connection.#troubled(error);
    });
    return connection;
  }

  get connected(): boolean {
    return this.#client.isReady;
  }

  /** Grows with every new connection: the server behind it may have forgotten everything. */
  get connections(): number {
    return this.#connections;
  }

  /** Rejects with KC_REDIS_UNAVAILABLE where Redis is down, refuses, or takes too long. */
  async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    const { clock, settings } = this.#parts;
    if (!this.connected || clock.now() < this.#restUntilMs) throw this.#unavailable(this.#lastProblem);
    const timer = new AbortController();
    const timeoutMs = settings.timeoutMs ?? TIMEOUT_MS;
    const timeout = sleep(clock, timeoutMs, timer.signal).then(() => {
      this.#restUntilMs = clock.now() + REST_MS;
      this.#lastProblem = `no answer within ${String(timeoutMs)} ms`;
      throw this.#unavailable(this.#lastProblem);
    });
    try {
      return await Promise.race([work(this.#client), timeout]);
    } catch (error) {
      throw error instanceof KcError ? error : this.#unavailable(messageOf(error), error);
    } finally {
      timer.abort();
      timeout.catch(() => undefined);
    }
  }

  close(): void {
    this.#client.destroy();
  }

  #watch(): void {
    const { logger } = this.#parts;
    this.#client.on('ready', () => {
      this.#connections += 1;
      this.#restUntilMs = 0;
      logger.info('connected to Redis', { redis: this.name });
    });
    this.#client.on('error', (error) => {
      this.#troubled(error);
    });
  }

  /** Said once for each problem, not for each attempt. */
  #troubled(error: unknown): void {
    const problem = messageOf(error);
    if (problem === this.#lastProblem) return;
    this.#lastProblem = problem;
    const { logger, whileDown = 'the ConfigMaps hold the originals' } = this.#parts;
    logger.warn(`Redis is not reachable; ${whileDown}`, { redis: this.name, problem });
  }

  #unavailable(problem: string, cause?: unknown): KcError {
    const { whileDown } = this.#parts;
    const fix = whileDown === undefined ? {} : { fix: `check its address and credentials; ${whileDown}` };
    return new KcError('KC_REDIS_UNAVAILABLE', { object: this.name, problem, cause, ...fix });
  }
}

function clientOptions(settings: RedisSettings) {
  const { host, port, username, password, database = 0, tls = false, authority } = settings;
  const timings = {
    connectTimeout: settings.timeoutMs ?? TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    reconnectStrategy: (retries: number): number => Math.min(100 * 2 ** retries, MAX_RECONNECT_MS),
  };
  const security = tls
    ? { tls, servername: host, ...(authority === undefined ? {} : { ca: authority }) }
    : {};
  return {
    socket: { host, port, ...timings, ...security },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    // A command that cannot be sent now must fail now.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 1000,
    pingInterval: PING_MS,
    maintNotifications: 'disabled' as const,
  };
}
