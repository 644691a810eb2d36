/** Plain tables for people: columns padded to their widest cell, numbers to the right, one style per cell. */
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** A text, or a text with a style. */
export type Cell = string | { readonly text: string; readonly style: Style };

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** Lines of a table with its header. `colour` says whether styles are written. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  colour: boolean,
): string {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(textOf(row[index] ?? '')))),
  );
  const line = (cells: readonly Cell[]): string =>
    columns
      .map((column, index) =>
        pad(cells[index] ?? '', { width: widths[index] ?? 0, align: column.align, colour }),
      )
      .join(GAP)
      .trimEnd();
  const header = line(columns.map((column) => ({ text: column.title, style: 'dim' as const })));
  return [header, ...rows.map(line)].join('\n');
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

interface Padding {
  readonly width: number;
  readonly align: Column['align'] | undefined;
  readonly colour: boolean;
}

function pad(cell: Cell, { width, align, colour }: Padding): string {
  const text = textOf(cell);
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  const styled =
    typeof cell === 'string' || !colour ? text : styleText(cell.style, text, { validateStream: false });
  return align === 'right' ? space + styled : styled + space;
}

/** Columns that a text takes: wide East Asian characters take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
