/** What of a custom resource does not fit its schema, in the words of the API server. */
import { type JsonObject, asObject, isList, isObject, isPresent } from '../json/json.ts';
import { deepEqual } from '../json/equality.ts';
import {
  type FieldError,
  type FieldErrors,
  NO_ERRORS,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '../validation/field-error.ts';
import { type CustomSchema, fieldSchema } from './custom-schema.ts';
import { formatError } from './formats.ts';
import { previousItems } from './correlation.ts';

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function wantedTypes(schema: CustomSchema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return schema.type === undefined ? [] : [schema.type];
}

function typeError(schema: CustomSchema, value: unknown, field: string): FieldErrors {
  const wanted = wantedTypes(schema);
  const found = typeOf(value);
  if (wanted.length === 0 || wanted.includes(found)) return NO_ERRORS;
  if (found === 'integer' && wanted.includes('number')) return NO_ERRORS;
  if (value === null && schema.nullable === true) return NO_ERRORS;
  const error = typeInvalid(
    field,
    found,
    `${field} in body must be of type ${wanted.join(',')}: ${JSON.stringify(found)}`,
  );
  if (found !== 'number' || !wanted.includes('integer')) return [error];
  const extra = `Checked value must be of type integer (default format) in ${field}`;
  return [error, { reason: 'FieldValueInvalid', field: '<nil>', body: `Invalid value: "": ${extra}` }];
}

function enumErrors(schema: CustomSchema, value: unknown, field: string): FieldErrors {
  if (schema.enum === undefined || schema.enum.some((option) => deepEqual(option, value))) return NO_ERRORS;
  const options = schema.enum.map((option) => (typeof option === 'string' ? option : JSON.stringify(option)));
  return [notSupported(field, value, options)];
}

/** Of a text only the first problem is told. */
function textErrors(schema: CustomSchema, value: string, field: string): FieldErrors {
  const length = Array.from(value).length;
  const { maxLength, minLength, pattern } = schema;
  if (maxLength !== undefined && length > maxLength) return [tooLong(field, maxLength)];
  if (minLength !== undefined && length < minLength) {
    return [invalid(field, value, `${field} in body should be at least ${minLength} chars long`)];
  }
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    return [invalid(field, value, `${field} in body should match '${pattern}'`)];
  }
  return formatError(schema, value, field);
}

/** What a number should be, and whether it is not. */
function bounds(schema: CustomSchema, value: number): readonly (readonly [boolean, string])[] {
  const { minimum, maximum, multipleOf } = schema;
  const above = (limit: number): boolean =>
    schema.exclusiveMaximum === true ? value >= limit : value > limit;
  const below = (limit: number): boolean =>
    schema.exclusiveMinimum === true ? value <= limit : value < limit;
  const less = schema.exclusiveMaximum === true ? 'less than' : 'less than or equal to';
  const more = schema.exclusiveMinimum === true ? 'greater than' : 'greater than or equal to';
  return [
    ...(maximum === undefined ? [] : [[above(maximum), `${less} ${maximum}`] as const]),
    ...(minimum === undefined ? [] : [[below(minimum), `${more} ${minimum}`] as const]),
    ...(multipleOf === undefined ? [] : [[value % multipleOf !== 0, `a multiple of ${multipleOf}`] as const]),
  ];
}

function numberErrors(schema: CustomSchema, value: number, field: string): FieldErrors {
  return bounds(schema, value)
    .filter(([isWrong]) => isWrong)
    .map(([, text]) => invalid(field, value, `${field} in body should be ${text}`));
}

/** A value with its field path and what was in its place before, where the object existed. */
export interface Place {
  readonly field: string;
  readonly before?: unknown;
}

function itemErrors(schema: CustomSchema, items: readonly unknown[], { field, before }: Place): FieldErrors {
  const { minItems, maxItems, items: itemSchema } = schema;
  const errors: FieldError[] = [];
  if (maxItems !== undefined && items.length > maxItems) errors.push(tooMany(field, items.length, maxItems));
  if (minItems !== undefined && items.length < minItems) {
    errors.push(invalid(field, items.length, `${field} in body should have at least ${minItems} items`));
  }
  if (itemSchema === undefined) return errors;
  const old = previousItems(schema, before);
  const inner = items.flatMap((item, index) =>
    schemaErrors(itemSchema, item, { field: `${field}[${index}]`, before: old(item) }),
  );
  return [...errors, ...inner];
}

function countErrors(schema: CustomSchema, object: JsonObject, field: string): FieldErrors {
  const { minProperties, maxProperties } = schema;
  const count = Object.keys(object).length;
  if (maxProperties !== undefined && count > maxProperties) return [tooMany(field, count, maxProperties)];
  if (minProperties === undefined || count >= minProperties) return NO_ERRORS;
  return [invalid(field, count, `${field} in body should have at least ${minProperties} properties`)];
}

function fieldErrors(schema: CustomSchema, object: JsonObject, { field, before }: Place): FieldErrors {
  const child = (name: string): string => (field === '' ? name : `${field}.${name}`);
  const missing = (schema.required ?? []).filter((name) => object[name] === undefined);
  const old = asObject(before);
  const inner = Object.entries(object).flatMap(([name, value]) => {
    const known = fieldSchema(schema, name);
    return known === undefined
      ? NO_ERRORS
      : schemaErrors(known, value, { field: child(name), before: old[name] });
  });
  return [...inner, ...missing.map((name) => required(child(name))), ...countErrors(schema, object, field)];
}

function combinationErrors(schema: CustomSchema, value: unknown, field: string): FieldErrors {
  const fits = (option: CustomSchema): boolean => schemaErrors(option, value, { field }).length === 0;
  const fail = (text: string): FieldError => invalid(field, '', `${field} in body ${text}`);
  const { allOf = [], anyOf, oneOf, not } = schema;
  return [
    ...allOf.flatMap((option) => schemaErrors(option, value, { field })),
    ...(anyOf !== undefined && !anyOf.some(fits) ? [fail('must validate at least one schema (anyOf)')] : []),
    ...(oneOf !== undefined && oneOf.filter(fits).length !== 1
      ? [fail('must validate one and only one schema (oneOf). Found none valid')]
      : []),
    ...(not !== undefined && fits(not) ? [fail('must not validate the schema (not)')] : []),
  ];
}

function ownErrors(schema: CustomSchema, value: unknown, place: Place): FieldErrors {
  if (typeof value === 'string') return textErrors(schema, value, place.field);
  if (typeof value === 'number') return numberErrors(schema, value, place.field);
  if (isList(value)) return itemErrors(schema, value, place);
  return isObject(value) ? fieldErrors(schema, value, place) : NO_ERRORS;
}

/** Errors of a value. What has not changed is not held against anybody. */
export function schemaErrors(schema: CustomSchema, value: unknown, place: Place): FieldErrors {
  const { field, before } = place;
  if (before !== undefined && value === before) return NO_ERRORS;
  if (!isPresent(value) && schema.nullable === true) return NO_ERRORS;
  const type = typeError(schema, value, field);
  if (type.length > 0) return type;
  const errors = [
    ...ownErrors(schema, value, place),
    ...enumErrors(schema, value, field),
    ...combinationErrors(schema, value, field),
  ];
  return errors.length === 0 ? NO_ERRORS : errors;
}
