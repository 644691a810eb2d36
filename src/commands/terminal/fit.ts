/** Lines cut to the width of a terminal. Styles take no columns and are closed where a line is cut. */
import { displayWidth } from './table.ts';

const ESCAPE = '\u001b';
/** The escape sequences that set styles (ECMA-48 SGR), kept as parts of their own by `split`. */
const STYLES = /(\u001b\[[0-9;]*m)/g;
const RESET = `${ESCAPE}[0m`;

export function withoutStyles(text: string): string {
  return text.replaceAll(STYLES, '');
}

/** The line, or as much of it as fits into `columns`, ending in `…`. */
export function fitLine(line: string, columns: number): string {
  if (displayWidth(withoutStyles(line)) <= columns) return line;
  let kept = '';
  let left = columns - 1;
  for (const part of line.split(STYLES)) {
    if (part.startsWith(ESCAPE)) {
      kept += part;
      continue;
    }
    const fitting = beginning(part, left);
    kept += fitting;
    left -= displayWidth(fitting);
    if (fitting.length < part.length) break;
  }
  return `${kept}…${kept.includes(ESCAPE) ? RESET : ''}`;
}

/** The characters of a text without styles that fit. */
function beginning(text: string, columns: number): string {
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += displayWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return kept;
}

/** Every line of a text, fitted. */
export function fitText(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => fitLine(line, columns))
    .join('\n');
}
