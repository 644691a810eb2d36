/** What differs between two objects of one kind, as sets of fields. */
import { deepEqual } from '../json/equality.ts';
import { asList, asObject } from '../json/json.ts';
import { ANY_NODE, type SchemaNode, childNode } from '../schema/schema-node.ts';
import type { FieldFilter } from './field-filter.ts';
import { type FieldSet, FieldSetBuilder, union } from './field-set.ts';
import { fieldElement, itemElement } from './path-element.ts';
import { type Shape, isHollow, shapeOf } from './shape.ts';

/** No path is in more than one of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Pair {
  readonly node: SchemaNode;
  readonly left: unknown;
  readonly right: unknown;
}

/** Compares `left` (before) with `right` (after). Parts that are the same object are not looked into. */
export function compare(node: SchemaNode, left: unknown, right: unknown): Comparison {
  const walk = new Walk();
  walk.visit({ node, left, right });
  return walk.result();
}

/** The comparison of those fields alone that pass the filter. */
export function filtered(comparison: Comparison, filter: FieldFilter): Comparison {
  return {
    added: filter(comparison.added),
    modified: filter(comparison.modified),
    removed: filter(comparison.removed),
  };
}

/** Everything that `right` sets anew. */
export function changedFields(comparison: Comparison): FieldSet {
  return union(comparison.modified, comparison.added);
}

class Walk {
  readonly #added = new FieldSetBuilder();
  readonly #modified = new FieldSetBuilder();
  readonly #removed = new FieldSetBuilder();
  readonly #path: string[] = [];

  result(): Comparison {
    return { added: this.#added.build(), modified: this.#modified.build(), removed: this.#removed.build() };
  }

  visit(pair: Pair): void {
    const { left, right } = pair;
    if (left === right) return;
    const isLeaf = this.#visitShape(shapeOf(pair.node, right ?? left), pair);
    if (isLeaf) return;
    if (left === undefined) this.#added.insert(this.#path);
    else if (right === undefined) this.#removed.insert(this.#path);
  }

  /** Looks into the pair; says whether it was taken as a whole. */
  #visitShape(shape: Shape, pair: Pair): boolean {
    if (shape === 'leaf' || (isHollow(pair.left) && isHollow(pair.right))) {
      this.#leaf(pair);
      return true;
    }
    if (shape === 'map') this.#map(pair);
    else this.#list(pair);
    return false;
  }

  #leaf({ left, right }: Pair): void {
    if (left === undefined) this.#added.insert(this.#path);
    else if (right === undefined) this.#removed.insert(this.#path);
    else if (!deepEqual(left, right)) this.#modified.insert(this.#path);
  }

  #map({ node, left, right }: Pair): void {
    const before = asObject(left);
    const after = asObject(right);
    for (const name in before) this.#field(node, name, before[name], after[name]);
    for (const name in after) if (before[name] === undefined) this.#field(node, name, undefined, after[name]);
  }

  // eslint-disable-next-line max-params -- the innermost loop: an object per field would double its cost
  #field(node: SchemaNode, name: string, left: unknown, right: unknown): void {
    if (left === right) return;
    const child = childNode(node, name) ?? ANY_NODE;
    this.#path.push(fieldElement(name));
    this.visit({ node: child, left, right });
    this.#path.pop();
  }

  #list({ node, left, right }: Pair): void {
    const before = byElement(node, asList(left));
    const after = byElement(node, asList(right));
    for (const element of new Set([...before.keys(), ...after.keys()])) {
      this.#path.push(element);
      this.#items(node.element ?? ANY_NODE, before.get(element) ?? [], after.get(element) ?? []);
      this.#path.pop();
    }
  }

  /** The items of one path element: usually one on each side; several where a list holds duplicates. */
  #items(node: SchemaNode, before: readonly unknown[], after: readonly unknown[]): void {
    if (before.length <= 1 && after.length <= 1) this.visit({ node, left: before[0], right: after[0] });
    else if (before.length > 1 && after.length > 1) {
      if (!deepEqual(before, after)) this.#modified.insert(this.#path);
    } else if (before.length > 1) {
      if (after.length > 0) this.visit({ node, left: undefined, right: after[0] });
      this.#removed.insert(this.#path);
    } else {
      if (before.length > 0) this.visit({ node, left: before[0], right: undefined });
      this.#added.insert(this.#path);
    }
  }
}

function byElement(list: SchemaNode, items: readonly unknown[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const item of items) {
    const element = itemElement(list, item);
    if (element === undefined) continue;
    const known = found.get(element);
    if (known === undefined) found.set(element, [item]);
    else known.push(item);
  }
  return found;
}
