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
});
