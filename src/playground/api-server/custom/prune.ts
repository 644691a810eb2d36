/** Custom resources without the fields that their schema does not know, and with its defaults. */
import { type JsonObject, asObject, isList, isObject, without } from '../json/json.ts';
import { type CustomSchema, fieldSchema, isOpen } from './custom-schema.ts';

/** Takes what is unknown out of a value; the paths of what was dropped are added to `dropped`. */
export function prune(
  schema: CustomSchema,
  value: unknown,
  at: { readonly path: string; readonly dropped: string[] },
): unknown {
  if (isList(value)) return pruneItems(schema, value, at);
  return isObject(value) ? pruneFields(schema, value, at) : value;
}

interface Place {
  readonly path: string;
  readonly dropped: string[];
}

function pruneItems(
  schema: CustomSchema,
  items: readonly unknown[],
  { path, dropped }: Place,
): readonly unknown[] {
  const { items: itemSchema } = schema;
  if (itemSchema === undefined) return items;
  return items.map((item, index) => prune(itemSchema, item, { path: `${path}[${index}]`, dropped }));
}

const ENVELOPE = new Set(['apiVersion', 'kind', 'metadata']);

function pruneFields(schema: CustomSchema, object: JsonObject, { path, dropped }: Place): JsonObject {
  const kept: Record<string, unknown> = {};
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  for (const name in object) {
    const inner = path === '' ? name : `${path}.${name}`;
    const known = fieldSchema(schema, name);
    const isKept = isOpen(schema) || (isEmbedded && ENVELOPE.has(name));
    if (known !== undefined) kept[name] = prune(known, object[name], { path: inner, dropped });
    else if (isKept) kept[name] = object[name];
    else dropped.push(inner);
  }
  return kept;
}

/** Fills in defaults. Nulls of fields that may not be null count as absent. */
export function applyDefaults(schema: CustomSchema, value: unknown): unknown {
  if (isList(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => applyDefaults(items, item));
  }
  return isObject(value) ? defaultFields(schema, value) : value;
}

function defaultFields(schema: CustomSchema, object: JsonObject): JsonObject {
  const filled: Record<string, unknown> = {};
  for (const name in object) {
    const known = fieldSchema(schema, name);
    const isDropped = object[name] === null && known !== undefined && known.nullable !== true;
    if (!isDropped) filled[name] = known === undefined ? object[name] : applyDefaults(known, object[name]);
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined || filled[name] !== undefined) continue;
    filled[name] = applyDefaults(property, property.default);
  }
  return filled;
}

/** The object without its envelope, which the schema does not describe. */
export function content(object: JsonObject): JsonObject {
  return without(asObject(object), 'apiVersion', 'kind', 'metadata');
}
