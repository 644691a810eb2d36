/**
 * The real Vertical Pod Autoscaler beside ours.
 *
 *   npm run bundle && node bench/vpa/main.ts --data <folder> [--only recommend|resize] [--out <folder>]
 *     recommend: [--job-days N]   resize: [--workloads 250] [--replicas 4] [--runs 3] [--contestant <part of a name>]… [--kopf <python>]
 *
 * Builds it once from its Go module. `recommend` lets its recommender and `kcloud recommend` read the same Prometheus
 * and the same control plane; `resize` times its updater, our operator and a controller of controller-runtime.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchRecommender, recommendTables } from './recommend/bench.ts';
import { benchResize, resizeTable } from './resize/bench.ts';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string' },
    'job-days': { type: 'string', default: '1000' },
    workloads: { type: 'string', default: '250' },
    replicas: { type: 'string', default: '4' },
    runs: { type: 'string', default: '3' },
    contestant: { type: 'string', multiple: true, default: [''] },
    kopf: { type: 'string' },
    out: { type: 'string' },
  },
});

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function write(name: string, result: unknown): void {
  if (flags.out === undefined) return;
  mkdirSync(flags.out, { recursive: true });
  writeFileSync(join(flags.out, `${name}.json`), JSON.stringify(result, undefined, 2));
}

if (flags.only !== 'resize') {
  if (flags.data === undefined)
    throw new Error('name the folder with the recorded usage: --data <folder> (see bench/README.md)');
  const result = await benchRecommender({ data: flags.data, jobDays: Number(flags['job-days']) }, say);
  write('vpa-recommend', result);
  console.log(recommendTables(result));
}
if (flags.only !== 'recommend') {
  const load = { workloads: Number(flags.workloads), replicas: Number(flags.replicas) };
  const result = await benchResize(
    { load, runs: Number(flags.runs), contestants: flags.contestant, kopf: flags.kopf },
    say,
  );
  write('vpa-resize', result);
  console.log(resizeTable(result));
}
process.exit(0);
