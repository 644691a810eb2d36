import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kubeYaml } from './kube-yaml.ts';

describe('YAML for Kubernetes', () => {
  it('quotes what a YAML 1.1 reader would take for something else', () => {
    expect(kubeYaml([{ enum: ['Auto', 'Off', 'yes'] }])).toBe('enum:\n  - Auto\n  - "Off"\n  - "yes"\n');
  });

  it('says the same to readers of YAML 1.1 and of YAML 1.2', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('Off', 'on', 'y', 'NO', '1:30', '0777', '1_000', '~', '', '=', '<<'),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const text = kubeYaml([{ words }]);
        for (const version of ['1.1', '1.2'] as const) expect(parse(text, { version })).toEqual({ words });
      }),
    );
  });

  it('separates documents', () => {
    expect(kubeYaml([{ a: 1 }, { b: 2 }])).toBe('a: 1\n---\nb: 2\n');
  });
});
