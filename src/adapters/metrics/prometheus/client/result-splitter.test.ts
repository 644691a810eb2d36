import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResultSplitter } from './result-splitter.ts';

interface Split {
  readonly elements: readonly unknown[];
  readonly envelope: unknown;
}

function split(text: string, depth: 2 | 3, cuts: readonly number[]): Split {
  const elements: unknown[] = [];
  const splitter = new ResultSplitter(depth, (json) => elements.push(JSON.parse(json)));
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
  for (const [index, place] of places.entries()) splitter.add(text.slice(place, places[index + 1]));
  return { elements, envelope: JSON.parse(splitter.end()) };
}

const anyLabels = fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }));
const anySeries = fc.record({ metric: anyLabels, values: fc.array(fc.tuple(fc.nat(), fc.string())) });
const cuts = fc.array(fc.nat(), { maxLength: 12 });

describe('a split answer', () => {
  it('gives every series and a readable envelope, wherever the chunks end', () => {
    fc.assert(
      fc.property(fc.array(anySeries), fc.array(fc.string()), cuts, (result, warnings, where) => {
        const body = { status: 'success', data: { resultType: 'matrix', result }, warnings };
        const { elements, envelope } = split(JSON.stringify(body), 3, where);
        expect(elements).toEqual(JSON.parse(JSON.stringify(result)));
        expect(envelope).toEqual({ ...body, data: { ...body.data, result: [] } });
      }),
    );
  });

  it('takes a list of label sets as well', () => {
    fc.assert(
      fc.property(fc.array(anyLabels), cuts, (data, where) => {
        const { elements, envelope } = split(JSON.stringify({ status: 'success', data }, null, 2), 2, where);
        expect(elements).toEqual(JSON.parse(JSON.stringify(data)));
        expect(envelope).toEqual({ status: 'success', data: [] });
      }),
    );
  });

  it('leaves scalars, errors and statistics in the envelope', () => {
    for (const body of [
      { status: 'success', data: { resultType: 'scalar', result: [1435781451.781, '1'] } },
      { status: 'error', errorType: 'bad_data', error: 'parse error: {"x":[{', data: null },
      {
        status: 'success',
        data: {
          result: [],
          stats: {
            samples: {
              perStep: [
                [1, 2],
                [3, 4],
              ],
            },
          },
        },
      },
    ]) {
      expect(split(JSON.stringify(body), 3, [7, 20])).toEqual({ elements: [], envelope: body });
    }
  });
});
