/** JSON with sorted keys, for texts that are compared or stored inside objects. */
import { isList, isObject } from './json.ts';

/** The value as JSON with the keys of every object in alphabetical order. */
export function stableText(value: unknown): string {
  if (isList(value)) return `[${value.map(stableText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${stableText(value[key])}`);
  return `{${fields.join(',')}}`;
}
