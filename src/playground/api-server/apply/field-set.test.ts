import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldSet, difference, intersection, pathsOf, setOfFields, union } from './field-set.ts';

const paths = fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }), {
  maxLength: 6,
});
const sets = paths.map((list) => setOfFields(...list));

/** A set as texts, which is what it means. */
function members(set: FieldSet): readonly string[] {
  return pathsOf(set).map((path) => path.join('/')).sort(); // prettier-ignore
}

describe('field sets', () => {
  it('hold exactly the paths they were made of', () => {
    fc.assert(
      fc.property(paths, (list) => {
        const expected = [...new Set(list.map((path) => path.map((name) => `f:${name}`).join('/')))].sort();
        expect(members(setOfFields(...list))).toEqual(expected);
      }),
    );
  });

  it('are united, cut and subtracted member by member', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const [left, right] = [new Set(members(a)), new Set(members(b))];
        expect(members(union(a, b))).toEqual([...left.union(right)].sort());
        expect(members(intersection(a, b))).toEqual([...left.intersection(right)].sort());
        expect(members(difference(a, b))).toEqual([...left.difference(right)].sort());
      }),
    );
  });

  it('are not changed by what is made of them', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const before = JSON.stringify([a, b]);
        union(a, b);
        difference(a, b);
        intersection(a, b);
        expect(JSON.stringify([a, b])).toBe(before);
      }),
    );
  });
});
