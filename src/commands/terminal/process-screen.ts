/** The terminal of this process as a screen: its size, and the keys that end a view. */
import type { Screen } from './live-screen.ts';

/** What ends a view: `q`, Escape, and Ctrl-C and Ctrl-D, which are plain keys while keys are read one by one. */
const ENDING_KEYS = ['q', 'Q', '\u001b', '\u0003', '\u0004'];

export function processScreen(): Screen {
  const { stdout } = process;
  return {
    get columns() {
      return stdout.columns;
    },
    get rows() {
      return stdout.rows;
    },
    write: (text) => void stdout.write(text),
  };
}

export interface EndingKeys extends Disposable {
  /** Aborted by a key that ends, or with the signal given. */
  readonly signal: AbortSignal;
}

/** Reads keys one by one until disposed, where there is a keyboard. */
export function endingKeys(outer: AbortSignal): EndingKeys {
  const { stdin } = process;
  const pressed = new AbortController();
  const onKey = (data: Buffer): void => {
    if (ENDING_KEYS.includes(data.toString())) pressed.abort(new Error('a key was pressed'));
  };
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', onKey);
    stdin.resume();
  }
  return {
    signal: AbortSignal.any([outer, pressed.signal]),
    [Symbol.dispose]: () => {
      if (!stdin.isTTY) return;
      stdin.off('data', onKey);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
