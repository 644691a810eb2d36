/** Tables: what `kubectl get` prints. The server makes the cells, kubectl only lays them out. */
import { type StatusError, badRequest } from '../wire/status-error.ts';
import type { JsonObject } from '../json/json.ts';
import type { ColumnDefinition } from '../schema/load-schemas.ts';
import type { ApiObject } from '../storage/api-object.ts';

export type Cell = string | number | boolean | null;

export interface RowContext {
  readonly nowMs: number;
}

/** The cells of an object, in the order of the columns. */
export type RowMaker = (object: ApiObject, context: RowContext) => readonly Cell[];

/** How the objects of a kind are laid out. */
export interface TableLayout {
  readonly columns: readonly ColumnDefinition[];
  readonly cells: RowMaker;
}

export interface TableRow {
  readonly cells: readonly Cell[];
  readonly conditions?: readonly JsonObject[];
  readonly object: JsonObject | null;
}

export interface Table extends JsonObject {
  readonly columnDefinitions: readonly ColumnDefinition[];
  readonly rows: readonly TableRow[];
}

export interface TableInput {
  readonly items: readonly ApiObject[];
  readonly metadata: object;
  /** How much of each object goes with its row: `None`, `Metadata` or `Object`. */
  readonly include: string;
  readonly nowMs: number;
}

/** Rows of pods that have ended are marked, so that clients can leave them out. */
const ENDED = new Set(['Succeeded', 'Failed']);

const INCLUDES = ['', 'None', 'Metadata', 'Object'];

/** Throws BadRequest where `include` says nothing known. */
export function tableOf(layout: TableLayout, input: TableInput): Table {
  if (!INCLUDES.includes(input.include)) throw unknownInclude(input.include);
  const rows = input.items.map((object) => ({
    cells: layout.cells(object, input),
    ...conditionsOf(object),
    object: included(object, input.include),
  }));
  const columnDefinitions = layout.columns;
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: input.metadata, columnDefinitions, rows };
}

function unknownInclude(include: string): StatusError {
  const problem = `Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`;
  return badRequest(`Unable to convert to Table as requested: includeObject: ${problem}`);
}

function included(object: ApiObject, include: string): JsonObject | null {
  if (include === 'None') return null;
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

function conditionsOf(object: ApiObject): { readonly conditions?: readonly JsonObject[] } {
  if (object.kind !== 'Pod') return {};
  const { phase } = (object as { readonly status?: { readonly phase?: string } }).status ?? {};
  if (phase === undefined || !ENDED.has(phase)) return {};
  const message = phase === 'Succeeded' ? 'The pod has completed successfully.' : 'The pod failed.';
  return { conditions: [{ type: 'Completed', status: 'True', reason: phase, message }] };
}
