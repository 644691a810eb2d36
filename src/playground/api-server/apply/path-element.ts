/** Path elements as managedFields write them: `f:name`, `k:{"name":"web"}`, `v:"text"`. */
import { stableText } from '../json/stable-text.ts';
import { isEmptyObject, isObject } from '../json/json.ts';
import type { SchemaNode } from '../schema/schema-node.ts';

export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** How an item of a list that is a map or a set is told apart; undefined where it cannot be. */
export function itemElement(list: SchemaNode, item: unknown): string | undefined {
  if (list.listMapKeys.length > 0) return keyElement(list, item);
  return item === null || typeof item === 'object' ? undefined : `v:${JSON.stringify(item)}`;
}

function keyElement(list: SchemaNode, item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const keys: Record<string, unknown> = {};
  for (const key of list.listMapKeys) {
    const field = list.element?.fields.get(key);
    const value = item[key] ?? field?.defaultValue ?? field?.zero;
    if (value !== undefined) keys[key] = value;
  }
  return isEmptyObject(keys) ? undefined : `k:${stableText(keys)}`;
}

/** The path as conflicts print it: `.spec.containers[name="web"].image`. */
export function fieldPathText(path: readonly string[]): string {
  return path.map(elementText).join('');
}

function elementText(element: string): string {
  const value = element.slice(2);
  if (element.startsWith('f:')) return `.${value}`;
  if (element.startsWith('v:')) return `[=${value}]`;
  if (element.startsWith('i:')) return `[${value}]`;
  const keys: unknown = JSON.parse(value);
  const texts = isObject(keys)
    ? Object.entries(keys).map(([key, text]) => `${key}=${JSON.stringify(text)}`)
    : [];
  return `[${texts.join(',')}]`;
}
