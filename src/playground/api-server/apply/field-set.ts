/**
 * Sets of field paths in the form in which managedFields hold them (FieldsV1): every key is a path element, a leaf is
 * `{}`, and `.` says that an element with others below it is itself in the set. Sets are never mutated.
 */
import { type JsonObject, EMPTY_OBJECT, asObject, isEmptyObject } from '../json/json.ts';

export type FieldSet = JsonObject;

const SELF = '.';
export const EMPTY_SET: FieldSet = EMPTY_OBJECT;

/** Whether the path that leads to this node is in the set. */
export function isMember(node: unknown): boolean {
  const object = asObject(node);
  return node !== undefined && (SELF in object || isEmptyObject(object));
}

/** The path elements directly below a node. */
export function elementsOf(node: FieldSet): readonly string[] {
  return Object.keys(node).filter((element) => element !== SELF);
}

/** The set below one path element; empty where there is none. */
export function below(set: FieldSet, element: string): FieldSet {
  return asObject(set[element]);
}

/** Whether there are paths below one path element. */
export function hasBelow(set: FieldSet, element: string): boolean {
  const node = below(set, element);
  for (const name in node) if (name !== SELF) return true;
  return false;
}

/** A node made of its membership and what is below it; undefined where it holds nothing. */
function makeNode(member: boolean, children: Readonly<Record<string, unknown>>): FieldSet | undefined {
  if (isEmptyObject(children)) return member ? EMPTY_SET : undefined;
  return member ? { [SELF]: EMPTY_SET, ...children } : children;
}

/** Combines two nodes element by element. */
interface Combination {
  readonly member: (a: boolean, b: boolean) => boolean;
  /** Elements that only the first, or only the second, has are part of the result as they are. */
  readonly takesFirst: boolean;
  readonly takesSecond: boolean;
}

const UNION: Combination = { member: (a, b) => a || b, takesFirst: true, takesSecond: true };
const INTERSECTION: Combination = { member: (a, b) => a && b, takesFirst: false, takesSecond: false };
const DIFFERENCE: Combination = { member: (a, b) => a && !b, takesFirst: true, takesSecond: false };

function combineNodes(a: unknown, b: unknown, how: Combination): FieldSet | undefined {
  const children = combineChildren(asObject(a), asObject(b), how);
  return makeNode(how.member(isMember(a), isMember(b)), children);
}

function combineChildren(a: FieldSet, b: FieldSet, how: Combination): FieldSet {
  const result: Record<string, unknown> = {};
  for (const element in a) {
    if (element === SELF) continue;
    const node = element in b ? combineNodes(a[element], b[element], how) : how.takesFirst && a[element];
    if (node !== undefined && node !== false) result[element] = node;
  }
  if (how.takesSecond) addMissing(result, a, b);
  return result;
}

/** What only `b` has. */
function addMissing(result: Record<string, unknown>, a: FieldSet, b: FieldSet): void {
  for (const element in b) if (element !== SELF && !(element in a)) result[element] = b[element];
}

/** Paths in either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptyObject(a)) return b;
  return isEmptyObject(b) ? a : combineChildren(a, b, UNION);
}

/** Paths in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combineChildren(a, b, INTERSECTION);
}

/** Paths of `a` that are not in `b`; a path below one of `b` stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return isEmptyObject(b) ? a : combineChildren(a, b, DIFFERENCE);
}

/** Paths of `a` that are neither in `b` nor below a path of `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  const result: Record<string, unknown> = {};
  for (const element of elementsOf(a)) {
    if (isMember(b[element])) continue;
    const node = a[element];
    const children = recursiveDifference(asObject(node), below(b, element));
    const kept = makeNode(isMember(node), children);
    if (kept !== undefined) result[element] = kept;
  }
  return result;
}

/** A set that is being made: paths are added to it in place. */
export class FieldSetBuilder {
  readonly #root: Record<string, unknown> = {};

  /** Adds a path. The empty path stands for the whole object and is not tracked. */
  insert(path: readonly string[]): void {
    const [last] = path.slice(-1);
    if (last === undefined) return;
    let node = this.#root;
    for (const element of path.slice(0, -1)) node = descend(node, element);
    const present = node[last];
    if (present === undefined) node[last] = {};
    else if (!isMember(present)) (present as Record<string, unknown>)[SELF] = EMPTY_SET;
  }

  get isEmpty(): boolean {
    return isEmptyObject(this.#root);
  }

  /** The set made so far; nothing may be added afterwards. */
  build(): FieldSet {
    return this.#root;
  }
}

/** The node below an element, made where it is missing; a leaf stays a member. */
function descend(node: Record<string, unknown>, name: string): Record<string, unknown> {
  const present = node[name];
  if (present === undefined) {
    const made = {};
    node[name] = made;
    return made;
  }
  const child = present as Record<string, unknown>;
  if (isEmptyObject(child)) child[SELF] = EMPTY_SET;
  return child;
}

/** Every path of the set, parents before children. */
export function pathsOf(set: FieldSet): readonly (readonly string[])[] {
  return elementsOf(set).flatMap((name) => {
    const node = set[name];
    const inner = pathsOf(asObject(node)).map((path) => [name, ...path]);
    return isMember(node) ? [[name], ...inner] : inner;
  });
}

/** A set of paths of field names. */
export function setOfFields(...paths: readonly (readonly string[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.insert(path.map((name) => `f:${name}`));
  return builder.build();
}
