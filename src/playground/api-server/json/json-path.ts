/** The JSON paths of printer columns, scale and selectable fields: fields, indices, and filters on equality. */
import { isList, isObject } from './json.ts';

type Step =
  | { readonly field: string }
  | { readonly index: number }
  | { readonly filter: readonly string[]; readonly equals: unknown }
  | { readonly all: true };

const STEP =
  /\.?(?:\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+)\]|\[\*\]|\[\?\(@((?:\.[\w-]+)+)\s*==\s*("[^"]*"|'[^']*'|[^)]*)\)\]|\.?((?:\\.|[^.[\]\\])+))/y;

const cache = new Map<string, readonly Step[] | undefined>();

/** The steps of a path; undefined where it cannot be read. */
export function parseJsonPath(path: string): readonly Step[] | undefined {
  if (!cache.has(path)) cache.set(path, parse(path));
  return cache.get(path);
}

function parse(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    steps.push(stepOf(match));
  }
  return steps;
}

function stepOf(match: RegExpExecArray): Step {
  const [, single, double, index, filter, wanted, field] = match;
  if (index !== undefined) return { index: Number(index) };
  if (filter !== undefined) return { filter: filter.slice(1).split('.'), equals: literal(wanted ?? '') };
  const name = single ?? double ?? field;
  return name === undefined ? { all: true } : { field: name.replace(/\\(.)/g, '$1') };
}

function literal(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/.exec(text.trim())?.[2];
  if (quoted !== undefined) return quoted;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Every value at the path; empty where there is none or the path cannot be read. */
export function readJsonPath(value: unknown, path: string): readonly unknown[] {
  const steps = parseJsonPath(path);
  if (steps === undefined) return [];
  return steps.reduce<readonly unknown[]>(
    (values, step) => values.flatMap((item) => follow(item, step)),
    [value],
  );
}

function follow(value: unknown, step: Step): readonly unknown[] {
  if ('field' in step) {
    const found = isObject(value) ? value[step.field] : undefined;
    return found === undefined ? [] : [found];
  }
  if (!isList(value)) return 'all' in step && isObject(value) ? Object.values(value) : [];
  if ('index' in step) {
    const found = value.at(step.index);
    return found === undefined ? [] : [found];
  }
  if ('all' in step) return value;
  return value.filter((item) => readField(item, step.filter) === step.equals);
}

function readField(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((item, name) => (isObject(item) ? item[name] : undefined), value);
}
