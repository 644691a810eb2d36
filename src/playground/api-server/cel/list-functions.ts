/** What Kubernetes adds for lists and sets. */
import type { Environment } from '@marcbachmann/cel-js';
import { deepEqual } from '../json/equality.ts';

type Comparable = bigint | number | string | boolean | Date;

function valueOf(item: Comparable): Comparable {
  return item instanceof Date ? item.getTime() : item;
}

function compare(a: Comparable, b: Comparable): number {
  const first = valueOf(a);
  const second = valueOf(b);
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

function extreme(list: readonly Comparable[], sign: 1 | -1, name: string): Comparable {
  const [first, ...rest] = list;
  if (first === undefined) throw new Error(`${name} called on empty list`);
  return rest.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best), first);
}

function sum(list: readonly Comparable[]): Comparable {
  if (list.some((item) => typeof item === 'number'))
    return list.reduce<number>((total, item) => total + Number(item), 0);
  return list.reduce<bigint>((total, item) => total + (item as bigint), 0n);
}

function isSorted(list: readonly Comparable[]): boolean {
  return list.every((item, index) => index === 0 || compare(list[index - 1] ?? item, item) <= 0);
}

function same(a: unknown, b: unknown): boolean {
  return deepEqual(a, b);
}

function includes(list: readonly unknown[], item: unknown): boolean {
  return list.some((candidate) => same(candidate, item));
}

export function addListFunctions(environment: Environment): void {
  environment
    .registerFunction('list.isSorted(): bool', (list: readonly Comparable[]) => isSorted(list))
    .registerFunction('list.sum(): dyn', (list: readonly Comparable[]) => sum(list))
    .registerFunction('list.min(): dyn', (list: readonly Comparable[]) => extreme(list, -1, 'min'))
    .registerFunction('list.max(): dyn', (list: readonly Comparable[]) => extreme(list, 1, 'max'))
    .registerFunction('list.indexOf(dyn): int', (list: readonly unknown[], item: unknown) =>
      BigInt(list.findIndex((candidate) => same(candidate, item))),
    )
    .registerFunction('list.lastIndexOf(dyn): int', (list: readonly unknown[], item: unknown) =>
      BigInt(list.findLastIndex((candidate) => same(candidate, item))),
    );
  addSetFunctions(environment);
}

/** `sets` is a namespace: its functions are called on a constant. */
class SetFunctions {
  readonly name = 'sets';
}

function addSetFunctions(environment: Environment): void {
  type List = readonly unknown[];
  const contains = (list: List, part: List): boolean => part.every((item) => includes(list, item));
  environment
    .registerType('Sets', SetFunctions)
    .registerConstant('sets', 'Sets', new SetFunctions())
    .registerFunction('Sets.contains(list, list): bool', (_sets: unknown, list: List, part: List) =>
      contains(list, part),
    )
    .registerFunction(
      'Sets.equivalent(list, list): bool',
      (_sets: unknown, a: List, b: List) => contains(a, b) && contains(b, a),
    )
    .registerFunction('Sets.intersects(list, list): bool', (_sets: unknown, a: List, b: List) =>
      a.some((item) => includes(b, item)),
    );
}
