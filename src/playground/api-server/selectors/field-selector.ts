/** Field selectors: `status.phase!=Running,spec.nodeName=n1`. Which fields can be asked for depends on the kind. */
import { isPresent, valueAt } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { badRequest } from '../wire/status-error.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly value: string;
  readonly isEqual: boolean;
}

/** How to read a selectable field; the default follows its path. */
export type FieldReader = (object: ApiObject) => string;

/** The selectable fields of a kind besides metadata.name and metadata.namespace. */
export type SelectableFields = Readonly<Record<string, FieldReader>>;

function unescape(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

/** Throws BadRequest where the text cannot be read. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return text
    .split(/(?<!\\),/)
    .filter((part) => part !== '')
    .map((part) => {
      const [, field = '', operator, value = ''] = /^(.*?)(!=|==|=)(.*)$/.exec(part) ?? [];
      if (operator === undefined) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
      return { field, value: unescape(value), isEqual: operator !== '!=' };
    });
}

/** The text of the value at a field's path; empty where there is none. */
export function textAtPath(path: string): FieldReader {
  const steps = path.split('.');
  return (object) => {
    const value = valueAt(object, ...steps);
    return isPresent(value) ? String(value) : '';
  };
}

/** Selectable fields that follow their paths. */
export function selectable(...paths: readonly string[]): SelectableFields {
  return Object.fromEntries(paths.map((path) => [path, textAtPath(path)]));
}

const METADATA = selectable('metadata.name', 'metadata.namespace');

/** The test of a list of requirements. Throws BadRequest where the kind does not know a field. */
export function fieldTest(
  requirements: readonly FieldRequirement[],
  known: SelectableFields,
): (object: ApiObject) => boolean {
  const tests = requirements.map(({ field, value, isEqual }) => {
    const read = METADATA[field] ?? known[field];
    if (read === undefined) throw badRequest(unknownField(field, known));
    return (object: ApiObject) => (read(object) === value) === isEqual;
  });
  return (object) => tests.every((test) => test(object));
}

/** A kind without fields of its own says which ones every kind has. */
function unknownField(field: string, known: SelectableFields): string {
  return Object.keys(known).length > 0
    ? `field label not supported: ${field}`
    : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}
