import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject, isObject } from '../json/json.ts';
import { loadSchemas } from '../schema/load-schemas.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { applyJsonPatch, readOperations } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

/** JSON without nulls, which a merge patch cannot write. */
const plain = fc.letrec((tie) => ({
  value: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer()), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4 }),
}));
const documents = plain.object as fc.Arbitrary<JsonObject>;

/** The merge patch that turns one document into another. */
function mergeDiff(from: JsonObject, to: JsonObject): JsonObject {
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [before, after] = [from[name], to[name]];
      if (after === undefined) return [name, null];
      return [name, isObject(before) && isObject(after) ? mergeDiff(before, after) : after];
    }),
  );
}

describe('merge patches', () => {
  it('turn any document into any other', () => {
    fc.assert(
      fc.property(documents, documents, (from, to) => {
        const before = structuredClone(from);
        expect(applyMergePatch(from, mergeDiff(from, to))).toEqual(to);
        expect(from).toEqual(before);
      }),
    );
  });

  it('change nothing the second time', () => {
    fc.assert(
      fc.property(documents, documents, (document, patch) => {
        const once = applyMergePatch(document, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
      }),
    );
  });
});

describe('JSON patches', () => {
  const run = (document: JsonObject, ...operations: readonly object[]) =>
    applyJsonPatch(document, readOperations(operations));

  it('undo what they do', () => {
    fc.assert(
      fc.property(documents, fc.string(), fc.jsonValue(), (document, name, value) => {
        fc.pre(!Object.hasOwn(document, name) && name !== '__proto__');
        const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const added = run(document, { op: 'add', path, value });
        expect(added).toEqual({ ...document, [name]: value });
        expect(run(added as JsonObject, { op: 'test', path, value }, { op: 'remove', path })).toEqual(
          document,
        );
      }),
    );
  });

  it.each([
    ['insert into lists', { a: [1, 3] }, { op: 'add', path: '/a/1', value: 2 }, { a: [1, 2, 3] }],
    ['append to lists', { a: [1] }, { op: 'add', path: '/a/-', value: 2 }, { a: [1, 2] }],
    ['move', { a: { x: 1 }, b: {} }, { op: 'move', from: '/a/x', path: '/b/y' }, { a: {}, b: { y: 1 } }],
    ['copy', { a: { x: 1 } }, { op: 'copy', from: '/a', path: '/b' }, { a: { x: 1 }, b: { x: 1 } }],
    ['replace a null', { a: null }, { op: 'replace', path: '/a', value: 1 }, { a: 1 }],
  ])('%s', (_what, document, operation, expected) => {
    expect(run(document, operation)).toEqual(expected);
  });

  it.each([
    { op: 'remove', path: '/none' },
    { op: 'replace', path: '/none', value: 1 },
    { op: 'add', path: '/none/deep', value: 1 },
    { op: 'test', path: '/a', value: [2] },
    { op: 'remove', path: '/a/7' },
    { op: 'add', path: '/a/01', value: 1 },
  ])('that do not fit are refused: %j', (operation) => {
    expect(() => run({ a: [1] }, operation)).toThrow();
  });
});

describe('strategic merge patches', () => {
  let podSpec: SchemaNode;
  beforeAll(async () => {
    podSpec = (await loadSchemas()).definitions.node('io.k8s.api.core.v1.PodSpec');
  });

  const containers = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      image: fc.string(),
      args: fc.array(fc.string()),
    }),
    { selector: ({ name }) => name, minLength: 1 },
  );

  it('change the items they name and leave the others where and as they are', () => {
    fc.assert(
      fc.property(containers, fc.nat(), fc.string(), (list, pick, image) => {
        const chosen = list[pick % list.length]?.name ?? '';
        const patch = { containers: [{ name: chosen, image }] };
        const once = applyStrategicMergePatch(podSpec, { containers: list }, patch);
        const expected = list.map((item) => (item.name === chosen ? { ...item, image } : item));
        expect(once).toEqual({ containers: expected });
        expect(applyStrategicMergePatch(podSpec, once, patch)).toEqual(once);
      }),
    );
  });

  it('delete exactly the item they name', () => {
    fc.assert(
      fc.property(containers, fc.nat(), (list, pick) => {
        const chosen = list[pick % list.length]?.name ?? '';
        const patch = { containers: [{ name: chosen, $patch: 'delete' }] };
        expect(applyStrategicMergePatch(podSpec, { containers: list }, patch)).toEqual({
          containers: list.filter(({ name }) => name !== chosen),
        });
      }),
    );
  });

  it('put items in the order they state', () => {
    fc.assert(
      fc.property(containers, (list) => {
        const order = [...list].reverse().map(({ name }) => ({ name }));
        const patch = { '$setElementOrder/containers': order, containers: order };
        expect(applyStrategicMergePatch(podSpec, { containers: list }, patch)).toEqual({
          containers: [...list].reverse(),
        });
      }),
    );
  });
});
