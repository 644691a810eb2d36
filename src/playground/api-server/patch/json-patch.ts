/** RFC 6902: operations on the places of a document. The document is not changed. */
import { deepEqual } from '../json/equality.ts';
import { type JsonObject, isList, isObject } from '../json/json.ts';
import { PatchError } from './patch-error.ts';

export interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

function stepsOf(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new PatchError(`invalid path ${JSON.stringify(pointer)}`);
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexOf(step: string, limit: number): number {
  const index = /^(0|[1-9]\d*)$/.test(step) ? Number(step) : Number.NaN;
  if (Number.isNaN(index)) throw new PatchError(`invalid array index ${JSON.stringify(step)}`);
  if (index >= limit)
    throw new PatchError(`Unable to access invalid index: ${step}: invalid index referenced`);
  return index;
}

/** The value at the place; PatchError where there is none. */
function read(document: unknown, steps: readonly string[]): unknown {
  let value = document;
  for (const step of steps) {
    if (isList(value)) value = value[indexOf(step, value.length)];
    else if (isObject(value) && step in value) value = value[step];
    else throw new PatchError(`doc is missing path: /${steps.join('/')}: missing value`);
  }
  return value;
}

/** Replaces the container of the last step by what `edit` makes of it. */
function editAt(
  value: unknown,
  steps: readonly string[],
  edit: (container: unknown, step: string) => unknown,
): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) throw new PatchError('the whole document cannot be edited');
  if (rest.length === 0) return edit(value, step);
  if (isList(value)) {
    const index = indexOf(step, value.length);
    return value.with(index, editAt(value[index], rest, edit));
  }
  if (!isObject(value) || !(step in value)) {
    throw new PatchError(`doc is missing path: "/${steps.join('/')}": missing value`);
  }
  return { ...value, [step]: editAt(value[step], rest, edit) };
}

function add(document: unknown, steps: readonly string[], value: unknown): unknown {
  if (steps.length === 0) return value;
  return editAt(document, steps, (container, step) => {
    if (isObject(container)) return { ...container, [step]: value };
    if (!isList(container)) throw new PatchError(`doc is missing path: "/${steps.join('/')}": missing value`);
    const index = step === '-' ? container.length : indexOf(step, container.length + 1);
    return container.toSpliced(index, 0, value);
  });
}

function remove(document: unknown, steps: readonly string[]): unknown {
  return editAt(document, steps, (container, step) => {
    if (isList(container)) return container.toSpliced(indexOf(step, container.length), 1);
    if (!isObject(container) || !(step in container)) {
      throw new PatchError(`Unable to remove nonexistent key: ${step}: missing value`);
    }
    const { [step]: _removed, ...rest } = container;
    return rest;
  });
}

function replace(document: unknown, steps: readonly string[], value: unknown): unknown {
  if (steps.length === 0) return value;
  read(document, steps);
  return editAt(document, steps, (container, step) =>
    isList(container)
      ? container.with(indexOf(step, container.length), value)
      : { ...(container as JsonObject), [step]: value },
  );
}

function test(document: unknown, path: string, value: unknown): unknown {
  let present: unknown;
  try {
    present = read(document, stepsOf(path));
  } catch {
    present = null;
  }
  if (!deepEqual(present ?? null, value ?? null))
    throw new PatchError(`testing value ${path} failed: test failed`);
  return document;
}

const OPERATIONS: Readonly<Record<string, (document: unknown, operation: PatchOperation) => unknown>> = {
  add: (document, { path, value }) => add(document, stepsOf(path), value),
  remove: (document, { path }) => remove(document, stepsOf(path)),
  replace: (document, { path, value }) => replace(document, stepsOf(path), value),
  test: (document, { path, value }) => test(document, path, value),
  copy: (document, { path, from = '' }) => add(document, stepsOf(path), read(document, stepsOf(from))),
  move: (document, { path, from = '' }) => {
    const steps = stepsOf(from);
    return add(remove(document, steps), stepsOf(path), read(document, steps));
  },
};

/** The operations of a patch. Throws PatchError where it is none. */
export function readOperations(patch: unknown): readonly PatchOperation[] {
  if (!isList(patch)) throw new PatchError('the patch is not a list of operations');
  return patch.map((value) => {
    if (!isObject(value) || typeof value['op'] !== 'string' || typeof value['path'] !== 'string') {
      throw new PatchError('an operation lacks its op or path');
    }
    const { op, path, from, value: content } = value;
    return { op, path, value: content, ...(typeof from === 'string' ? { from } : {}) };
  });
}

/** The document after all operations. Throws PatchError where one of them cannot be carried out. */
export function applyJsonPatch(document: JsonObject, operations: readonly PatchOperation[]): unknown {
  return operations.reduce<unknown>((result, operation) => {
    const apply = OPERATIONS[operation.op];
    if (apply === undefined) throw new PatchError(`Unexpected kind: ${operation.op}`);
    return apply(result, operation);
  }, document);
}
