/** What the scenes are told on: headings, lines, tables, and a line of progress that is drawn over itself. */
import { styleText } from 'node:util';
import { abortReason, SystemClock, sleep } from '#platform/clock.ts';
import { fitLine, fitText } from '../../terminal/fit.ts';
import type { Style } from '../../terminal/table.ts';

export interface StageOptions {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  /** Lines longer than this are cut; undefined where nobody watches and nothing need be cut. */
  readonly columns: number | undefined;
  /** Whether lines may be drawn over: on a terminal. */
  readonly redraws: boolean;
  /** Whether to give people time to read. */
  readonly paced: boolean;
  readonly signal: AbortSignal;
}

const CLEAR_LINE = '\r\u001b[K';

export class Stage {
  readonly #options: StageOptions;
  readonly #clock = new SystemClock();
  #drawn = false;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  get colour(): boolean {
    return this.#options.colour;
  }

  style(style: Style, text: string): string {
    return this.#options.colour ? styleText(style, text, { validateStream: false }) : text;
  }

  heading(title: string): void {
    this.say('', this.style(['bold', 'cyan'], title), '');
  }

  /** Lines, each cut to the terminal. */
  say(...lines: readonly string[]): void {
    this.#clear();
    const { columns, write } = this.#options;
    const text = lines.join('\n');
    write(`${columns === undefined ? text : fitText(text, columns)}\n`);
  }

  /** A line that the next one replaces. Shown on a terminal only. */
  progress(line: () => string): void {
    const { redraws, columns = 80, write } = this.#options;
    if (!redraws) return;
    write(`${CLEAR_LINE}${fitLine(line(), columns - 1)}`);
    this.#drawn = true;
  }

  /** Time to read: passes only where somebody watches. Rejects once the user has asked to stop. */
  async pause(ms: number, signal = this.#options.signal): Promise<void> {
    const { paced } = this.#options;
    if (signal.aborted) throw abortReason(signal);
    if (paced) await sleep(this.#clock, ms, signal);
  }

  #clear(): void {
    if (this.#drawn) this.#options.write(CLEAR_LINE);
    this.#drawn = false;
  }
}
