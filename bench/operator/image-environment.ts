/** The environment that the image gives its process, as the Dockerfile says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCKERFILE = join(import.meta.dirname, '../../Dockerfile');

/** The variables of its last stage, e.g. NODE_OPTIONS. */
export function imageEnvironment(): Readonly<Record<string, string>> {
  const stage =
    readFileSync(DOCKERFILE, 'utf8')
      .split(/^FROM /m)
      .at(-1) ?? '';
  const lines = stage
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.startsWith('ENV '));
  const pairs = lines.flatMap((line) => [
    ...line.matchAll(/(?<name>\w+)=(?:"(?<quoted>[^"]*)"|(?<bare>\S*))/g),
  ]);
  return Object.fromEntries(
    pairs.map(({ groups }) => [groups?.['name'] ?? '', groups?.['quoted'] ?? groups?.['bare'] ?? '']),
  );
}
