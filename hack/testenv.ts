/**
 * `make testenv`: builds the real servers of the tests once, into a user cache, and prints where they are.
 * `--where` builds nothing.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '#errors/kc-error.ts';
import { ensureControlPlaneBinaries, findControlPlaneBinaries } from '#test/testenv/binaries.ts';
import { FURTHER_SERVERS } from '#test/testenv/modules/further-servers.ts';

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
for (const server of FURTHER_SERVERS) {
  await attempt(async () => {
    const path = values.where ? server.find() : await server.ensure();
    if (path === undefined) throw new Error(`${server.name} is not built yet; run \`make testenv\``);
    process.stdout.write(`${path}\n`);
  });
}
