/** Values of custom resources as CEL sees them: typed by their schema. */
import { type JsonObject, isList, isObject } from '../json/json.ts';
import { type CustomSchema, fieldSchema } from './custom-schema.ts';

/** Words that CEL keeps for itself. */
const RESERVED = new Set([
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let',
  'loop', 'package', 'namespace', 'return', 'var', 'void', 'while',
]); // prettier-ignore

/** The name under which a rule reaches a field. */
export function celName(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

/** The value for CEL; a schema that is undefined leaves the type to the value. */
export function celValue(schema: CustomSchema | undefined, value: unknown): unknown {
  if (typeof value === 'number') return celNumber(schema, value);
  if (typeof value === 'string') return celText(schema, value);
  if (isList(value)) return value.map((item) => celValue(schema?.items, item));
  return isObject(value) ? celObject(schema, value) : value;
}

function celNumber(schema: CustomSchema | undefined, value: number): unknown {
  return Number.isInteger(value) && schema?.type !== 'number' ? BigInt(value) : value;
}

function celText(schema: CustomSchema | undefined, value: string): unknown {
  if (schema?.format === 'date-time' || schema?.format === 'date') return new Date(value);
  return schema?.format === 'byte' ? new Uint8Array(Buffer.from(value, 'base64')) : value;
}

function celObject(schema: CustomSchema | undefined, object: JsonObject): JsonObject {
  const result: Record<string, unknown> = {};
  const properties = schema?.properties;
  for (const name in object) {
    const known = schema === undefined ? undefined : fieldSchema(schema, name);
    const key = properties?.[name] === undefined ? name : celName(name);
    result[key] = celValue(known, object[name]);
  }
  return result;
}
