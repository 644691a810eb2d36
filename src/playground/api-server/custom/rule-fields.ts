/** Finds fields that a CEL rule reads and the schema does not have. */
import { type CustomSchema, fieldSchema, isOpen } from './custom-schema.ts';

const TEXTS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;
const PATH = /(?<![\w.])(?:self|oldSelf)((?:\??\.[A-Za-z]\w*(?![\w(]))+)/g;

/** What every object has. */
const ENVELOPE = new Set(['apiVersion', 'kind', 'metadata']);

/** What is wrong with the first such path, in the words of the CEL compiler; undefined where all are known. */
export function unknownField(schema: CustomSchema, rule: string, isRoot: boolean): string | undefined {
  const plain = rule.replaceAll(TEXTS, (text) => ' '.repeat(text.length));
  for (const [, path = ''] of plain.matchAll(PATH)) {
    const names = path.split('.').slice(1);
    if (isRoot && ENVELOPE.has(names[0] ?? '')) continue;
    const missing = missingIn(schema, names);
    if (missing !== undefined) return `undefined field '${missing}'`;
  }
  return undefined;
}

/** Where the schema does not say what a value holds, any field may be there. */
function missingIn(schema: CustomSchema, names: readonly string[]): string | undefined {
  let place = schema;
  for (const name of names.map((text) => text.replace('?', ''))) {
    if (place.type !== 'object' || isOpen(place)) return undefined;
    if (place['x-kubernetes-embedded-resource'] === true) return undefined;
    const known = fieldSchema(place, name);
    if (known === undefined) return name;
    place = known;
  }
  return undefined;
}
