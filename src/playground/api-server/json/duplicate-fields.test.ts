import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duplicateFields } from './duplicate-fields.ts';

describe('duplicate fields', () => {
  it('are named with their paths, through objects and lists', () => {
    const text = '{"a":1,"b":{"c":[{"d":1,"d":2},{"d":1}],"c":0},"a":{"x":1},"e":"a\\"b","e":"{"}';
    expect(duplicateFields(text)).toEqual(['b.c[0].d', 'b.c', 'a', 'e']);
  });

  it('do not arise where names are told apart by where they stand', () => {
    expect(duplicateFields('[{"a":1},{"a":1},"a","a",["a","a"]]')).toEqual([]);
  });

  it('are never seen in a text that was made from a value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(duplicateFields(JSON.stringify(value))).toEqual([]);
      }),
    );
  });

  it('are seen whatever the name and whatever stands between', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        const key = JSON.stringify(name);
        expect(duplicateFields(`{${key}:${JSON.stringify(value)},${key}:1}`)).toEqual([name]);
      }),
    );
  });
});
