/** How the image starts Node.js, as the Dockerfile says: environment and flags. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCKERFILE = join(import.meta.dirname, '../../Dockerfile');

export interface ImageProcess {
  readonly env: Readonly<Record<string, string>>;
  /** Flags of Node.js before the bundle. */
  readonly nodeFlags: readonly string[];
}

export function imageProcess(): ImageProcess {
  const stage =
    readFileSync(DOCKERFILE, 'utf8')
      .split(/^FROM /m)
      .at(-1) ?? '';
  const instructions = stage.replaceAll('\\\n', ' ').split('\n');
  const entry = instructions.find((line) => line.startsWith('ENTRYPOINT '))?.slice('ENTRYPOINT '.length);
  const command = JSON.parse(entry ?? '[]') as readonly string[];
  return { env: environment(instructions), nodeFlags: command.filter((word) => word.startsWith('--')) };
}

function environment(instructions: readonly string[]): Readonly<Record<string, string>> {
  const lines = instructions.filter((line) => line.startsWith('ENV '));
  const pairs = lines.flatMap((line) => [
    ...line.matchAll(/(?<name>\w+)=(?:"(?<quoted>[^"]*)"|(?<bare>\S*))/g),
  ]);
  return Object.fromEntries(
    pairs.map(({ groups }) => [groups?.['name'] ?? '', groups?.['quoted'] ?? groups?.['bare'] ?? '']),
  );
}
