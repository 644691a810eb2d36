import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameJson } from './json-equal.ts';
import { applyMergePatch, mergePatch } from './merge-patch.ts';

/** JSON objects without nulls, which a merge patch cannot express. */
const { object } = fc.letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.boolean(),
    fc.string({ maxLength: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary<unknown>(
    fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), fc.string({ maxLength: 3 })),
    tie('value'),
    { maxKeys: 4 },
  ),
}));

describe('mergePatch', () => {
  it('turns any object into any other', () => {
    fc.assert(
      fc.property(object, object, (before, after) => {
        expect(sameJson(applyMergePatch(before, mergePatch(before, after) ?? {}), after)).toBe(true);
      }),
    );
  });

  it('is undefined exactly where nothing changed', () => {
    fc.assert(
      fc.property(object, object, (before, after) => {
        expect(mergePatch(before, after) === undefined).toBe(sameJson(before, after));
        expect(mergePatch(before, structuredClone(before))).toBeUndefined();
      }),
    );
  });

  it('counts undefined members as absent, inside lists too', () => {
    expect(mergePatch({ a: [{ b: 1 }] }, { a: [{ b: 1, c: undefined }], d: undefined })).toBeUndefined();
  });

  it('says only what changed', () => {
    const before = { spec: { replicas: 1, paused: true, template: { a: 1, b: 2 } }, kind: 'X' };
    const after = { spec: { replicas: 2, template: { a: 1, b: 3 } }, kind: 'X' };
    expect(mergePatch(before, after)).toEqual({ spec: { replicas: 2, paused: null, template: { b: 3 } } });
  });
});

describe('applyMergePatch', () => {
  // The test cases of RFC 7386, appendix A.
  it.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])('patches %s with %s to %s', (target, patch, result) => {
    expect(applyMergePatch(JSON.parse(target), JSON.parse(patch))).toEqual(JSON.parse(result));
  });
});
