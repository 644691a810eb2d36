/** Results in the format that was asked for: a table for people, JSON, YAML or CSV for machines. */
import { stringify } from 'yaml';

export const FORMATS = ['table', 'json', 'yaml', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** One flat record per row; undefined is written as an empty cell, never as zero. */
export type FlatRecord = Readonly<Record<string, string | number | boolean | undefined>>;

export function formatRecords(format: Exclude<Format, 'table'>, records: readonly FlatRecord[]): string {
  if (format === 'json') return `${JSON.stringify(records, null, 2)}\n`;
  return format === 'yaml' ? stringify(records) : formatCsv(records);
}

/** RFC 4180; a cell that a spreadsheet would run as a formula is quoted with an apostrophe. */
export function formatCsv(records: readonly FlatRecord[]): string {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const lines = [names, ...records.map((record) => names.map((name) => String(record[name] ?? '')))];
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(text: string): string {
  const dangerous = /^[=+@\t\r]/.test(text) || (text.startsWith('-') && !Number.isFinite(Number(text)));
  const safe = dangerous ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
