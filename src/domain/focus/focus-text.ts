/** FOCUS rows as files. Decimals are written out digit by digit: a float would round them. */
import { decimalText } from './decimal.ts';
import { FOCUS_COLUMNS, type FocusColumn, type FocusRow, type FocusValue } from './focus-columns.ts';

/** RFC 4180 with a header; null is an empty cell. */
export function focusCsv(rows: readonly FocusRow[]): string {
  const lines = rows.map((row) => FOCUS_COLUMNS.map((column) => csvCell(row[column])));
  return [FOCUS_COLUMNS, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
}

function csvCell(value: FocusValue): string {
  if (value === null) return '';
  if (typeof value === 'bigint') return decimalText(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

const OBJECTS: readonly FocusColumn[] = ['Tags', 'x_AllocatedMethodDetails', 'x_AllocatedTags'];

/** An array with one object for each row; what is JSON in a column is an object here. */
export function focusJson(rows: readonly FocusRow[]): string {
  const objects = rows.map((row) => {
    const members = FOCUS_COLUMNS.map((column) => `"${column}": ${jsonValue(column, row[column])}`);
    return `  { ${members.join(', ')} }`;
  });
  return rows.length === 0 ? '[]\n' : `[\n${objects.join(',\n')}\n]\n`;
}

function jsonValue(column: FocusColumn, value: FocusValue): string {
  if (typeof value === 'bigint') return decimalText(value);
  return value !== null && OBJECTS.includes(column) ? value : JSON.stringify(value);
}
