import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLabelSelector, selectorTest, selectorText } from './label-selector.ts';

const keys = fc.constantFrom('app', 'tier', 'example.com/size');
const values = fc.constantFrom('web', 'db', 'x', '');
const labels = fc.dictionary(keys, values);
const expressions = fc.oneof(
  fc.record({
    key: keys,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(values, { minLength: 1 }),
  }),
  fc.record({ key: keys, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);

describe('label selectors', () => {
  it('mean the same structured and as text', () => {
    const selectors = fc.record({
      matchLabels: labels,
      matchExpressions: fc.array(expressions, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(selectors, labels, (selector, given) => {
        expect(parseLabelSelector(selectorText(selector))(given)).toBe(selectorTest(selector)(given));
      }),
    );
  });

  it.each([
    ['a=1,b!=2', { a: '1' }, true],
    ['a=1,b!=2', { a: '1', b: '2' }, false],
    ['a', {}, false],
    ['!a', {}, true],
    ['a in (1, 2)', { a: '2' }, true],
    ['a notin (1,2)', {}, true],
    ['a in ()', { a: '' }, true],
    ['a=', { a: '' }, true],
    ['a>3', { a: '10' }, true],
    ['a>3', { a: 'x' }, false],
    ['a < 3', { a: '-1' }, true],
    ['  a == 1 ', { a: '1' }, true],
    ['in=notin', { in: 'notin' }, true],
    ['', { anything: 'goes' }, true],
  ])('%j of %j is %s', (text, given, expected) => {
    expect(parseLabelSelector(text)(given)).toBe(expected);
  });

  it.each([
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['=x', "found '=', expected: !, identifier, or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=-', 'values[0][a]: Invalid value: "-"'],
    ['a>b', 'the value must be an integer'],
    ['-a', 'Invalid value: "-a"'],
  ])('%j is refused in the words of the API server', (text, words) => {
    expect(() => parseLabelSelector(text)).toThrow(words);
  });

  it('never lets an unexpected error out', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab=!(),<> ]*$/), (text) => {
        try {
          parseLabelSelector(text)({ a: 'b' });
        } catch (error) {
          expect(error).toMatchObject({ code: 400 });
        }
      }),
    );
  });
});
