/**
 * The benches of the project.
 *
 *   npm run bench                            lists them
 *   npm run bench -- <name>… [--data <folder>] [its own flags]
 *
 * A bench is a folder with a `main.ts`, or a `.ts` file with a `main` of its own below `bench/`; the first sentence of
 * its header says what it measures. Flags are handed on to each.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(fileURLToPath(import.meta.url));

interface Bench {
  readonly name: string;
  readonly file: string;
  readonly about: string;
}

/** A folder with a `main.ts` is one bench; in any other, each file is one. */
function benchesIn(folder: string): readonly Bench[] {
  const path = join(ROOT, folder);
  if (existsSync(join(path, 'main.ts'))) return [bench(folder, join(path, 'main.ts'))];
  const files = readdirSync(path).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return files.map((file) => bench(`${folder}/${file.slice(0, -'.ts'.length)}`, join(path, file)));
}

function bench(name: string, file: string): Bench {
  const header = /^\/\*\*(?<text>[^]*?)\*\//.exec(readFileSync(file, 'utf8'))?.groups?.['text'] ?? '';
  const words = header.replaceAll(/^\s*\*?\s*/gm, ' ').replaceAll(/\s+/g, ' ').trim(); // prettier-ignore
  return { name, file, about: /^.*?\.(?=\s|$)/.exec(words)?.[0] ?? words };
}

function run({ file }: Bench, flags: readonly string[]): boolean {
  return spawnSync(process.execPath, [file, ...flags], { stdio: 'inherit' }).status === 0;
}

/** Names, then flags; `make bench` hands on an empty folder where none is given. */
function parse(args: readonly string[]): {
  readonly names: readonly string[];
  readonly flags: readonly string[];
} {
  const at = args.findIndex((arg) => arg.startsWith('-'));
  if (at < 0) return { names: args, flags: [] };
  return { names: args.slice(0, at), flags: args[at + 1] === '' ? [] : args.slice(at) };
}

function list(benches: readonly Bench[]): void {
  const width = Math.max(...benches.map(({ name }) => name.length));
  for (const { name, about } of benches) console.log(`${name.padEnd(width)}  ${about}`);
  console.log('\nnpm run bench -- <name>… [--data <folder>]; see bench/README.md');
}

function main(args: readonly string[]): number {
  const folders = readdirSync(ROOT).filter((name) => statSync(join(ROOT, name)).isDirectory());
  const benches = folders.sort().flatMap(benchesIn);
  const { names, flags } = parse(args);
  const unknown = names.find((name) => !benches.some((each) => each.name === name));
  if (unknown !== undefined) console.error(`there is no bench "${unknown}"\n`);
  if (names.length === 0 || unknown !== undefined) {
    list(benches);
    return unknown === undefined ? 0 : 2;
  }
  const ran = benches.filter(({ name }) => names.includes(name)).map((each) => run(each, flags));
  return ran.every(Boolean) ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
