/**
 * `make testenv`: builds the real servers of the tests once, into a user cache, and prints where they are.
 * `--where` builds nothing.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '#errors/kc-error.ts';
import { ensureControlPlaneBinaries, findControlPlaneBinaries } from '#test/testenv/binaries.ts';
import { ensureGoTools } from '#test/testenv/go-tools/build.ts';
import { binDirectory } from '#test/testenv/go-tools/go-tools.ts';
import { FURTHER_TOOLS } from '#test/testenv/modules/all.ts';

const { values } = parseArgs({ options: { where: { type: 'boolean', default: false } } });

/** One failure does not keep the others from being built. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`testenv: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

await attempt(async () => {
  const binaries = values.where ? findControlPlaneBinaries() : await ensureControlPlaneBinaries();
  if (binaries.problem !== undefined) throw new Error(binaries.problem);
  for (const path of Object.values(binaries.paths)) process.stdout.write(`${path}\n`);
});
for (const tools of FURTHER_TOOLS) {
  await attempt(async () => {
    process.stdout.write(`${values.where ? binDirectory(tools) : await ensureGoTools(tools)}\n`);
  });
}
