/**
 * A process that can be killed. It has its own view of time and network; once it is dead no timer of it fires,
 * no answer reaches it, and what it had in flight may or may not have arrived, as when a machine loses power.
 */
import type { Clock } from '#platform/clock.ts';
import { LinkedAbort } from '#kube/transport/linked-abort.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { TimerGroup } from './timer-group.ts';

/** Where a process dies: around its `write`-th write (1 is the first), before it is sent or after it took effect. */
export interface CrashPoint {
  readonly write: number;
  readonly when: 'before' | 'after';
}

export interface SimulatedProcessOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly crashAt?: CrashPoint;
  /** Which requests count as writes; default: all but GET. */
  readonly isWrite?: (request: WireRequest) => boolean;
  /** Called once, when the process dies. */
  readonly onCrash?: (reason: string) => void;
}

/** Time and network of one process. Give `clock` and `transport` to the code that shall run in it. */
export class SimulatedProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly #options: SimulatedProcessOptions;
  readonly #timers: TimerGroup;
  readonly #death = new AbortController();
  /** What is being read; a set, since a long life reads many. */
  readonly #streams = new Set<LinkedAbort>();
  #writes = 0;

  constructor(options: SimulatedProcessOptions) {
    this.#options = options;
    this.#timers = new TimerGroup(options.clock);
    this.name = options.name;
    this.clock = {
      now: () => options.clock.now(),
      after: (ms, callback) =>
        this.#isDead() ? { cancel: () => undefined } : this.#timers.after(ms, callback),
    };
    this.transport = { send: (request) => this.#send(request) };
  }

  get alive(): boolean {
    return !this.#isDead();
  }

  /** How many writes were sent. */
  get writes(): number {
    return this.#writes;
  }

  /** Kills the process; idempotent. */
  crash(reason: string): void {
    if (!this.alive) return;
    const death = new Error(`${this.name} crashed: ${reason}`);
    this.#death.abort(death);
    this.#timers.cancelAll();
    for (const stream of this.#streams) stream.abort(death);
    this.#streams.clear();
    this.#options.onCrash?.(reason);
  }

  async #send(request: WireRequest): Promise<WireResponse> {
    if (this.#isDead()) return never();
    const isWrite = this.#options.isWrite?.(request) ?? request.method !== 'GET';
    const write = isWrite ? this.#writes + 1 : undefined;
    this.#crashIf({ write, when: 'before' });
    if (this.#isDead()) return never();
    if (write !== undefined) this.#writes = write;
    const stream = request.stream === true ? this.#openStream(request.signal) : undefined;
    const sent = stream === undefined ? request : { ...request, signal: stream.signal };
    const response = await this.#whileAlive(this.#options.transport.send(sent));
    this.#crashIf({ write, when: 'after' });
    return this.#isDead() ? never() : this.#gated(response, () => { this.#close(stream); }); // prettier-ignore
  }

  /** A method, so that the compiler does not remember an answer that a crash changes. */
  #isDead(): boolean {
    return this.#death.signal.aborted;
  }

  #crashIf(point: { readonly write: number | undefined; readonly when: CrashPoint['when'] }): void {
    const { crashAt } = this.#options;
    if (point.write === undefined || crashAt?.write !== point.write || crashAt.when !== point.when) return;
    this.crash(`${point.when} write ${point.write}`);
  }

  /** A stream dies with its reader; a single request that is on its way is not called back. */
  #openStream(signal: AbortSignal | undefined): LinkedAbort {
    const stream = new LinkedAbort(signal);
    this.#streams.add(stream);
    return stream;
  }

  #close(stream: LinkedAbort | undefined): void {
    if (stream === undefined) return;
    stream.release();
    this.#streams.delete(stream);
  }

  #gated(response: WireResponse, onEnd: () => void): WireResponse {
    return {
      status: response.status,
      headers: response.headers,
      text: () => this.#whileAlive(response.text()),
      chunks: () => this.#gatedChunks(response.chunks(), onEnd),
    };
  }

  async *#gatedChunks(chunks: AsyncIterable<string>, onEnd: () => void): AsyncGenerator<string> {
    const iterator = chunks[Symbol.asyncIterator]();
    try {
      for (;;) {
        const result = await this.#whileAlive(iterator.next());
        if (result.done === true) return;
        yield result.value;
      }
    } finally {
      onEnd();
      await iterator.return?.();
    }
  }

  /** The outcome, for as long as there is someone to see it. */
  async #whileAlive<T>(promise: Promise<T>): Promise<T> {
    try {
      const value = await promise;
      return this.alive ? value : await never();
    } catch (error) {
      if (this.alive) throw error;
      return never();
    }
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
