/**
 * Hunts for failing seeds on every core: `npm run soak -- --seeds 1000`.
 *
 *   --seeds <n>      how many seeds of each harness (default 100)
 *   --from <n>       the first seed (default 1)
 *   --seed <n>       only this seed, with its trace
 *   --harness <x>    only this harness; may be repeated
 *   --workers <n>    how many threads (default: one per core)
 *   --json           the summary as JSON on standard output
 *
 * Ends with 1 where a seed failed.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { describeFailure, type Harness } from './harness.ts';
import { HARNESSES, harnessNamed } from './harnesses.ts';
import { playSeed } from './soak/play-seed.ts';
import { soakInThreads } from './soak/pool.ts';
import { Tally } from './soak/tally.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    harness: { type: 'string', multiple: true },
    workers: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const harnesses = values.harness === undefined ? HARNESSES : values.harness.map(harnessNamed);
process.exitCode =
  values.seed === undefined ? await soak(harnesses) : await replay(harnesses, whole('--seed', values.seed));

/** Plays one seed again and shows all that happened. */
async function replay(chosen: readonly Harness[], seed: number): Promise<number> {
  let failures = 0;
  for (const { name } of chosen) {
    const outcome = await playSeed({ harness: name, seed });
    process.stdout.write(`${outcome.trace.join('\n')}\n`);
    process.stdout.write(`${name} seed ${String(seed)}: ${outcome.digest}\n`);
    if (outcome.problems.length === 0) continue;
    failures += 1;
    process.stdout.write(`${describeFailure(name, seed, outcome)}\n`);
  }
  return failures === 0 ? 0 : 1;
}

async function soak(chosen: readonly Harness[]): Promise<number> {
  const from = whole('--from', values.from);
  const seeds = Array.from({ length: whole('--seeds', values.seeds) }, (_, index) => from + index);
  // Seed by seed, so that a short run has seen a bit of everything.
  const jobs = seeds.flatMap((seed) => chosen.map(({ name }) => ({ harness: name, seed })));
  const tally = new Tally(jobs.length);
  const workers = values.workers === undefined ? availableParallelism() : whole('--workers', values.workers);
  await soakInThreads(jobs, { workers, onOutcome: (job, outcome) => { tally.add(job, outcome); } }); // prettier-ignore
  tally.finish();
  process.stdout.write(values.json ? `${JSON.stringify(tally.summary(), null, 2)}\n` : tally.table());
  return tally.failures === 0 ? 0 : 1;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`${name} wants a whole number above 0, not "${text}"`);
}
