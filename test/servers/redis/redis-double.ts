/** An embedded double of Redis: the few commands that we send, over the real protocol, and every way to misbehave. */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** `silent`: takes commands and answers none. `garbage`: answers what is not the protocol. */
export type Mood = 'well' | 'silent' | 'garbage';

type Command = (args: readonly string[], double: RedisDouble) => string;

const COMMANDS: Readonly<Record<string, Command>> = {
  PING: () => '+PONG\r\n',
  CLIENT: () => '+OK\r\n',
  SELECT: () => '+OK\r\n',
  AUTH: () => '+OK\r\n',
  DEL: ([key = ''], double) => `:${double.data.delete(key) ? '1' : '0'}\r\n`,
  EXPIRE: ([key = ''], double) => `:${double.data.has(key) ? '1' : '0'}\r\n`,
  HGET: ([key = '', field = ''], double) => onHash(double, key, (hash) => bulk(hash?.get(field))),
  HSET: ([key = '', field = '', value = ''], double) =>
    onHash(double, key, (hash = new Map<string, string>()) => {
      double.data.set(key, hash.set(field, value));
      double.written.add(key);
      return ':1\r\n';
    }),
  HDEL: ([key = '', field = ''], double) =>
    onHash(double, key, (hash) => {
      const gone = hash?.delete(field) === true;
      if (hash?.size === 0) double.data.delete(key);
      return `:${gone ? '1' : '0'}\r\n`;
    }),
};

function bulk(value: string | undefined): string {
  return value === undefined ? '$-1\r\n' : `$${String(Buffer.byteLength(value))}\r\n${value}\r\n`;
}

function onHash(double: RedisDouble, key: string, work: (hash?: Map<string, string>) => string): string {
  const held = double.data.get(key);
  if (typeof held !== 'string') return work(held);
  return '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n';
}

export class RedisDouble {
  /** Hashes and plain texts by key. */
  readonly data = new Map<string, Map<string, string> | string>();
  /** Every key that was ever written. */
  readonly written = new Set<string>();
  mood: Mood = 'well';
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
  }

  static async start(): Promise<RedisDouble> {
    const double = new RedisDouble();
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (data: Buffer) => {
      pending = Buffer.concat([pending, data]);
      for (let next = readCommand(pending); next !== undefined; next = readCommand(pending)) {
        pending = pending.subarray(next.end);
        this.#answer(socket, next.words);
      }
    });
  }

  #answer(socket: Socket, [name = '', ...args]: readonly string[]): void {
    if (this.mood === 'silent') return;
    if (this.mood === 'garbage') {
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
      return;
    }
    const command = COMMANDS[name.toUpperCase()];
    socket.write(command === undefined ? `-ERR unknown command '${name}'\r\n` : command(args, this));
  }

  /** Cuts every connection, as a restart of a proxy would. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

/** The first whole command, an array of bulk strings, or undefined where it has not all come yet. */
function readCommand(buffer: Buffer): { readonly words: string[]; readonly end: number } | undefined {
  const head = readNumber(buffer, 0);
  if (head === undefined) return undefined;
  const words: string[] = [];
  let at = head.end;
  while (words.length < head.value) {
    const length = readNumber(buffer, at);
    if (length === undefined || buffer.length < length.end + length.value + 2) return undefined;
    words.push(buffer.toString('utf8', length.end, length.end + length.value));
    at = length.end + length.value + 2;
  }
  return { words, end: at };
}

/** The number behind the type character at `at`, as `*3` or `$5`. */
function readNumber(
  buffer: Buffer,
  at: number,
): { readonly value: number; readonly end: number } | undefined {
  const end = buffer.indexOf('\r\n', at);
  return end < 0 ? undefined : { value: Number(buffer.toString('latin1', at + 1, end)), end: end + 2 };
}
