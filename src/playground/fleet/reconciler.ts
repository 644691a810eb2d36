/** Works off keys one at a time each: the loop that every controller of the fleet stands on. */
import { KcError } from '#errors/kc-error.ts';
import type { Timer } from '#platform/clock.ts';
import { type FleetContext, noteFailure } from './fleet-context.ts';

export interface ReconcilerOptions {
  readonly name: string;
  readonly context: FleetContext;
  /** Level-based; resolves with when to come again, in milliseconds, if at all. */
  readonly reconcile: (key: string) => Promise<number | undefined>;
  /** How long the controller takes to notice, in milliseconds. */
  readonly latencyMs?: number;
}

interface KeyState {
  timer: Timer | undefined;
  dueMs: number;
  running: boolean;
  failures: number;
}

const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 60_000;

/** Keys are de-duplicated; a key that is asked for while it is being worked on is worked on again afterwards. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #keys = new Map<string, KeyState>();
  #stopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Asks for a reconcile of the key after `delayMs`, or sooner where one is due sooner. */
  enqueue(key: string, delayMs = this.#options.latencyMs ?? 0): void {
    if (this.#stopped) return;
    const { clock } = this.#options.context;
    const state = this.#state(key);
    const dueMs = clock.now() + delayMs;
    if (dueMs >= state.dueMs) return;
    state.dueMs = dueMs;
    state.timer?.cancel();
    state.timer = undefined;
    if (!state.running) this.#arm(key, state);
  }

  stop(): void {
    this.#stopped = true;
    for (const state of this.#keys.values()) state.timer?.cancel();
    this.#keys.clear();
  }

  #state(key: string): KeyState {
    let state = this.#keys.get(key);
    if (state === undefined) {
      state = { timer: undefined, dueMs: Infinity, running: false, failures: 0 };
      this.#keys.set(key, state);
    }
    return state;
  }

  #arm(key: string, state: KeyState): void {
    const { clock } = this.#options.context;
    state.timer = clock.after(Math.max(0, state.dueMs - clock.now()), () => {
      state.timer = undefined;
      state.dueMs = Infinity;
      void this.#run(key, state);
    });
  }

  async #run(key: string, state: KeyState): Promise<void> {
    state.running = true;
    const againMs = await this.#attempt(key, state);
    state.running = false;
    if (this.#stopped) return;
    if (againMs !== undefined)
      state.dueMs = Math.min(state.dueMs, this.#options.context.clock.now() + againMs);
    if (state.dueMs < Infinity) this.#arm(key, state);
    else this.#keys.delete(key);
  }

  async #attempt(key: string, state: KeyState): Promise<number | undefined> {
    try {
      const againMs = await this.#options.reconcile(key);
      state.failures = 0;
      return againMs;
    } catch (error) {
      noteFailure(this.#options.context, `${this.#options.name} ${key}`, error);
      if (!(error instanceof KcError)) return undefined;
      state.failures += 1;
      return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(20, state.failures));
    }
  }
}
