/**
 * Real servers for tests, built once from pinned Go modules into a user cache. A go.mod and go.sum of our own pin
 * every source file by checksum, so the binaries come from the module proxy alone and need no container.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Commands of one Go module, and how they are built. */
export interface GoTools {
  /** Names the folder in the cache, e.g. `kubernetes`. */
  readonly name: string;
  /** The module whose version, as go.mod requires it, is the version of the tools. */
  readonly module: string;
  /** The absolute folder that holds go.mod and go.sum. */
  readonly moduleDirectory: string;
  /** Name of the binary → import path of its main package. */
  readonly binaries: Readonly<Record<string, string>>;
  readonly tags?: string;
  /** Linker flags besides `-s -w`, given the version. */
  readonly ldflags?: (version: string) => string;
}

/** The version that go.mod requires, e.g. `v1.36.3`. */
export function versionOf(tools: GoTools): string {
  const goMod = readFileSync(join(tools.moduleDirectory, 'go.mod'), 'utf8');
  const words = goMod.split('\n').map((line) =>
    line
      .replace(/^require /, '')
      .trim()
      .split(/\s+/),
  );
  const version = words.find(([module, value]) => module === tools.module && value?.startsWith('v'))?.[1];
  if (version === undefined)
    throw new Error(`${tools.moduleDirectory}/go.mod does not require ${tools.module}`);
  return version;
}

/** `${XDG_CACHE_HOME:-~/.cache}/kcloud/testenv/<name>-<version>`. */
export function cacheDirectory(tools: GoTools): string {
  const configured = process.env['XDG_CACHE_HOME'] ?? '';
  const root = configured === '' ? join(homedir(), '.cache') : configured;
  return join(root, 'kcloud', 'testenv', `${tools.name}-${versionOf(tools)}`);
}

export function binDirectory(tools: GoTools): string {
  return join(cacheDirectory(tools), 'bin');
}

/** The arguments of `go build` for one binary, but for the output. */
export function buildFlags(tools: GoTools): readonly string[] {
  const ldflags = ['-s', '-w', tools.ldflags?.(versionOf(tools)) ?? ''].join(' ').trim();
  return ['-mod=readonly', '-trimpath', '-tags', tools.tags ?? '', '-ldflags', ldflags];
}

/** Changes whenever the binaries in the cache would no longer be what the sources say. */
export function recipeOf(tools: GoTools): string {
  const hash = createHash('sha256');
  for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(join(tools.moduleDirectory, name)));
  hash.update(JSON.stringify([buildFlags(tools), tools.binaries]));
  return hash.digest('hex');
}

/** The file that holds the recipe of the binaries beside it. */
export function recipeFile(tools: GoTools): string {
  return join(cacheDirectory(tools), 'recipe');
}

/** The binaries that the cache does not hold, or holds from another recipe. */
export function missingBinaries(tools: GoTools): readonly string[] {
  const names = Object.keys(tools.binaries);
  const stored = existsSync(recipeFile(tools)) ? readFileSync(recipeFile(tools), 'utf8') : '';
  if (stored !== recipeOf(tools)) return names;
  return names.filter((name) => !existsSync(join(binDirectory(tools), name)));
}
