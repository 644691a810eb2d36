/**
 * One life of a process inside another. A simulator gives a manager the transport and the clock of a Mortal; `kill` is
 * then what SIGKILL is to a real process: no further line of its code has any effect or, where it waits, runs.
 */
import { LinkedAbort } from '#kube/transport/linked-abort.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import type { Clock, Timer } from '#platform/clock.ts';

export class Mortal {
  readonly #death = new AbortController();
  readonly transport: Transport;
  readonly clock: Clock;

  constructor(world: { readonly transport: Transport; readonly clock: Clock }) {
    const death = this.#death.signal;
    this.transport = { send: (request) => send(world.transport, request, death) };
    this.clock = {
      now: () => world.clock.now(),
      after: (ms, callback) => after(world.clock, { ms, callback, death }),
    };
  }

  get alive(): boolean {
    return !this.#death.signal.aborted;
  }

  /** Ends this life: connections break, timers never fire, no answer arrives any more. */
  kill(): void {
    this.#death.abort(new Error('killed'));
  }
}

/** Never settles: who waits for it has died. */
function forever(): Promise<never> {
  return new Promise(() => undefined);
}

async function send(inner: Transport, request: WireRequest, death: AbortSignal): Promise<WireResponse> {
  if (isDead(death)) return forever();
  const abort = new LinkedAbort(request.signal, death);
  try {
    const response = await inner.send({ ...request, signal: abort.signal });
    return isDead(death) ? await forever() : mortalResponse(response, { death, abort });
  } catch (error) {
    abort.release();
    if (isDead(death)) return forever();
    throw error;
  }
}

function mortalResponse(
  response: WireResponse,
  life: { readonly death: AbortSignal; readonly abort: LinkedAbort },
): WireResponse {
  return {
    status: response.status,
    headers: response.headers,
    text: async () => {
      const text = await response.text();
      life.abort.release();
      return isDead(life.death) ? forever() : text;
    },
    chunks: () => mortalChunks(response, life),
  };
}

async function* mortalChunks(
  response: WireResponse,
  life: { readonly death: AbortSignal; readonly abort: LinkedAbort },
): AsyncGenerator<string> {
  try {
    for await (const chunk of response.chunks()) {
      if (isDead(life.death)) await forever();
      yield chunk;
    }
  } catch (error) {
    if (isDead(life.death)) await forever();
    throw error;
  } finally {
    life.abort.release();
  }
  if (isDead(life.death)) await forever();
}

function after(
  clock: Clock,
  task: { readonly ms: number; readonly callback: () => void; readonly death: AbortSignal },
): Timer {
  if (task.death.aborted) return { cancel: () => undefined };
  const onDeath = (): void => {
    timer.cancel();
  };
  const timer = clock.after(task.ms, () => {
    task.death.removeEventListener('abort', onDeath);
    task.callback();
  });
  task.death.addEventListener('abort', onDeath, { once: true });
  return {
    cancel: () => {
      task.death.removeEventListener('abort', onDeath);
      timer.cancel();
    },
  };
}

/** A call, so that the compiler does not take an earlier answer for granted. */
function isDead(death: AbortSignal): boolean {
  return death.aborted;
}
