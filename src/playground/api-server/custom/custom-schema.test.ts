import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CelRules } from './cel-rules.ts';
import type { CustomSchema } from './custom-schema.ts';
import { applyDefaults, prune } from './prune.ts';
import { unknownField } from './rule-fields.ts';
import { schemaErrors } from './schema-errors.ts';

const SCHEMA: CustomSchema = {
  type: 'object',
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
    name: { type: 'string', maxLength: 5, nullable: true },
    deep: { type: 'object', default: {}, properties: { on: { type: 'boolean', default: true } } },
    list: {
      type: 'array',
      items: { type: 'object', properties: { weight: { type: 'number', default: 1 } } },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

const names = fc.constantFrom('size', 'name', 'deep', 'list', 'free', 'odd', 'on', 'weight');
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.integer(),
    fc.string(),
    fc.constant(null),
    fc.array(tie('object'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(names, tie('value'), { maxKeys: 4 }),
}));

function pruned(value: unknown): { readonly value: unknown; readonly dropped: readonly string[] } {
  const dropped: string[] = [];
  return { value: prune(SCHEMA, value, { path: '', dropped }), dropped };
}

describe('pruning', () => {
  it('drops nothing the second time', () => {
    fc.assert(
      fc.property(values.object, (object) => {
        const { value } = pruned(object);
        expect(pruned(value)).toEqual({ value, dropped: [] });
      }),
    );
  });

  it('tells the paths of what it drops', () => {
    const given = { odd: 1, deep: { odd: 1 }, list: [{ weight: 1 }, { odd: 1 }], free: { odd: 1 } };
    expect(pruned(given)).toEqual({
      value: { deep: {}, list: [{ weight: 1 }, {}], free: { odd: 1 } },
      dropped: ['odd', 'deep.odd', 'list[1].odd'],
    });
  });
});

describe('defaults', () => {
  it('are filled in once and for all', () => {
    fc.assert(
      fc.property(values.object, (object) => {
        const filled = applyDefaults(SCHEMA, object);
        expect(applyDefaults(SCHEMA, filled)).toEqual(filled);
      }),
    );
  });

  it('take the place of nulls where null is not allowed', () => {
    expect(applyDefaults(SCHEMA, { size: null, name: null, deep: null, list: [{}] })).toEqual({
      size: 3,
      name: null,
      deep: { on: true },
      list: [{ weight: 1 }],
    });
  });
});

describe('schemas', () => {
  it.each([
    [{ size: 0 }, 'size in body should be greater than or equal to 1'],
    [{ size: 1.5 }, 'size in body must be of type integer'],
    [{ name: 'much too long' }, 'may not be more than 5'],
    [{ deep: [] }, 'deep in body must be of type object: "array"'],
  ])('refuse %j', (object, words) => {
    const errors = schemaErrors(SCHEMA, object, { field: '' });
    expect(errors.map(({ body }) => body).join()).toContain(words);
  });

  it('hold nothing against a value that was there before', () => {
    const before = { size: 99 };
    expect(schemaErrors(SCHEMA, before, { field: '', before })).toEqual([]);
    expect(schemaErrors(SCHEMA, { size: 98 }, { field: '', before })).toHaveLength(1);
  });
});

describe('CEL rules', () => {
  const rules = new CelRules({
    ...SCHEMA,
    'x-kubernetes-validations': [
      { rule: 'self.size <= 5', message: 'too large', fieldPath: '.size' },
      { rule: 'self.size >= oldSelf.size', messageExpression: '"shrinks to " + string(self.size)' },
    ],
  });
  const told = (object: object, before?: object) =>
    rules.errors({ ...object }, before && { ...before }).map(({ field, body }) => `${field}: ${body}`);

  it('say where and why', () => {
    expect(told({ size: 5 })).toEqual([]);
    expect(told({ size: 6 })).toEqual(['size: Invalid value: too large']);
  });

  it('about the change are asked on changes alone', () => {
    expect(told({ size: 2 }, { size: 4 })).toEqual(['<nil>: Invalid value: shrinks to 2']);
    expect(told({ size: 4 }, { size: 4 })).toEqual([]);
  });

  it.each([
    ['self.size > 1 && self.deep.on', undefined],
    ['self.none == 1', "undefined field 'none'"],
    ['self.deep.off', "undefined field 'off'"],
    ['self.free.anything.goes', undefined],
    ['self.list.all(one, one.weight > 0)', undefined],
    ['self.name == "self.none"', undefined],
    ['has(self.odd)', "undefined field 'odd'"],
    ['myself.none', undefined],
  ])('read only fields that there are: %s', (rule, problem) => {
    expect(unknownField(SCHEMA, rule, false)).toBe(problem);
  });
});
