/** One watch stream with faults: its lines pass through here on their way to the client. */
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import { Channel } from './channel.ts';
import { expiredLine } from './fault-answers.ts';
import type { WatchFaults } from './fault-plan.ts';
import { TimerGroup } from './timer-group.ts';

const DEFAULT_STALE_MS = 5000;
const DEFAULT_LIE_EXPIRES_MS = 60_000;
/** A held-back line goes out by itself where no successor comes. */
const REORDER_WAIT_MS = 1000;

export interface FaultyWatchOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: WatchFaults;
  /** Whether faults strike now; outside of their window the stream is left alone. */
  readonly active: () => boolean;
  /** Notes a fault in the trace. */
  readonly note: (text: string) => void;
  /** Ends the server's side. */
  readonly abort: () => void;
  /** What a broken connection throws. */
  readonly broken: () => Error;
}

/** Feeds a channel from the server's lines. */
export class FaultyWatch {
  readonly channel: Channel<string>;
  readonly #options: FaultyWatchOptions;
  readonly #timers: TimerGroup;
  /** Lines whose time has not come; while there are any, later ones must queue behind them. */
  #queued = 0;
  #releaseAtMs = 0;
  #heldBack: string | undefined;
  #doomed = false;

  constructor(options: FaultyWatchOptions) {
    this.#options = options;
    this.#timers = new TimerGroup(options.clock);
    this.channel = new Channel<string>(() => { this.#close(); }); // prettier-ignore
    if (options.faults.dropAfterMs !== undefined) this.#planDrop(options.faults.dropAfterMs);
  }

  /** Reads the server's stream to its end. Never rejects: the client sees every error in its channel. */
  async pump(chunks: AsyncIterable<string>): Promise<void> {
    try {
      for await (const line of linesOf(chunks)) this.#take(line);
      this.#flush();
      this.#timers.after(this.#delayMs(), () => { this.#finish(() => { this.channel.end(); }); }); // prettier-ignore
    } catch (error) {
      this.#finish(() => { this.channel.fail(error); }); // prettier-ignore
    }
  }

  /** The connection breaks now. */
  break(why: string): void {
    this.#options.note(`watch broken: ${why}`);
    this.#finish(() => { this.channel.fail(this.#options.broken()); }); // prettier-ignore
  }

  #take(line: string): void {
    const { faults } = this.#options;
    const isEvent = !line.startsWith('{"type":"BOOKMARK"') && !line.startsWith('{"type":"ERROR"');
    if (isEvent && this.#strikes(faults.lose)) {
      this.#lie('lost');
    } else if (isEvent && this.#heldBack === undefined && this.#strikes(faults.reorder)) {
      this.#holdBack(line);
    } else {
      if (this.#strikes(faults.stale)) this.#stall();
      this.#deliver(line);
      if (isEvent && this.#strikes(faults.duplicate)) this.#deliver(line);
      this.#flush();
    }
  }

  #strikes(share: number | undefined): boolean {
    if (share === undefined || share === 0 || !this.#options.active()) return false;
    return this.#options.random.next() < share;
  }

  #holdBack(line: string): void {
    this.#lie('reordered');
    this.#heldBack = line;
    this.#timers.after(REORDER_WAIT_MS, () => { this.#flush(); }); // prettier-ignore
  }

  /** Delivers the line that was held back, if any. */
  #flush(): void {
    const line = this.#heldBack;
    this.#heldBack = undefined;
    if (line !== undefined) this.#deliver(line);
  }

  #stall(): void {
    const { clock, random, faults } = this.#options;
    const ms = Math.ceil(random.next() * (faults.staleMs ?? DEFAULT_STALE_MS));
    this.#options.note(`watch stale for ${ms} ms`);
    this.#releaseAtMs = Math.max(this.#releaseAtMs, clock.now() + ms);
  }

  #delayMs(): number {
    return Math.max(0, this.#releaseAtMs - this.#options.clock.now());
  }

  #deliver(line: string): void {
    const ms = this.#delayMs();
    if (ms === 0 && this.#queued === 0) {
      this.#push(line);
      return;
    }
    this.#queued += 1;
    this.#timers.after(ms, () => {
      this.#queued -= 1;
      this.#push(line);
    });
  }

  #push(line: string): void {
    if (!this.#strikes(this.#options.faults.split)) {
      this.channel.push(line);
      return;
    }
    const middle = line.length >> 1;
    this.channel.push(line.slice(0, middle));
    this.channel.push(line.slice(middle));
  }

  /** Once a lie is told, the stream must expire. */
  #lie(how: string): void {
    const { random, faults, note } = this.#options;
    note(`watch event ${how}`);
    if (this.#doomed) return;
    this.#doomed = true;
    this.#timers.after(Math.ceil(random.next() * (faults.lieExpiresMs ?? DEFAULT_LIE_EXPIRES_MS)), () => {
      this.channel.push(expiredLine());
      this.#finish(() => { this.channel.end(); }); // prettier-ignore
    });
  }

  #planDrop(meanMs: number): void {
    this.#timers.after(Math.ceil(this.#options.random.next() * 2 * meanMs), () => {
      if (!this.#options.active()) return;
      if (this.#options.random.next() < 0.5) this.break('dropped');
      else this.#finish(() => { this.channel.end(); }); // prettier-ignore
    });
  }

  #finish(close: () => void): void {
    close();
    this.#close();
  }

  #close(): void {
    this.#timers.cancelAll();
    this.#options.abort();
  }
}

/** Whole lines, each with its end; what follows the last line end is cut off with the stream. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield `${line}\n`;
  }
}
