import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSeries } from './range-series.ts';

describe('a series', () => {
  it('is read with the values that PromQL has besides numbers', () => {
    const json =
      '{"metric":{"a":"b"},"values":[[1.5,"0.1"],[2,"+Inf"],[3,"-Inf"],[4,"NaN"],[5,"1e-05"],[6,"0"],[7,""]]}';
    const { labels, times, values } = parseSeries(json);
    expect(labels).toEqual({ a: 'b' });
    expect([...times]).toEqual([1500, 2000, 3000, 4000, 5000, 6000, 7000]);
    expect([...values]).toEqual([0.1, Infinity, -Infinity, NaN, 1e-5, 0, NaN]);
  });

  it('may be a single value, or a histogram, which is no number', () => {
    expect([...parseSeries('{"metric":{"a":"b"},"value":[1.5,"7"]}').values]).toEqual([7]);
    expect(parseSeries('{"metric":{},"histograms":[[1,{"count":"2"}]]}').values).toHaveLength(0);
  });

  it('is refused where it is no JSON', () => {
    expect(() => parseSeries('{"metric":{},"values":[[1,"2"]')).toThrow(SyntaxError);
  });

  it('is read the same however it is written: without spaces or with, labels first or last, with histograms beside', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true }).map(String),
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
      fc
        .tuple(fc.nat(), fc.nat({ max: 999_999_999 }))
        .map(([whole, part]) => `${String(whole)}.${String(part)}`),
      fc.constantFrom('NaN', '+Inf', '-Inf', '', '0', '00.10', '1e-7', '1.7976931348623157e308', '5e-324'),
    );
    const time = fc.oneof(
      fc.nat(),
      fc.integer(),
      fc.nat().map((ms) => ms / 1000),
    );
    const labels = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.constant(',"values":[[')));
    fc.assert(
      fc.property(labels, fc.array(fc.tuple(time, number)), (metric, values) => {
        const plain = JSON.stringify({ metric, values });
        const others = [
          JSON.stringify({ metric, values }, null, 1),
          JSON.stringify({ values, metric }),
          JSON.stringify({ metric, values, histograms: [[1, {}]] }),
        ];
        const read = parseSeries(plain);
        for (const other of others) expect(parseSeries(other)).toEqual(read);
        expect([...read.values]).toEqual(
          values.map(([, text]) => SPECIAL[text] ?? (text === '' ? NaN : Number(text))),
        );
        expect([...read.times]).toEqual(values.map(([seconds]) => Math.round(seconds * 1000)));
      }),
    );
  });
});

const SPECIAL: Readonly<Record<string, number>> = { '+Inf': Infinity, '-Inf': -Infinity };
