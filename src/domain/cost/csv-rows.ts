/** Reads tables as spreadsheets write them: RFC 4180, a header first, comma or semicolon between cells. */

export interface CsvRow {
  /** Cells by the name of their column, trimmed. */
  readonly cells: Readonly<Record<string, string>>;
  /** Where the row begins in the file, from 1. */
  readonly line: number;
}

export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/** A row that is shorter than the header has empty cells; blank lines and lines that begin with `#` are no rows. */
export function parseCsv(text: string): CsvTable {
  const [header, ...lines] = records(text.replace(/^\uFEFF/, ''));
  const columns = header?.cells ?? [];
  const rows = lines.map(({ cells, line }) => ({
    line,
    cells: Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])),
  }));
  return { columns, rows };
}

interface Line {
  readonly cells: readonly string[];
  readonly line: number;
}

function records(text: string): Line[] {
  const separator = /^[^\n,]*;/.test(text) ? ';' : ',';
  const found: Line[] = [];
  let line = 1;
  for (const record of text.match(/(?:"(?:[^"]|"")*"|[^"\r\n])+|\r\n|\r|\n/g) ?? []) {
    const isRecord = !/^[\r\n]/.test(record);
    if (isRecord && record.trim() !== '' && !record.startsWith('#')) {
      found.push({ cells: cellsOf(record, separator), line });
    }
    line += record.match(/\r\n|\r|\n/g)?.length ?? 0;
  }
  return found;
}

function cellsOf(record: string, separator: ',' | ';'): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (const character of record) {
    if (character === '"') quoted = !quoted;
    if (character === separator && !quoted) {
      cells.push(unquoted(cell));
      cell = '';
    } else cell += character;
  }
  return [...cells, unquoted(cell)];
}

function unquoted(cell: string): string {
  const text = cell.trim();
  return text.startsWith('"') && text.endsWith('"') && text.length > 1
    ? text.slice(1, -1).replaceAll('""', '"')
    : text;
}
