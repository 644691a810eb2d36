/** Checks values against schemas. A schema is compiled once; each problem names its field. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Default } from 'typebox/value';
import type { FieldProblem } from './field-problem.ts';

/** A value with its defaults filled in, or what is wrong with it. */
export type Checked = { readonly value: unknown } | { readonly problems: readonly FieldProblem[] };

export type Check = (value: unknown) => Checked;

const MAX_PROBLEMS = 10;
const MAX_NAME_LENGTH = 100;

/** `place` stands before each field: nothing for bodies, `query.` and `path.` for the others. */
export function compileCheck(schema: TSchema, place: string): Check {
  const validator = Compile(schema);
  return (value) => {
    if (!validator.Check(value)) return { problems: problemsOf(validator.Errors(value), place) };
    return { value: Default(schema, value) };
  };
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

/** Said by a schema about its parts, each of which has an error of its own. */
const ECHOES = ['anyOf', 'boolean', 'oneOf', 'allOf'];

function problemsOf(errors: readonly SchemaError[], place: string): FieldProblem[] {
  const own = errors.filter(({ keyword }) => !ECHOES.includes(keyword));
  const told = own.length > 0 ? own : errors;
  const found = new Map<string, FieldProblem>();
  for (const problem of told.flatMap((error) => explain(error, place))) {
    if (!found.has(problem.field)) found.set(problem.field, problem);
  }
  return [...found.values()].slice(0, MAX_PROBLEMS);
}

function explain({ instancePath, message, params }: SchemaError, place: string): FieldProblem[] {
  const path = fieldOf(instancePath);
  const { additionalProperties, requiredProperties, allowedValues } = params as Partial<
    Record<string, readonly unknown[]>
  >;
  const inside = (name: unknown): string => place + [path, shortened(name)].filter(Boolean).join('.');
  if (additionalProperties !== undefined) {
    return additionalProperties.map((name) => ({ field: inside(name), message: 'is not a field here' }));
  }
  if (requiredProperties !== undefined) {
    return requiredProperties.map((name) => ({ field: inside(name), message: 'is required' }));
  }
  const field = path === '' ? place.replace(/\.$/, '') || 'body' : place + path;
  if (allowedValues !== undefined) {
    return [{ field, message: `must be one of ${allowedValues.map(String).join(', ')}` }];
  }
  return [{ field, message }];
}

/** `/optimization_types/1` as `optimization_types[1]`. */
function fieldOf(instancePath: string): string {
  return instancePath
    .split('/')
    .slice(1)
    .map((part) => shortened(part.replaceAll('~1', '/').replaceAll('~0', '~')))
    .map((part, place) => (/^\d+$/.test(part) ? `[${part}]` : `${place === 0 ? '' : '.'}${part}`))
    .join('');
}

function shortened(name: unknown): string {
  const text = String(name);
  if (text === '') return '""';
  return text.length > MAX_NAME_LENGTH ? `${text.slice(0, MAX_NAME_LENGTH)}…` : text;
}
