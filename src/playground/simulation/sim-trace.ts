/** What happened in a simulation, and a hash that proves two runs the same. */
import { type Hash, createHash } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';

export interface SimTraceOptions {
  /** How many of the last lines are kept for reading; the hash covers all of them. */
  readonly keepLines?: number;
}

/** An append-only log in virtual time. */
export class SimTrace {
  readonly #clock: Clock;
  readonly #hash: Hash = createHash('sha256');
  readonly #keepLines: number;
  #lines: string[] = [];
  #count = 0;

  constructor(clock: Clock, options: SimTraceOptions = {}) {
    this.#clock = clock;
    this.#keepLines = options.keepLines ?? 10_000;
  }

  /** How many lines were recorded. */
  get count(): number {
    return this.#count;
  }

  record(source: string, text: string): void {
    const line = `${this.#clock.now()} ${source} ${text}`;
    this.#hash.update(line).update('\n');
    this.#count += 1;
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#keepLines) this.#lines = this.#lines.slice(-this.#keepLines);
  }

  /** The hash of everything recorded so far, as hexadecimal text. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** The last lines: `<ms since epoch> <source> <text>`. */
  tail(lines = this.#keepLines): readonly string[] {
    return this.#lines.slice(-lines);
  }
}
