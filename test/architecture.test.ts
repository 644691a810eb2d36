/** Guards the house rules that a machine can see: imports go down only, files stay small, domain does no I/O. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

/** What each layer may import besides itself; `errors` is open to all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  platform: [],
  apis: [],
  domain: ['apis'],
  kube: ['apis', 'platform'],
  runtime: ['kube', 'apis', 'platform'],
  adapters: ['kube', 'domain', 'apis', 'platform'],
  playground: ['runtime', 'kube', 'domain', 'apis', 'platform'],
  controllers: ['adapters', 'runtime', 'kube', 'domain', 'apis', 'platform'],
  webhooks: ['adapters', 'runtime', 'kube', 'domain', 'apis', 'platform'],
  services: ['adapters', 'runtime', 'kube', 'domain', 'apis', 'platform'],
  commands: [
    'controllers',
    'webhooks',
    'services',
    'playground',
    'adapters',
    'runtime',
    'kube',
    'domain',
    'apis',
    'platform',
  ],
  main: ['commands', 'platform'],
};

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(SRC, name));
}

function layerOf(file: string): string {
  return relative(SRC, file).split('/')[0]?.replace(/\.ts$/, '') ?? '';
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

/** The file of ours that an import names; undefined for packages. */
function fileNamed(name: string, from: string): string | undefined {
  if (name.startsWith('#')) return join(SRC, name.slice(1));
  return name.startsWith('.') ? join(from, '..', name) : undefined;
}

/** Files that nobody imports fall away, again and again; what stays imports itself by some way round. */
function importCircles(all: readonly string[]): readonly string[] {
  const imports = new Map(all.map((file) => [file, importsOf(file).map((name) => fileNamed(name, file))]));
  for (;;) {
    const imported = new Set([...imports.values()].flat());
    const importers = [...imports].filter(([, names]) => names.some((name) => imports.has(name ?? '')));
    const left = importers.filter(([file]) => imported.has(file));
    if (left.length === imports.size) return left.map(([file]) => relative(SRC, file));
    imports.clear();
    for (const [file, names] of left) imports.set(file, names);
  }
}

const files = sourceFiles();
const products = files.filter((file) => !file.endsWith('.test.ts'));

describe('the architecture', () => {
  it('lets imports go down only', () => {
    const wrong = products.flatMap((file) => {
      const layer = layerOf(file);
      return importsOf(file)
        .filter((name) => name.startsWith('#'))
        .map((name) => name.slice(1).split('/')[0] ?? '')
        .filter((target) => target !== layer && target !== 'errors')
        .filter((target) => !(MAY_IMPORT[layer] ?? []).includes(target))
        .map((target) => `${relative(ROOT, file)} imports #${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('lets no files import each other, by whatever way round', () => {
    expect(importCircles(products)).toEqual([]);
  });

  it('knows every layer', () => {
    expect([...new Set(files.map(layerOf))].filter((layer) => MAY_IMPORT[layer] === undefined)).toEqual([]);
  });

  it('reaches other layers by subpath imports, never by relative paths', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('.') && layerOf(join(file, '..', name)) !== layerOf(file))
        .map((name) => `${relative(ROOT, file)} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps domain and apis free of input and output', () => {
    const wrong = products
      .filter((file) => ['domain', 'apis'].includes(layerOf(file)))
      .filter((file) => {
        const text = readFileSync(file, 'utf8');
        return /from 'node:|Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(|\bprocess\.[a-z]/.test(text);
      });
    expect(wrong.map((file) => relative(ROOT, file))).toEqual([]);
  });

  it('keeps files short: none over 400 lines, a median of at most 100', () => {
    const lengths = files.map((file) => readFileSync(file, 'utf8').split('\n').length).sort((a, b) => a - b);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(400);
    expect(lengths[Math.floor(lengths.length / 2)] ?? 0).toBeLessThanOrEqual(100);
  });

  it('has no folder or file named utils, common or helpers', () => {
    expect(files.filter((file) => /\/(utils?|common|helpers?)(\/|\.)/.test(file))).toEqual([]);
  });
});
