/** JSON patches (RFC 6902): a list of steps that turn one document into another. */
import { KcError } from '#errors/kc-error.ts';
import { sameJson } from './json-equal.ts';

export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** A path as its unescaped steps; the empty text is the whole document. Throws KC_PATCH_INVALID. */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw invalid(pointer, 'is not a JSON pointer');
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function escapeStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The document that the steps make of `document`, which is not changed. Throws KC_PATCH_INVALID. */
export function applyJsonPatch(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  return operations.reduce(applyOperation, document);
}

function applyOperation(document: unknown, operation: JsonPatchOperation): unknown {
  const { op, path } = operation;
  const steps = parsePointer(path);
  switch (op) {
    case 'add':
      return change(document, steps, () => ({ insert: true, value: operation.value }));
    case 'replace':
      read(document, steps, path);
      return change(document, steps, () => ({ value: operation.value }));
    case 'remove':
      read(document, steps, path);
      return change(document, steps, () => undefined);
    case 'test':
      if (!sameJson(read(document, steps, path), operation.value)) throw invalid(path, 'is not as tested');
      return document;
    case 'copy':
    case 'move':
      return transfer(document, operation);
  }
}

function transfer(
  document: unknown,
  operation: JsonPatchOperation & { readonly op: 'move' | 'copy' },
): unknown {
  const { op, from, path } = operation;
  if (op === 'move' && path.startsWith(`${from}/`)) throw invalid(path, 'lies inside what is to be moved');
  const value = read(document, parsePointer(from), from);
  const source = op === 'move' ? change(document, parsePointer(from), () => undefined) : document;
  return change(source, parsePointer(path), () => ({ insert: true, value }));
}

function read(document: unknown, steps: readonly string[], path: string): unknown {
  let value = document;
  for (const step of steps) {
    if (!hasStep(value, step)) throw invalid(path, 'does not exist');
    value = Array.isArray(value)
      ? (value as unknown[])[Number(step)]
      : Object.getOwnPropertyDescriptor(value, step)?.value;
  }
  return value;
}

function hasStep(value: unknown, step: string): value is object {
  if (Array.isArray(value)) return isIndex(step) && Number(step) < value.length;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step);
}

function isIndex(step: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(step);
}

/** What becomes of a member: another value, put in place or inserted; undefined removes it. */
type NewValue = { readonly value: unknown; readonly insert?: boolean } | undefined;

/** A copy of `node` with the member at `steps` changed; everything else is shared. */
function change(node: unknown, steps: readonly string[], next: () => NewValue): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return next()?.value;
  if (Array.isArray(node)) return changeItem(node, [step, ...rest], next);
  if (typeof node !== 'object' || node === null) throw invalid(step, 'lies below something without members');
  const members = new Map(Object.entries(node));
  if (rest.length > 0) {
    if (!members.has(step)) throw invalid(step, 'does not exist');
    members.set(step, change(members.get(step), rest, next));
    return Object.fromEntries(members);
  }
  const made = next();
  if (made === undefined) members.delete(step);
  else members.set(step, made.value);
  return Object.fromEntries(members);
}

function changeItem(
  items: readonly unknown[],
  steps: readonly [string, ...string[]],
  next: () => NewValue,
): unknown[] {
  const [step, ...rest] = steps;
  const index = step === '-' ? items.length : isIndex(step) ? Number(step) : -1;
  if (rest.length > 0) {
    if (index < 0 || index >= items.length) throw invalid(step, 'does not exist');
    return items.with(index, change(items[index], rest, next));
  }
  const made = next();
  if (index < 0 || index > items.length) throw invalid(step, 'is no place in the list');
  if (made === undefined) return items.toSpliced(index, 1);
  return items.toSpliced(index, made.insert === true ? 0 : 1, made.value);
}

/** The steps that turn `before` into `after`: none where they are the same. Members that are undefined are absent. */
export function jsonPatch(before: unknown, after: unknown, path = ''): JsonPatchOperation[] {
  if (sameJson(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return listPatch(before, after, path);
  if (isObject(before) && isObject(after)) return memberPatch(before, after, path);
  return [{ op: 'replace', path, value: after }];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberPatch(before: object, after: object, path: string): JsonPatchOperation[] {
  const old = presentMembers(before);
  const now = presentMembers(after);
  const removed = [...old.keys()].filter((name) => !now.has(name));
  const changed = [...now].flatMap(([name, value]): JsonPatchOperation[] => {
    const at = `${path}/${escapeStep(name)}`;
    return old.has(name) ? jsonPatch(old.get(name), value, at) : [{ op: 'add', path: at, value }];
  });
  return [
    ...removed.map((name) => ({ op: 'remove', path: `${path}/${escapeStep(name)}` }) as const),
    ...changed,
  ];
}

function presentMembers(value: object): Map<string, unknown> {
  return new Map(Object.entries(value).filter(([, member]) => member !== undefined));
}

/** Leaves the common beginning and end alone; in between, items are changed in place, then added or removed. */
function listPatch(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): JsonPatchOperation[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && sameJson(before[start], after[start])) start += 1;
  let end = 0;
  while (end < shorter - start && sameJson(before.at(-1 - end), after.at(-1 - end))) end += 1;
  const both = shorter - start - end;
  const inPlace = Array.from({ length: both }, (_, offset) => start + offset).flatMap((index) =>
    jsonPatch(before[index], after[index], `${path}/${String(index)}`),
  );
  const at = start + both;
  const added = after.slice(at, after.length - end).map((value, offset) => {
    return { op: 'add', path: `${path}/${String(at + offset)}`, value } as const;
  });
  const removed = before
    .slice(at, before.length - end)
    .map(() => ({ op: 'remove', path: `${path}/${String(at)}` }) as const);
  return [...inPlace, ...removed, ...added];
}

function invalid(path: string, problem: string): KcError {
  return new KcError('KC_PATCH_INVALID', { field: path, problem });
}
