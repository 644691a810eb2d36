/** The controller of controller-runtime beside this file, built once into the cache of the test environment. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureGoTools } from '#test/testenv/go-tools/build.ts';
import { type GoTools, versionOf } from '#test/testenv/go-tools/go-tools.ts';

const FOLDER = join(import.meta.dirname, 'controller-runtime');

/** A build is made anew when its flags change: they name the source. */
function sourceFlag(): string {
  const source = readFileSync(join(FOLDER, 'main.go'));
  return `-X main.source=${createHash('sha256').update(source).digest('hex')}`;
}

const CONTROLLER_RUNTIME: GoTools = {
  name: 'controller-runtime',
  module: 'sigs.k8s.io/controller-runtime',
  moduleDirectory: FOLDER,
  binaries: { resizer: '.' },
  tags: 'netgo osusergo',
  ldflags: sourceFlag,
};

/** The version of controller-runtime and the path of the binary. */
export async function ensureControllerRuntime(): Promise<{
  readonly version: string;
  readonly resizer: string;
}> {
  const folder = await ensureGoTools(CONTROLLER_RUNTIME);
  return { version: versionOf(CONTROLLER_RUNTIME), resizer: join(folder, 'resizer') };
}
