/**
 * What is wrong with a field, in the words of k8s.io/apimachinery/pkg/util/validation/field, and the 422 answer
 * that a list of such errors makes.
 */
import { StatusError } from '../wire/status-error.ts';

/** One error: the reason of its cause, the field path, and the text after the path. */
export interface FieldError {
  readonly reason: string;
  readonly field: string;
  readonly body: string;
}

export type FieldErrors = readonly FieldError[];

export const NO_ERRORS: FieldErrors = Object.freeze([]);

function withDetail(head: string, detail: string): string {
  return detail === '' ? head : `${head}: ${detail}`;
}

/** Go's encoding: objects and lists have these characters escaped, quoted strings do not. */
const HTML_ESCAPES: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };

function valueText(value: unknown): string {
  if (value === undefined) return 'null';
  const text = JSON.stringify(value);
  return typeof value === 'string' ? text : text.replace(/[<>&]/g, (found) => HTML_ESCAPES[found] ?? found);
}

export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, body: withDetail('Required value', detail) };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    body: withDetail(`Invalid value: ${valueText(value)}`, detail),
  };
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return {
    reason: 'FieldValueTypeInvalid',
    field,
    body: withDetail(`Invalid value: ${valueText(value)}`, detail),
  };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const names = supported.map((name) => JSON.stringify(name)).join(', ');
  const detail = supported.length === 0 ? '' : `supported values: ${names}`;
  return {
    reason: 'FieldValueNotSupported',
    field,
    body: withDetail(`Unsupported value: ${valueText(value)}`, detail),
  };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', field, body: `Duplicate value: ${valueText(value)}` };
}

export function missing(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueNotFound', field, body: `Not found: ${valueText(value)}` };
}

export function prohibited(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, body: withDetail('Forbidden', detail) };
}

export function tooLong(field: string, maxLength: number, unit: 'byte' | 'character' = 'byte'): FieldError {
  const units = maxLength === 1 ? unit : `${unit}s`;
  return { reason: 'FieldValueTooLong', field, body: `Too long: may not be more than ${maxLength} ${units}` };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  const items = max === 1 ? 'item' : 'items';
  return {
    reason: 'FieldValueTooMany',
    field,
    body: `Too many: ${actual}: must have at most ${max} ${items}`,
  };
}

/** A kind of object as a 422 answer names it. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** The 422 answer of a list of errors. */
export function invalidObject(kind: GroupKind, name: string, errors: FieldErrors): StatusError {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.body}`))];
  const [only = ''] = texts;
  const problem = texts.length === 1 ? only : `[${texts.join(', ')}]`;
  const kindText = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const details = {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    ...(kind.kind === '' ? {} : { kind: kind.kind }),
    causes: errors.map(({ reason, field, body }) => ({ reason, message: body, field })),
  };
  return new StatusError(422, 'Invalid', {
    message: `${kindText} ${JSON.stringify(name)} is invalid: ${problem}`,
    details,
  });
}
