/** The vocabulary of rows: a row is a list of cell makers, most of which read one place of the object. */
import {
  type JsonObject,
  asList,
  asObjects,
  asText,
  isObject,
  isPresent,
  objectAt,
  valueAt,
} from '../json/json.ts';
import { stringify } from '../json/print.ts';
import { selectorText } from '../selectors/label-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { since } from './durations.ts';
import type { Cell, RowContext, RowMaker } from './table.ts';

export type CellMaker = (object: ApiObject, context: RowContext) => Cell;

export function row(...cells: readonly CellMaker[]): RowMaker {
  return (object, context) => cells.map((cell) => cell(object, context));
}

/** The value at a dotted path. */
export function at(object: JsonObject, path: string): unknown {
  return valueAt(object, ...path.split('.'));
}

export const name: CellMaker = (object) => object.metadata.name ?? '';

export const age: CellMaker = (object, { nowMs }) => since(object.metadata.creationTimestamp, nowMs);

/** The text at a path; `fallback` where there is none or it is empty. */
export function text(path: string, fallback = ''): CellMaker {
  return (object) => {
    const value = at(object, path);
    return isPresent(value) && value !== '' ? stringify(value) : fallback;
  };
}

export function count(path: string): CellMaker {
  return (object) => countAt(object, path);
}

export function countAt(object: JsonObject, path: string): number {
  const value = at(object, path);
  return typeof value === 'number' ? value : 0;
}

export function flag(path: string): CellMaker {
  return (object) => at(object, path) === true;
}

/** `2/3`. */
export function ratio(part: string, whole: string): CellMaker {
  return (object) => `${countAt(object, part)}/${countAt(object, whole)}`;
}

/** How many fields or items are at the paths together. */
export function size(...paths: readonly string[]): CellMaker {
  return (object) => paths.reduce((sum, path) => sum + sizeOf(at(object, path)), 0);
}

function sizeOf(value: unknown): number {
  return isObject(value) ? Object.keys(value).length : asList(value).length;
}

/** How long ago the time at a path was. */
export function ago(path: string, fallback: string): CellMaker {
  return (object, { nowMs }) => {
    const time = asText(at(object, path));
    return time === '' ? fallback : since(time, nowMs);
  };
}

/** Names of the containers of the template at a path, joined by commas. */
export function containerNames(path: string): CellMaker {
  return (object) => joined(object, path, 'name');
}

export function containerImages(path: string): CellMaker {
  return (object) => joined(object, path, 'image');
}

function joined(object: JsonObject, path: string, field: string): string {
  const containers = asObjects(at(object, `${path}.spec.containers`));
  return containers.map((container) => asText(container[field])).join(',');
}

/** The selector at a path. */
export function selector(path: string): CellMaker {
  return (object) => {
    const value = at(object, path);
    return selectorText(isObject(value) ? value : undefined);
  };
}

/** `a=b,c=d` of the labels at a path, in alphabetical order. */
export function labels(path: string): CellMaker {
  return (object) => {
    const found = Object.entries(objectAt(object, ...path.split('.')));
    const parts = found.map(([key, value]) => `${key}=${asText(value)}`);
    return parts.length === 0 ? '<none>' : parts.sort().join(',');
  };
}

/** The first items, and how many more there are. */
export function firstItems(items: readonly string[], max: number, empty: string): string {
  if (items.length === 0) return empty;
  const shown = items.slice(0, max).join(',');
  return items.length > max ? `${shown} + ${items.length - max} more...` : shown;
}

/** Whether the condition of a type at `status.conditions` has a status. */
export function conditionIs(object: JsonObject, type: string, status: string): boolean {
  const conditions = asObjects(at(object, 'status.conditions'));
  return conditions.some((condition) => condition['type'] === type && condition['status'] === status);
}
