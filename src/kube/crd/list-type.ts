/** The rules for x-kubernetes-list-type, which the API server would otherwise refuse at installation. */
import { KcError } from '#errors/kc-error.ts';
import type { StructuralSchema } from './schema-shape.ts';

/** Throws KC_SCHEMA_UNSUPPORTED where a list type does not fit its list. */
export function checkListType(schema: StructuralSchema, path: string): void {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === undefined) return;
  if (schema.type !== 'array') throw wrong(path, 'has a list type but is not a list');
  if (listType === 'map') checkMapKeys(schema, path);
  else if (listType !== 'set' && listType !== 'atomic') throw wrong(path, 'has an unknown list type');
}

/** Each item of a map-like list must carry every key: required, or with a default. */
function checkMapKeys(schema: StructuralSchema, path: string): void {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (!Array.isArray(keys) || keys.length === 0) throw wrong(path, 'is a map-like list without keys');
  for (const key of keys as readonly string[]) {
    if (!isSure(schema.items, key)) throw wrong(path, `has the key "${key}", which its items need not carry`);
  }
}

function isSure(item: StructuralSchema | undefined, key: string): boolean {
  const property = item?.properties?.[key];
  if (property === undefined) return false;
  return item?.required?.includes(key) === true || property['default'] !== undefined;
}

function wrong(path: string, problem: string): KcError {
  return new KcError('KC_SCHEMA_UNSUPPORTED', {
    field: path,
    problem,
    fix: 'correct the list type of the schema',
  });
}
