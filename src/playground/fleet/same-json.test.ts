import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stableText } from './naming.ts';
import { sameJson } from './same-json.ts';

describe('sameJson', () => {
  it('agrees with the texts of any two values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameJson(a, structuredClone(a))).toBe(true);
        if (sameJson(a, b)) expect(stableText(a)).toBe(stableText(b));
        expect(sameJson({ x: a }, { x: a, y: b })).toBe(false);
      }),
    );
  });

  it('takes undefined for absent, and null for something', () => {
    expect(sameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameJson({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(sameJson({ a: null }, {})).toBe(false);
    expect(sameJson([], {})).toBe(false);
    expect(sameJson([1], [1, 2])).toBe(false);
  });
});
