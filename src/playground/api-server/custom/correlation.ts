/** Which item of a list was which before a change. */
import { asList, isObject } from '../json/json.ts';
import { stableText } from '../json/stable-text.ts';
import type { CustomSchema } from './custom-schema.ts';

/** Finds the previous item of an item. Only lists that are maps tell their items apart. */
export function previousItems(schema: CustomSchema, before: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || keys === undefined) return () => undefined;
  const identity = (item: unknown): string =>
    stableText(keys.map((key) => (isObject(item) ? (item[key] ?? null) : null)));
  const known = new Map(asList(before).map((item) => [identity(item), item]));
  return (item) => known.get(identity(item));
}
