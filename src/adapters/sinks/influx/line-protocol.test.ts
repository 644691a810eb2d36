import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowerSample } from '../sample-batch.ts';
import { lineProtocol } from './line-protocol.ts';

const AT_MS = 1_700_000_000_000;
const write = (sample: Partial<PowerSample>): string =>
  lineProtocol(
    {
      atMs: AT_MS,
      samples: [{ kind: 'container', group: 'shop', tags: {}, fields: { watts: 1 }, ...sample }],
    },
    'kcloud',
  );

describe('the line protocol', () => {
  it('writes measurement, sorted tags, fields and the time in milliseconds', () => {
    expect(
      write({ tags: { pod: 'web-0', namespace: 'shop' }, fields: { watts: 12.5, origin: 'measured' } }),
    ).toBe('kcloud_container_power,namespace=shop,pod=web-0 watts=12.5,origin="measured" 1700000000000');
  });

  it('escapes what would end a name, and drops empty tags', () => {
    expect(write({ tags: { 'a b': 'x,y=z', none: '' }, fields: { text: 'say "\\"' } })).toBe(
      String.raw`kcloud_container_power,a\ b=x\,y\=z text="say \"\\\"" 1700000000000`,
    );
  });

  it('leaves out numbers that are none, and points without any field', () => {
    expect(write({ fields: { watts: Number.NaN, idle: 2 } })).toBe(
      'kcloud_container_power idle=2 1700000000000',
    );
    expect(write({ fields: { watts: Number.POSITIVE_INFINITY } })).toBe('');
  });

  it('gives one line for each sample, whatever the tags say', () => {
    const tags = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 3 });
    fc.assert(
      fc.property(fc.array(tags, { minLength: 1, maxLength: 5 }), (all) => {
        const samples = all.map((one) => ({ kind: 'node', group: 'nodes', tags: one, fields: { watts: 1 } }));
        expect(lineProtocol({ atMs: AT_MS, samples }, 'kcloud').split('\n')).toHaveLength(all.length);
      }),
    );
  });
});
