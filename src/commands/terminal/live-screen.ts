/**
 * A view that redraws itself: on a screen of its own, line over line, so that nothing flickers and the scrollback
 * stays as it was. Whoever begins it ends it, however the work between went.
 */
import { fitLine } from './fit.ts';

/** A terminal of a person. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

const ESC = '\u001b[';
/** Another screen, no cursor. */
const ENTER = `${ESC}?1049h${ESC}?25l`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;
/** Terminals that know it show a frame as a whole; others ignore it. */
const FRAME_BEGIN = `${ESC}?2026h`;
const FRAME_END = `${ESC}?2026l`;
const CLEAR_LINE = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

/** The text that puts `lines` on the screen, over whatever stood there. */
export function frame(lines: readonly string[], { columns, rows }: Pick<Screen, 'columns' | 'rows'>): string {
  const shown = lines.slice(0, rows).map((line) => `${fitLine(line, columns)}${CLEAR_LINE}`);
  return `${FRAME_BEGIN}${ESC}H${shown.join('\r\n')}${CLEAR_BELOW}${FRAME_END}`;
}

export class LiveScreen implements Disposable {
  readonly #screen: Screen;
  #open = true;

  constructor(screen: Screen) {
    this.#screen = screen;
    screen.write(ENTER);
  }

  draw(lines: readonly string[]): void {
    if (this.#open) this.#screen.write(frame(lines, this.#screen));
  }

  /** Gives the terminal back as it was. Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    this.#screen.write(LEAVE);
  }
}
