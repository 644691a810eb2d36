/** Pages of a sorted list: each says after which key the next begins, so that a list that changes skips nothing. */
import { Type } from 'typebox';

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, description: 'How many at most.' })),
  after: Type.Optional(
    Type.String({ minLength: 1, maxLength: 800, description: '`next` of the page before.' }),
  ),
};

export interface Page<T> {
  readonly items: readonly T[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

interface Paging<T> {
  readonly limit?: number;
  readonly after?: string;
  readonly keyOf: (item: T) => string;
  readonly byDefault: number;
}

/** The items must be in the order of their keys. */
export function pageOf<T>(items: readonly T[], { limit, after, keyOf, byDefault }: Paging<T>): Page<T> {
  const start = after === undefined ? 0 : firstAfter(items, after, keyOf);
  const page = items.slice(start, start + (limit ?? byDefault));
  const last = page.at(-1);
  const isLast = last === undefined || start + page.length >= items.length;
  return { items: page, next: isLast ? undefined : keyOf(last) };
}

function firstAfter<T>(items: readonly T[], key: string, keyOf: (item: T) => string): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && keyOf(item) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
