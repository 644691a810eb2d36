/** `make testenv`: builds the real control plane for tests once, into a user cache. `--where` only says where it is. */
import { parseArgs } from 'node:util';
import { messageOf } from '#errors/kc-error.ts';
import { ensureControlPlaneBinaries, findControlPlaneBinaries } from '#test/testenv/binaries.ts';

const { values } = parseArgs({ options: { where: { type: 'boolean', default: false } } });

try {
  const binaries = values.where ? findControlPlaneBinaries() : await ensureControlPlaneBinaries();
  if (binaries.problem !== undefined) throw new Error(binaries.problem);
  for (const path of Object.values(binaries.paths)) process.stdout.write(`${path}\n`);
} catch (error) {
  process.stderr.write(`testenv: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
