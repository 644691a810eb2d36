import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepEqual, share } from './equality.ts';

describe('equality of JSON', () => {
  it('does not depend on the order of keys, but on everything else', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(deepEqual(object, reversed)).toBe(true);
        expect(deepEqual(object, { ...object, 'one more': 1 })).toBe(false);
      }),
    );
  });

  it('is not deceived by names that every object inherits', () => {
    const odd = JSON.parse('{"toString": 1, "__proto__": {"a": 1}}') as object;
    expect(deepEqual({}, odd)).toBe(false);
    expect(deepEqual(odd, {})).toBe(false);
    expect(share({}, odd)).toEqual(odd);
    expect(Object.keys(share({ b: 1 }, odd) as object)).toEqual(['toString', '__proto__']);
    expect(share(odd, {})).toEqual({});
  });

  it('is that of the texts', () => {
    const small = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(deepEqual(structuredClone(a), a)).toBe(true);
        if (JSON.stringify(a) === JSON.stringify(b)) expect(deepEqual(a, b)).toBe(true);
      }),
    );
  });
});

describe('sharing with a previous value', () => {
  it('changes nothing but identity, and keeps what is equal as the very same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (previous, value) => {
        expect(share(previous, value)).toEqual(value);
        expect(share(previous, structuredClone(previous))).toBe(previous);
        const mixed = share({ same: previous, other: 1 }, { same: structuredClone(previous), other: 2 });
        expect((mixed as { readonly same: unknown }).same).toBe(previous);
      }),
    );
  });
});
