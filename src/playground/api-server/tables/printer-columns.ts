/** Columns of custom resources: simple JSON paths into the object. */
import { stringify } from '../json/print.ts';
import { readJsonPath } from '../json/json-path.ts';
import type { ColumnDefinition } from '../schema/load-schemas.ts';
import { since } from './durations.ts';
import type { Cell, RowContext, TableLayout } from './table.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  jsonPath: '.metadata.creationTimestamp',
};

/** The layout of a version of a custom resource; without columns of its own it shows the age. */
export function printerLayout(columns: readonly PrinterColumn[], nameColumn: ColumnDefinition): TableLayout {
  const shown = columns.length === 0 ? [AGE] : columns;
  return {
    columns: [nameColumn, ...shown.map(definitionOf)],
    cells: (object, context) => [
      object.metadata.name ?? '',
      ...shown.map((column) => cell(column, object, context)),
    ],
  };
}

function definitionOf(column: PrinterColumn): ColumnDefinition {
  const { name, type, format = '', priority = 0, jsonPath, description = '' } = column;
  const fallback = `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type, format, description: description === '' ? fallback : description, priority };
}

/** How the value of a column of each type is shown; null where it is of another type. */
const CELLS: Readonly<Record<string, (value: unknown, context: RowContext) => Cell>> = {
  integer: (value) => (typeof value === 'number' ? Math.trunc(value) : null),
  number: (value) => (typeof value === 'number' ? value : null),
  boolean: (value) => (typeof value === 'boolean' ? value : null),
  date: (value, context) => (typeof value === 'string' ? dateCell(value, context) : null),
};

function cell(column: PrinterColumn, object: unknown, context: RowContext): Cell {
  const [value] = readJsonPath(object, column.jsonPath);
  if (value === undefined || value === null) return null;
  return (CELLS[column.type] ?? stringify)(value, context);
}

function dateCell(text: string, context: RowContext): string {
  return Number.isNaN(Date.parse(text)) ? '<invalid>' : since(text, context.nowMs);
}
