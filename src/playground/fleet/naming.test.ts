import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#platform/random.ts';
import { randomSuffix, stableText, templateHash } from './naming.ts';

describe('names', () => {
  it('have suffixes and hashes that are valid labels without vowels', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (template, seed) => {
        expect(templateHash(template)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
        expect(randomSuffix(new SeededRandom(seed))).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      }),
    );
  });

  it('hash equal templates alike, whatever the order of their fields, and differ on a collision', () => {
    expect(templateHash({ a: 1, b: { c: 2, d: undefined } })).toBe(templateHash({ b: { c: 2 }, a: 1 }));
    expect(templateHash({ a: 1 })).not.toBe(templateHash({ a: 2 }));
    expect(templateHash({ a: 1 }, 1)).not.toBe(templateHash({ a: 1 }));
    expect(stableText({ b: [1, 'x', null], a: true, c: null })).toBe('{"a":true,"b":[1,"x",null]}');
  });
});
