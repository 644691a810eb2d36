/** Shows that a long build is alive: one rewritten line on a terminal, a line now and then in a log. */

const TERMINAL_INTERVAL_MS = 500;
const LOG_INTERVAL_MS = 15_000;

/** `1:05` for 65 seconds. */
export function elapsedText(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Prints the latest activity with the elapsed time until it is finished. */
export class Progress {
  readonly #title: string;
  readonly #out: NodeJS.WriteStream;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #activity = 'starting';

  constructor(title: string, out: NodeJS.WriteStream = process.stderr) {
    this.#title = title;
    this.#out = out;
    this.#timer = setInterval(
      () => {
        this.#print();
      },
      out.isTTY ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS,
    );
  }

  set activity(text: string) {
    this.#activity = text;
  }

  /** Prints the last line and stops. */
  finish(outcome: string): void {
    clearInterval(this.#timer);
    this.#activity = outcome;
    this.#print();
    if (this.#out.isTTY) this.#out.write('\n');
  }

  #print(): void {
    const line = `${this.#title} · ${elapsedText(performance.now() - this.#startedMs)} · ${this.#activity}`;
    this.#out.write(this.#out.isTTY ? `\r\u001b[K${line.slice(0, this.#out.columns)}` : `${line}\n`);
  }
}
