/** Building with a real Go on a module of two tiny commands. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ETCD } from '../modules/kubernetes.ts';
import { skipReason } from '../real-components.ts';
import { ensureGoTools } from './build.ts';
import { findGo, isAtLeast } from './go-toolchain.ts';
import { type GoTools, binDirectory, cacheDirectory, missingBinaries, versionOf } from './go-tools.ts';

let directory = '';
let tools: GoTools;

function writeCommand(name: string, body: string): void {
  const folder = join(tools.moduleDirectory, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.go'), `package main\n\nvar version = "none"\n\nfunc main() { ${body} }\n`);
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kcloud-build-test-'));
  tools = {
    name: 'greeter',
    module: 'example.com/greeter',
    moduleDirectory: join(directory, 'module'),
    binaries: { hello: './hello', bye: './bye' },
    ldflags: (version) => `-X main.version=${version}`,
  };
  writeCommand('hello', 'println("hello", version)');
  writeCommand('bye', 'println("bye", version)');
  const requirement = 'require example.com/greeter v1.2.3';
  const replacement = 'replace example.com/greeter => ../greeter';
  const goMod = `module example.com/tools\n\ngo 1.21\n\n${requirement}\n\n${replacement}\n`;
  writeFileSync(join(tools.moduleDirectory, 'go.mod'), goMod);
  writeFileSync(join(tools.moduleDirectory, 'go.sum'), '');
  mkdirSync(join(directory, 'greeter'));
  writeFileSync(join(directory, 'greeter', 'go.mod'), 'module example.com/greeter\n\ngo 1.21\n');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

describe('the version of tools', () => {
  it('is the one that go.mod requires', () => {
    expect(versionOf(tools)).toBe('v1.2.3');
  });

  it('is missed with the name of the module', () => {
    expect(() => versionOf({ ...tools, module: 'example.com/other' })).toThrow(
      /does not require example.com\/other/,
    );
  });
});

describe('Go versions', () => {
  it.each([
    ['1.26.8', '1.26.0', true],
    ['1.26', '1.26.0', true],
    ['1.9.7', '1.26.0', false],
    ['1.25.99', '1.26.0', false],
    ['2.0', '1.26.0', true],
  ])('%s satisfies %s: %s', (version, needed, expected) => {
    expect(isAtLeast(version, needed)).toBe(expected);
  });

  it('that are too old are refused with the remedy', () => {
    const goMod = join(tools.moduleDirectory, 'go.mod');
    writeFileSync(goMod, 'module example.com/tools\n\ngo 99.0\n');
    vi.stubEnv('GOTOOLCHAIN', 'local');
    expect(findGo(tools).problem).toMatch(/greeter .*(needs Go 99.0|not installed).*KUBEBUILDER_ASSETS/);
  });
});

const go = findGo(ETCD);
const problem = skipReason('building Go tools', go.problem);

describe.skipIf(problem !== undefined)('building Go tools', () => {
  beforeEach(() => {
    vi.stubEnv('GOCACHE', execFileSync(go.command ?? 'go', ['env', 'GOCACHE'], { encoding: 'utf8' }).trim());
    vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'));
  });

  const run = (name: string): string =>
    execFileSync('sh', ['-c', `'${join(binDirectory(tools), name)}' 2>&1`], { encoding: 'utf8' });

  it('puts every binary, with its version, into the cache and leaves nothing else there', async () => {
    await ensureGoTools(tools);
    expect([run('hello'), run('bye')]).toEqual(['hello v1.2.3\n', 'bye v1.2.3\n']);
    expect(readdirSync(cacheDirectory(tools)).sort()).toEqual(['bin', 'recipe']);
    expect(cacheDirectory(tools)).toBe(join(directory, 'cache', 'kcloud', 'testenv', 'greeter-v1.2.3'));
  });

  it('goes on where it stopped', async () => {
    await ensureGoTools(tools);
    const before = statSync(join(binDirectory(tools), 'hello')).ino;
    rmSync(join(binDirectory(tools), 'bye'));
    expect(missingBinaries(tools)).toEqual(['bye']);
    await ensureGoTools(tools);
    expect(statSync(join(binDirectory(tools), 'hello')).ino).toBe(before);
    expect(run('bye')).toBe('bye v1.2.3\n');
  });

  it('starts anew when the recipe has changed', async () => {
    await ensureGoTools(tools);
    tools = { ...tools, ldflags: () => '-X main.version=changed' };
    expect(missingBinaries(tools)).toEqual(['hello', 'bye']);
    await ensureGoTools(tools);
    expect(run('hello')).toBe('hello changed\n');
  });

  it('says what the compiler says, and leaves no broken binary', async () => {
    writeCommand('bye', 'undefinedFunction()');
    await expect(ensureGoTools(tools)).rejects.toThrow(/go build of bye failed[^]*undefinedFunction/);
    expect(existsSync(join(binDirectory(tools), 'hello'))).toBe(true);
    expect(missingBinaries(tools)).toEqual(['bye']);
  });

  it('is done once by two builders at the same time', async () => {
    await Promise.all([ensureGoTools(tools), ensureGoTools(tools)]);
    expect(run('hello')).toBe('hello v1.2.3\n');
  });
});
