import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameJson } from './json-equal.ts';
import { type JsonPatchOperation, applyJsonPatch, jsonPatch } from './json-patch.ts';

const names = fc.oneof(
  fc.constantFrom('a', 'b', 'a/b', 'm~n', '', '0', '-', '__proto__', 'constructor'),
  fc.string({ maxLength: 3 }),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.string({ maxLength: 2 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary<unknown>(names, tie('value'), { maxKeys: 4 }),
  ),
}));

describe('jsonPatch', () => {
  it('makes steps that turn any document into any other', () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(sameJson(applyJsonPatch(before, jsonPatch(before, after)), after)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('turns lists that share much into each other too', () => {
    const list = fc.array(fc.constantFrom<unknown>(1, 2, { a: 1 }, { a: 2 }, ['x']), { maxLength: 8 });
    fc.assert(
      fc.property(list, list, (before, after) => {
        const steps = jsonPatch(before, after);
        expect(applyJsonPatch(before, steps)).toEqual(after);
        expect(steps.length).toBeLessThanOrEqual(Math.max(before.length, after.length));
      }),
      { numRuns: 500 },
    );
  });

  it('makes no steps where nothing differs, undefined members included, and changes neither side', () => {
    expect(jsonPatch({ a: [1, { b: undefined }] }, { a: [1, {}], c: undefined })).toEqual([]);
    const before = Object.freeze({ a: Object.freeze([1]) });
    expect(applyJsonPatch(before, [{ op: 'add', path: '/a/-', value: 2 }])).toEqual({ a: [1, 2] });
    expect(before).toEqual({ a: [1] });
  });

  it('says only what changed', () => {
    const before = {
      metadata: { labels: { a: '1' } },
      spec: {
        list: [
          { n: 'x', v: 1 },
          { n: 'y', v: 2 },
        ],
      },
    };
    const after = {
      metadata: { labels: { a: '1', 'k8s.io/x~y': '2' } },
      spec: {
        list: [
          { n: 'x', v: 1 },
          { n: 'y', v: 3 },
        ],
      },
    };
    expect(jsonPatch(before, after)).toEqual([
      { op: 'add', path: '/metadata/labels/k8s.io~1x~0y', value: '2' },
      { op: 'replace', path: '/spec/list/1/v', value: 3 },
    ]);
  });
});

describe('applyJsonPatch', () => {
  // From RFC 6902, appendix A.
  it.each<[string, unknown, JsonPatchOperation[], unknown]>([
    [
      'adds a member',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux' }],
      { foo: 'bar', baz: 'qux' },
    ],
    [
      'adds an item',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['removes a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [
      'removes an item',
      { foo: ['bar', 'qux', 'baz'] },
      [{ op: 'remove', path: '/foo/1' }],
      { foo: ['bar', 'baz'] },
    ],
    [
      'replaces',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'replace', path: '/baz', value: 'boo' }],
      { baz: 'boo', foo: 'bar' },
    ],
    [
      'moves a member',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: {} },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { thud: 'fred' } },
    ],
    [
      'moves an item',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    ['copies', { a: 1 }, [{ op: 'copy', from: '/a', path: '/b' }], { a: 1, b: 1 }],
    [
      'tests',
      { baz: 'qux', foo: ['a', 2] },
      [{ op: 'test', path: '/foo/1', value: 2 }],
      { baz: 'qux', foo: ['a', 2] },
    ],
    [
      'adds a nested member',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    ['unescapes', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    ['appends', { foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc'] }], { foo: ['bar', ['abc']] }],
    ['replaces the whole', { foo: 1 }, [{ op: 'replace', path: '', value: [1] }], [1]],
  ])('%s', (_name, document, steps, result) => {
    expect(applyJsonPatch(document, steps)).toEqual(result);
  });

  it.each<[string, unknown, JsonPatchOperation[]]>([
    ['a failing test', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }]],
    ['a target without a parent', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }]],
    ['removing what is not there', {}, [{ op: 'remove', path: '/a' }]],
    ['replacing what is not there', { a: [] }, [{ op: 'replace', path: '/a/0', value: 1 }]],
    ['an index beyond the end', { a: [1] }, [{ op: 'add', path: '/a/3', value: 1 }]],
    ['an index with a leading zero', { a: [1, 2] }, [{ op: 'remove', path: '/a/01' }]],
    ['moving into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }]],
    ['a path that is none', {}, [{ op: 'add', path: 'a', value: 1 }]],
    ['inherited members', {}, [{ op: 'test', path: '/constructor', value: 1 }]],
  ])('refuses %s', (_name, document, steps) => {
    expect(() => applyJsonPatch(document, steps)).toThrow(/KC_PATCH_INVALID/);
  });
});
