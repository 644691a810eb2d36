/** Bad networks and bad clocks, for the tests of leader election. */
import { KcError } from '#errors/kc-error.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { type Clock, type Timer, abortReason } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';

/** A clock that is off, runs too fast or too slow, and can jump. Timers follow its rate, not its jumps. */
export class SkewedClock implements Clock {
  readonly #base: Clock;
  readonly #rate: number;
  readonly #startMs: number;
  #offsetMs: number;

  constructor(base: Clock, options: { readonly offsetMs?: number; readonly rate?: number } = {}) {
    this.#base = base;
    this.#rate = options.rate ?? 1;
    this.#offsetMs = options.offsetMs ?? 0;
    this.#startMs = base.now();
  }

  now(): number {
    return this.#startMs + this.#offsetMs + (this.#base.now() - this.#startMs) * this.#rate;
  }

  after(ms: number, callback: () => void): Timer {
    return this.#base.after(ms / this.#rate, callback);
  }

  jump(ms: number): void {
    this.#offsetMs += ms;
  }
}

/** Chances, 0–1, and the longest delay of a call on its way there and of its answer on its way back. */
export interface Faults {
  readonly lose?: number;
  readonly loseAnswer?: number;
  readonly delayMs?: number;
}

/** A network that loses calls, loses answers and delivers late; a call given up by the sender arrives nevertheless. */
export class FaultyTransport implements Transport {
  faults: Faults = {};
  readonly #inner: Transport;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(inner: Transport, clock: Clock, random: Random) {
    this.#inner = inner;
    this.#clock = clock;
    this.#random = random;
  }

  send(request: WireRequest): Promise<WireResponse> {
    const { signal, timeoutMs, ...onTheWire } = request;
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => { reject(abortReason(signal)); }, { once: true }); // prettier-ignore
      this.#clock.after(timeoutMs ?? 60_000, () => {
        reject(new KcError('KC_API_UNREACHABLE', { problem: 'timed out' }));
      });
      void this.#travel(onTheWire).then((answer) => {
        if (answer !== undefined) resolve(answer);
      }, reject);
    });
  }

  async #travel(request: WireRequest): Promise<WireResponse | undefined> {
    const { lose = 0, loseAnswer = 0 } = this.faults;
    if (this.#random.next() < lose) return undefined;
    await this.#delay();
    const answer = await this.#inner.send(request);
    if (this.#random.next() < loseAnswer) return undefined;
    await this.#delay();
    return answer;
  }

  async #delay(): Promise<void> {
    const ms = this.#random.next() * (this.faults.delayMs ?? 0);
    if (ms > 0) await new Promise<void>((resolve) => { this.#clock.after(ms, resolve); }); // prettier-ignore
  }
}
