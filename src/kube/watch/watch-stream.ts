/**
 * One watch request, read to its end. A connection can die without a word (a NAT that forgets, a load balancer
 * that hangs); a stream that is silent for longer than a healthy server ever is counts as dead.
 */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';
import type { Clock, Timer } from '#platform/clock.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { WatchOptions } from '../client/options.ts';
import type { ResourceType } from '../client/resource-type.ts';
import { LinkedAbort } from '../transport/linked-abort.ts';
import { LineSplitter, type WatchEvent, parseWatchEvent } from './watch-event.ts';

export interface WatchCall<T extends KubeObject> {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly type: ResourceType<T>;
  readonly options: WatchOptions;
  /** Called for each event in order. What it throws ends the stream. */
  readonly onEvent: (event: WatchEvent<T>) => void;
  /** The longest silence of a live stream, asked anew each time: bookmarks shorten it. */
  readonly silenceLimitMs: () => number;
}

/**
 * Resolves when the server ends the stream in order. Rejects with what `parseWatchEvent` or `onEvent` throws, with
 * KC_API_UNREACHABLE where the connection breaks or falls silent, and with the signal's reason where aborted.
 */
export async function runWatch<T extends KubeObject>(call: WatchCall<T>): Promise<void> {
  const abort = new LinkedAbort(call.options.signal);
  const guard = new SilenceGuard(call, abort);
  try {
    const response = await call.client.watch(call.type, { ...call.options, signal: abort.signal });
    const splitter = new LineSplitter();
    for await (const chunk of response.chunks()) {
      for (const line of splitter.push(chunk)) call.onEvent(parseWatchEvent(line) as WatchEvent<T>);
      guard.heard();
      if (abort.signal.aborted) break;
    }
    abort.signal.throwIfAborted();
  } finally {
    guard.stop();
    abort.abort(new Error('the watch is over'));
    abort.release();
  }
}

/** Aborts the stream when nothing was heard for too long. One timer per limit, not one per event. */
class SilenceGuard {
  readonly #call: GuardedCall;
  readonly #abort: LinkedAbort;
  #heardAtMs: number;
  #armedForMs = Infinity;
  #timer: Timer | undefined;

  constructor(call: GuardedCall, abort: LinkedAbort) {
    this.#call = call;
    this.#abort = abort;
    this.#heardAtMs = call.clock.now();
    this.heard();
  }

  heard(): void {
    this.#heardAtMs = this.#call.clock.now();
    const limitMs = this.#call.silenceLimitMs();
    if (limitMs < this.#armedForMs) this.#arm(limitMs, limitMs);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #arm(ms: number, limitMs: number): void {
    this.#timer?.cancel();
    this.#armedForMs = limitMs;
    this.#timer = this.#call.clock.after(ms, () => {
      this.#check();
    });
  }

  #check(): void {
    const limitMs = this.#call.silenceLimitMs();
    const silentMs = this.#call.clock.now() - this.#heardAtMs;
    if (silentMs < limitMs) {
      this.#arm(limitMs - silentMs, limitMs);
      return;
    }
    const problem = `the watch of ${this.#call.type.plural} was silent for ${String(Math.round(silentMs / 1000))} s`;
    this.#abort.abort(new KcError('KC_API_UNREACHABLE', { problem }));
  }
}

type GuardedCall = Pick<WatchCall<KubeObject>, 'clock' | 'silenceLimitMs' | 'type'>;
