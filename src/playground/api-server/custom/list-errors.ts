/** Lists that are sets or maps hold nothing twice. */
import { type JsonObject, isList, isObject } from '../json/json.ts';
import { stableText } from '../json/stable-text.ts';
import { type FieldErrors, NO_ERRORS, duplicate } from '../validation/field-error.ts';
import { type CustomSchema, fieldSchema } from './custom-schema.ts';

/** Errors of every list in a value. */
export function listErrors(schema: CustomSchema, value: unknown, field: string): FieldErrors {
  if (isList(value)) return itemsErrors(schema, value, field);
  if (!isObject(value)) return NO_ERRORS;
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = fieldSchema(schema, name);
    return known === undefined
      ? NO_ERRORS
      : listErrors(known, inner, field === '' ? name : `${field}.${name}`);
  });
}

function itemsErrors(schema: CustomSchema, items: readonly unknown[], field: string): FieldErrors {
  const { items: itemSchema } = schema;
  const inner =
    itemSchema === undefined
      ? []
      : items.flatMap((item, index) => listErrors(itemSchema, item, `${field}[${index}]`));
  const identity = identityOf(schema);
  if (identity === undefined) return inner;
  const seen = new Set<string>();
  const repeated = items.flatMap((item, index) => {
    const shown = identity(item);
    const text = stableText(shown);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [duplicate(`${field}[${index}]`, shown)];
  });
  return [...repeated, ...inner];
}

/** What tells the items of a list apart; undefined where they need not differ. */
function identityOf(schema: CustomSchema): ((item: unknown) => unknown) | undefined {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return (item) => item;
  if (type !== 'map') return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const defaults = schema.items?.properties ?? {};
  return (item) => {
    const object: JsonObject = isObject(item) ? item : {};
    const entries = keys.map((key) => [key, object[key] ?? defaults[key]?.default]);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as JsonObject;
  };
}
