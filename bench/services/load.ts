/** Closed-loop load: so many connections, each of which sends the next request when it has its answer. */
import { connect, type Socket } from 'node:net';

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly answers: number;
  /** Answers that were not 200. */
  readonly refusals: number;
}

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

export interface LoadOptions {
  readonly url: string;
  readonly request: LoadRequest;
  readonly connections: number;
  readonly durationMs: number;
}

export async function load({ url, request, connections, durationMs }: LoadOptions): Promise<LoadResult> {
  const { hostname, port } = new URL(url);
  const bytes = bytesOf(request, hostname);
  const latencies: number[] = [];
  let refusals = 0;
  const startMs = performance.now();
  const loops = Array.from({ length: connections }, async () => {
    const client = await Client.open(hostname, Number(port));
    while (performance.now() - startMs < durationMs) {
      const sentMs = performance.now();
      if ((await client.ask(bytes)) !== 200) refusals += 1;
      latencies.push(performance.now() - sentMs);
    }
    client.close();
  });
  await Promise.all(loops);
  const seconds = (performance.now() - startMs) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN;
  return {
    perSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    answers: latencies.length,
    refusals,
  };
}

function bytesOf({ method, path, body }: LoadRequest, host: string): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = [`${method} ${path} HTTP/1.1`, `host: ${host}`];
  if (text !== '')
    headers.push('content-type: application/json', `content-length: ${String(Buffer.byteLength(text))}`);
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${text}`);
}

/** As little of a client as can be, so that the load weighs less than what it measures. */
class Client {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #answered: ((status: number) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data: Buffer) => {
      this.#pending = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
      this.#read();
    });
  }

  static open(host: string, port: number): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true }, () => {
        resolve(new Client(socket));
      });
      socket.once('error', reject);
    });
  }

  /** Resolves with the status when the whole answer is there. */
  ask(bytes: Buffer): Promise<number> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.write(bytes);
    });
  }

  #read(): void {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#pending.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#pending.length < end + 4 + length) return;
    this.#pending = this.#pending.subarray(end + 4 + length);
    this.#answered?.(Number(head.slice(9, 12)));
  }

  close(): void {
    this.#socket.destroy();
  }
}
