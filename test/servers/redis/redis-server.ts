/** A real Redis as a child process, on a port of its own, without persistence. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { eventually } from '../../testenv/processes/eventually.ts';
import { freePort } from '../../testenv/processes/ports.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { ServerProcess } from '../../testenv/processes/server-process.ts';
import { recordRealComponent } from '../../testenv/real-components.ts';

const NAMES = ['redis-server', 'valkey-server'];

function findRedis(): string | undefined {
  const given = process.env['KCLOUD_REDIS'] ?? '';
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = given === '' ? NAMES.flatMap((name) => folders.map((dir) => join(dir, name))) : [given];
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Why no Redis can be had on this machine, or undefined where one can. */
export function whyNoRedis(): string | undefined {
  return findRedis() === undefined
    ? 'there is no redis-server in PATH; `apt-get install redis-server`'
    : undefined;
}

export class RedisServer {
  readonly port: number;
  readonly #directory: string;
  readonly #flags: readonly string[];
  #process: ServerProcess;

  private constructor(directory: string, port: number, flags: readonly string[]) {
    this.#directory = directory;
    this.port = port;
    this.#flags = flags;
    this.#process = this.#spawn();
  }

  /** `flags` as in redis.conf, e.g. `--maxmemory 4mb`. */
  static async start(flags: readonly string[] = []): Promise<RedisServer> {
    const directory = mkdtempSync(join(tmpdir(), 'kcloud-redis-'));
    removeAtExit(directory);
    const server = new RedisServer(directory, await freePort(), flags);
    await server.#untilReady();
    recordRealComponent(`redis ${/redis_version:(\S+)/.exec(await server.ask('INFO server'))?.[1] ?? ''}`);
    return server;
  }

  #spawn(): ServerProcess {
    const command = findRedis();
    if (command === undefined) throw new Error(whyNoRedis());
    const listen = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const args = [...listen, '--dir', this.#directory, ...this.#flags.flatMap((flag) => flag.split(' '))];
    return ServerProcess.start({ name: 'redis', command, args, directory: this.#directory });
  }

  #untilReady(): Promise<unknown> {
    return eventually('Redis to answer', async () => /PONG|NOAUTH/.test(await this.ask('PING')), {
      hopeless: () => (this.#process.running ? undefined : 'it has ended'),
      evidence: () => this.#process.tail(),
    });
  }

  /** One inline command on a connection of its own; returns what came back within a moment, as text. */
  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = createConnection({ host: '127.0.0.1', port: this.port });
      socket.setEncoding('utf8').once('error', reject);
      socket.on('data', (data: string) => {
        answer += data;
      });
      socket.once('close', () => {
        resolve(answer);
      });
      socket.write(`${command}\r\nQUIT\r\n`);
    });
  }

  /** Connections stay open and nothing answers. */
  pause(): void {
    this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  /** As a crash would: what it held is gone. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Starts it again at the same port, empty. */
  async restart(): Promise<void> {
    await this.#process.kill();
    this.#process = this.#spawn();
    await this.#untilReady();
  }

  async stop(): Promise<void> {
    await this.#process.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
