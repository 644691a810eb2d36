/**
 * Lays an applied configuration over the live object: nothing is removed, the configuration's values win, lists keep
 * the live order except where the configuration states another.
 */
import { asList, asObject } from '../json/json.ts';
import { ANY_NODE, type SchemaNode, childNode } from '../schema/schema-node.ts';
import { itemElement } from './path-element.ts';
import { isHollow, shapeOf } from './shape.ts';

/** Lists may not name an item twice. */
export class DuplicateItemError extends Error {
  constructor(element: string) {
    super(`duplicate entries for key ${element}`);
    this.name = 'DuplicateItemError';
  }
}

/** The merged value; undefined where both are. Throws DuplicateItemError. */
export function merge(node: SchemaNode, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined && shapeOf(node, applied) !== 'list') return applied;
  const shape = shapeOf(node, applied);
  if (shape === 'leaf' || (isHollow(live) && isHollow(applied))) return applied;
  return shape === 'map' ? mergeFields(node, live, applied) : mergeItems(node, asList(live), asList(applied));
}

function mergeFields(node: SchemaNode, live: unknown, applied: unknown): unknown {
  const before = asObject(live);
  const after = asObject(applied);
  const merged: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const value = merge(childNode(node, name) ?? ANY_NODE, before[name], after[name]);
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

/** The items of one side by path element. */
interface Side {
  readonly order: readonly string[];
  readonly items: ReadonlyMap<string, unknown>;
}

function liveSide(node: SchemaNode, items: readonly unknown[]): Side {
  const order = items.map((item, index) => itemElement(node, item) ?? `i:${index}`);
  return { order, items: new Map(order.map((element, index) => [element, items[index]])) };
}

function appliedSide(node: SchemaNode, items: readonly unknown[]): Side {
  const side = liveSide(node, items);
  const repeated = side.order.find((element, index) => side.order.indexOf(element) !== index);
  if (repeated !== undefined) throw new DuplicateItemError(repeated);
  return side;
}

/** Lays the items of the configuration over the live ones. */
function mergeItems(
  node: SchemaNode,
  live: readonly unknown[],
  applied: readonly unknown[],
): readonly unknown[] {
  const left = liveSide(node, live);
  const right = appliedSide(node, applied);
  return mergedOrder(left, right).map(({ element, index }) =>
    index === undefined
      ? merge(node.element ?? ANY_NODE, left.items.get(element), right.items.get(element))
      : live[index],
  );
}

/** An item of the result: of both sides or the configuration alone, or the live one at `index`. */
interface Slot {
  readonly element: string;
  readonly index?: number;
}

/**
 * Walks both orders at once. Items that only the live list has keep their place relative to their neighbours; those
 * of the configuration come in its order.
 */
function mergedOrder(left: Side, right: Side): readonly Slot[] {
  const shared = right.order.filter((element) => left.items.has(element));
  const slots: Slot[] = [];
  const taken = new Set<string>();
  const take = (element: string): void => {
    taken.add(element);
    slots.push({ element });
    if (shared[0] === element) shared.shift();
  };
  let index = 0;
  let next = 0;
  while (index < left.order.length || next < right.order.length) {
    const mine = left.order[index];
    const theirs = right.order[next];
    const step = stepOf(mine, theirs, { right, wanted: shared[0], taken });
    if (step === 'keep' && mine !== undefined) slots.push({ element: mine, index });
    if (step.startsWith('take') && theirs !== undefined) {
      take(theirs);
      next += 1;
    }
    if (step !== 'take') index += 1;
  }
  return slots;
}

type Step = 'keep' | 'skip' | 'take' | 'take-both';

interface Progress {
  readonly right: Side;
  /** The next item that both sides have, in the order of the configuration. */
  readonly wanted: string | undefined;
  readonly taken: ReadonlySet<string>;
}

/** What to do where the live list is at `mine` and the configuration at `theirs`. */
function stepOf(mine: string | undefined, theirs: string | undefined, progress: Progress): Step {
  if (mine === undefined) return 'take';
  if (!progress.right.items.has(mine)) return 'keep';
  if (theirs === undefined) return 'skip';
  if (mine === theirs) return 'take-both';
  if (progress.wanted !== undefined && progress.wanted !== mine) return 'skip';
  return progress.taken.has(mine) ? 'take-both' : 'take';
}
