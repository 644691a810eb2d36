import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseUsageProfile } from './usage-profile.ts';
import { USAGE_ANNOTATION } from './usage-schema.ts';

const OBJECT = 'pod shop/web';

/** The annotation's text, wherever in the value it stands. */
function annotationIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (name === USAGE_ANNOTATION && typeof member === 'string') return member;
    const found = annotationIn(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('parseUsageProfile', () => {
  it('reads YAML and JSON alike', () => {
    const yaml =
      'cpu: { cores: 2, noise: 0.2 }\nmemory: { base: 200Mi }\nload: { daily: { amplitude: 0.5, peakHour: 14 } }';
    const json =
      '{"cpu":{"cores":2,"noise":0.2},"memory":{"base":"200Mi"},"load":{"daily":{"amplitude":0.5,"peakHour":14}}}';
    expect(parseUsageProfile(yaml, OBJECT)).toEqual(parseUsageProfile(json, OBJECT));
  });

  it('fills in what the preset says and the text does not', () => {
    const profile = parseUsageProfile('preset: jvm\ncpu: { cores: 3, noise: 0 }', OBJECT);
    expect(profile.cpu).toEqual({ cores: 3, noise: 0, base: 0.03, startup: { cores: 1, seconds: 40 } });
    expect(profile.memory?.plateau).toBe('800Mi');
  });

  it.each(['fleet', 'traces'])('reads the examples of the README of %s', (folder) => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', folder, 'README.md'), 'utf8');
    const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) =>
      annotationIn(parse(yaml)),
    );
    expect(examples).toHaveLength(1);
    for (const example of examples) expect(parseUsageProfile(example ?? '', OBJECT).cpu).toBeDefined();
  });

  it.each([
    ['cpu: { core: 2 }', 'playground.kcloud.io/usage: cpu: has no field core'],
    ['cpu: { cores: -1 }', 'cpu.cores: must be >= 0'],
    ['memory: { base: 12Mb }', 'memory.base: "12Mb" is not a quantity'],
    ['containers: { side: { memory: { plateau: lots } } }', 'containers.side.memory.plateau'],
    ['preset: unknown', 'preset'],
    ['load: { steps: [{ after: soon, factor: 2 }] }', 'load.steps.0.after'],
    ['cpu: [', 'not YAML or JSON'],
    ['just words', 'must be object'],
  ])('refuses %s and says why', (text, problem) => {
    expect(() => parseUsageProfile(text, OBJECT)).toThrow(problem);
    expect(() => parseUsageProfile(text, OBJECT)).toThrow(OBJECT);
  });
});
