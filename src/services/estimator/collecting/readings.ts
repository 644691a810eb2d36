/**
 * The power of now, shared by all who ask: what was collected last while that is young, else asked of the source, once for
 * all who wait. A source that is down is asked again after a moment, not for every caller.
 */
import type { PowerSnapshot, PowerSource } from '#domain/power/power.ts';
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import { normalise } from './normalise.ts';

export interface ReadingsOptions {
  readonly source: PowerSource;
  readonly clock: Clock;
  /** Counters become watts over this time where nobody says otherwise. */
  readonly windowMs: number;
  /** What was collected longer ago is not the present any more. */
  readonly freshMs: number;
}

/** At least so long, and as long as it took to fail: callers do not all wait for a source that hangs. */
const FAILURE_REMEMBERED_MS = 1_000;
/** Windows that callers ask for besides the usual one. */
const MAX_WINDOWS = 16;

interface Reading {
  readonly snapshot: PowerSnapshot;
  readonly readAtMs: number;
}

interface Failure {
  readonly error: unknown;
  /** Until then nobody asks again. */
  readonly untilMs: number;
}

export class Readings {
  readonly #options: ReadingsOptions;
  /** By window. */
  readonly #readings = new Map<number, Reading>();
  readonly #underWay = new Map<number, Promise<PowerSnapshot>>();
  #failure: Failure | undefined;
  #asked = false;

  constructor(options: ReadingsOptions) {
    this.#options = options;
  }

  get windowMs(): number {
    return this.#options.windowMs;
  }

  get sourceName(): string {
    return this.#options.source.name;
  }

  /** Why the source does not answer; undefined where it did last time. */
  get problem(): unknown {
    return this.#failure?.error;
  }

  /** Whether the source was ever asked. */
  get asked(): boolean {
    return this.#asked;
  }

  /** What is known now without asking anybody. */
  get last(): PowerSnapshot | undefined {
    return this.#readings.get(this.windowMs)?.snapshot;
  }

  /** Rejects with KC_METRICS_UNAVAILABLE where the source is down. */
  async current(windowMs: number = this.windowMs): Promise<PowerSnapshot> {
    const { clock, freshMs } = this.#options;
    const known = this.#readings.get(windowMs);
    if (known !== undefined && this.#failure === undefined && clock.now() - known.readAtMs <= freshMs) {
      return known.snapshot;
    }
    return this.read(clock.now(), windowMs);
  }

  /** Asks the source for the power at a time. */
  async read(atMs: number, windowMs: number = this.windowMs): Promise<PowerSnapshot> {
    const failure = this.#failure;
    if (failure !== undefined && this.#options.clock.now() < failure.untilMs) throw failure.error;
    const waiting = this.#underWay.get(windowMs);
    if (waiting !== undefined) return waiting;
    const reading = this.#ask(atMs, windowMs).finally(() => this.#underWay.delete(windowMs));
    this.#underWay.set(windowMs, reading);
    return reading;
  }

  async #ask(atMs: number, windowMs: number): Promise<PowerSnapshot> {
    const { source, clock } = this.#options;
    const startMs = clock.now();
    try {
      const snapshot = normalise(await source.current({ atMs, windowMs }));
      this.#failure = undefined;
      this.#remember(windowMs, { snapshot, readAtMs: clock.now() });
      return snapshot;
    } catch (error) {
      const nowMs = clock.now();
      const untilMs = nowMs + Math.max(FAILURE_REMEMBERED_MS, nowMs - startMs);
      this.#failure = { error: asUnavailable(error, source.name), untilMs };
      throw this.#failure.error;
    } finally {
      this.#asked = true;
    }
  }

  #remember(windowMs: number, reading: Reading): void {
    this.#readings.delete(windowMs);
    this.#readings.set(windowMs, reading);
    for (const other of this.#readings.keys()) {
      if (this.#readings.size <= MAX_WINDOWS) return;
      if (other !== this.windowMs) this.#readings.delete(other);
    }
  }
}

/** Whatever keeps a source from answering is not the caller's fault, and no defect of the answer. */
function asUnavailable(error: unknown, object: string): unknown {
  if (error instanceof KcError) return error;
  return new KcError('KC_METRICS_UNAVAILABLE', {
    object,
    problem: `it cannot be read (${messageOf(error)})`,
    cause: error,
  });
}
