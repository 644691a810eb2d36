import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldSet, FieldSetBuilder, difference, intersection, pathsOf, union } from './field-set.ts';

const element = fc.constantFrom('f:spec', 'f:status', 'k:{"name":"a"}', 'v:1');
const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 12 });

function setOf(members: readonly (readonly string[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of members) builder.insert(path);
  return builder.build();
}

function textsOf(set: FieldSet): readonly string[] {
  return pathsOf(set)
    .map((path) => path.join('/'))
    .sort();
}

describe('sets of fields', () => {
  it('are united, intersected and subtracted path by path', () => {
    fc.assert(
      fc.property(paths, paths, (first, second) => {
        const [a, b] = [setOf(first), setOf(second)];
        const [inA, inB] = [new Set(textsOf(a)), new Set(textsOf(b))];
        expect(textsOf(union(a, b))).toEqual([...inA.union(inB)].sort());
        expect(textsOf(intersection(a, b))).toEqual([...inA.intersection(inB)].sort());
        expect(textsOf(difference(a, b))).toEqual([...inA.difference(inB)].sort());
      }),
      { numRuns: 500 },
    );
  });

  it('are not changed by what is made of them', () => {
    fc.assert(
      fc.property(paths, paths, (first, second) => {
        const [a, b] = [setOf(first), setOf(second)];
        const before = JSON.stringify([a, b]);
        union(a, b);
        intersection(a, b);
        difference(a, b);
        expect(JSON.stringify([a, b])).toBe(before);
      }),
    );
  });
});
