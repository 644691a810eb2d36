/**
 * Builds the missing binaries of a module one after the other. Each appears by a rename, so a build that is
 * interrupted goes on where it stopped, and a second builder waits for the first.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { withExclusiveLock } from './exclusive-lock.ts';
import { findGo } from './go-toolchain.ts';
import {
  type GoTools,
  binDirectory,
  buildFlags,
  cacheDirectory,
  missingBinaries,
  recipeFile,
  recipeOf,
  versionOf,
} from './go-tools.ts';
import { Progress } from './progress.ts';

const KEPT_LINES = 40;

/** Makes every binary of `tools` exist and returns their folder. Throws with the remedy where it cannot. */
export async function ensureGoTools(tools: GoTools): Promise<string> {
  if (missingBinaries(tools).length === 0) return binDirectory(tools);
  const go = findGo(tools);
  if (go.problem !== undefined) throw new Error(go.problem);
  const waiting = (): void => {
    process.stderr.write(`another process is building ${tools.name}; waiting for it\n`);
  };
  await withExclusiveLock(`${cacheDirectory(tools)}.lock`, waiting, () => buildMissing(tools, go.command));
  return binDirectory(tools);
}

async function buildMissing(tools: GoTools, go: string): Promise<void> {
  const missing = missingBinaries(tools);
  if (missing.length === Object.keys(tools.binaries).length) {
    rmSync(cacheDirectory(tools), { recursive: true, force: true });
    mkdirSync(binDirectory(tools), { recursive: true });
    writeFileSync(recipeFile(tools), recipeOf(tools));
  }
  for (const [index, name] of missing.entries()) {
    const title = `${tools.name} ${versionOf(tools)} · ${name} (${String(index + 1)} of ${String(missing.length)})`;
    await buildOne(tools, { go, name, title });
  }
}

interface OneBuild {
  readonly go: string;
  readonly name: string;
  readonly title: string;
}

async function buildOne(tools: GoTools, build: OneBuild): Promise<void> {
  const progress = new Progress(build.title);
  const unfinished = join(cacheDirectory(tools), `${build.name}.unfinished`);
  try {
    await goBuild(tools, { ...build, output: unfinished }, progress);
    renameSync(unfinished, join(binDirectory(tools), build.name));
    progress.finish('built');
  } catch (error) {
    progress.finish('failed');
    throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

async function goBuild(
  tools: GoTools,
  build: OneBuild & { readonly output: string },
  progress: Progress,
): Promise<void> {
  const args = ['build', '-v', ...buildFlags(tools), '-o', build.output, tools.binaries[build.name] ?? ''];
  const child = spawn(build.go, args, {
    cwd: tools.moduleDirectory,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const lines: string[] = [];
  let compiled = 0;
  for await (const line of createInterface({ input: child.stderr })) {
    if (lines.push(line) > KEPT_LINES) lines.shift();
    if (!line.includes(' ')) compiled += 1;
    progress.activity = line.startsWith('go: ') ? line.slice(4) : `${String(compiled)} packages, ${line}`;
  }
  if ((await ended) !== 0) {
    throw new Error(`go build of ${build.name} failed; its last lines:\n${lines.join('\n')}`);
  }
}
