/**
 * Right-sizing on recorded usage, against the rules of the peers.
 *
 *   node bench/rightsizing/main.ts --data <folder> [--front] [--out <folder>]
 *
 * `--front` also prints what other prices of harm would give; `--out` writes rightsizing.json and the reliability diagrams.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Dataset, loadDatasets } from './datasets.ts';
import { ORACLE, ours, PEERS, stretched, withLimit } from './policies.ts';
import { type Prediction, reliability, reliabilitySvg, reliabilityTable } from './reliability.ts';
import { percent, table, whole } from './tables.ts';
import { timing } from './timing.ts';
import { type JobDay, type Policy, type Score, score, walkForward } from './walk-forward.ts';

const { values: flags } = parseArgs({
  options: { data: { type: 'string' }, out: { type: 'string' }, front: { type: 'boolean', default: false } },
});
if (flags.data === undefined)
  throw new Error('name the folder with the recorded usage: --data <folder> (see bench/README.md)');

const OURS = ours('KCloud');
const KEPT_RATIO = 1.3;
const results: Record<string, unknown> = {};

function cpuDays(set: Dataset, policy: Policy): JobDay[] {
  if (policy.cpu === undefined) return [];
  return walkForward(set, { values: ({ cpu }) => cpu, size: policy.cpu, smallest: set.minCpu });
}

function memoryDays(set: Dataset, policy: Policy): JobDay[] {
  if (policy.memory === undefined) return [];
  return walkForward(set, { values: ({ memory }) => memory, size: policy.memory, smallest: 0 });
}

interface Row {
  readonly policy: string;
  readonly cpu: Score;
  readonly memory: Score | undefined;
}

function rowsFor(set: Dataset, policies: readonly Policy[]): Row[] {
  const clipped = set.name !== 'google2011';
  return policies.map((policy) => {
    const memory = memoryDays(set, policy);
    return {
      policy: policy.name,
      cpu: score(cpuDays(set, policy), clipped),
      memory: memory.length > 0 ? score(memory, clipped) : undefined,
    };
  });
}

function print(title: string, rows: readonly Row[]): void {
  const head = [
    'policy',
    'CPU slack',
    'samples over',
    'area over',
    'days ≤5 % over',
    'Σ CPU',
    'mem slack',
    'OOM-free days',
    'Σ mem',
  ];
  const cells = rows.map(({ policy, cpu, memory }) => [
    policy,
    percent(cpu.slack),
    percent(cpu.overShare, 2),
    percent(cpu.overArea, 2),
    percent(cpu.coveredDays),
    whole(cpu.sum),
    ...(memory === undefined
      ? ['-', '-', '-']
      : [percent(memory.slack), percent(memory.freeDays, 2), whole(memory.sum)]),
  ]);
  console.log(`\n${title}\n${table(head, cells)}`);
}

function compare(set: Dataset): void {
  const rows = rowsFor(set, [OURS, ...PEERS, ORACLE]);
  const jobDays = rows[0]?.cpu.jobDays ?? 0;
  print(`${set.name}: ${set.workloads.length} workloads, ${jobDays} job-days`, rows);
  const refused = rows[0]?.memory?.refused ?? 0;
  if (refused > 0)
    console.log(
      `KCloud would refuse ${percent(refused)} of the memory job-days (growth without bound); they are scored all the same`,
    );
  results[set.name] = rows;
}

/** Memory where the limit stays at a multiple of the request, for all alike: OOM kills happen at the limit. */
function compareWithLimits(set: Dataset): void {
  const policies = [
    ours('KCloud', { limitRatio: KEPT_RATIO }),
    ...PEERS.map((policy) => withLimit(policy, KEPT_RATIO)),
  ];
  const rows = policies.map((policy) => ({
    policy: policy.name,
    memory: score(memoryDays(set, policy), false),
  }));
  console.log(
    `\n${set.name}: memory with a limit of ${KEPT_RATIO} × request (slack of the request, kills at the limit)`,
  );
  console.log(
    table(
      ['policy', 'mem slack', 'OOM-free days', 'Σ mem'],
      rows.map(({ policy, memory }) => [
        policy,
        percent(memory.slack),
        percent(memory.freeDays, 2),
        whole(memory.sum),
      ]),
    ),
  );
  results[`${set.name} limit ${KEPT_RATIO}`] = rows;
}

/** Every policy with other prices or margins: the fronts that choices of taste move along. */
function front(set: Dataset): void {
  const clipped = set.name !== 'google2011';
  const tuned = [
    ...[2, 3, 4, 5, 6, 8, 11, 16, 32].map((price) =>
      ours(`KCloud, price ${price}`, { overPrice: price, oomPrice: price }),
    ),
    ...PEERS.slice(0, 3).flatMap((policy) =>
      [0.87, 0.91, 0.95, 0.98, 1, 1.05, 1.1, 1.2].map((factor) => stretched(policy, factor)),
    ),
  ];
  const rows = tuned.map((policy) => ({
    policy: policy.name,
    cpu: score(cpuDays(set, policy), clipped),
    memory: set.workloads.some(({ memory }) => memory !== undefined)
      ? score(memoryDays(set, policy), clipped)
      : undefined,
  }));
  print(`${set.name}: fronts`, rows);
  results[`${set.name} front`] = rows;
}

/** CPU: at most 5 % of the samples above the request. Memory: none above the size. */
function predictions(days: readonly JobDay[], maxOverShare: number): Prediction[] {
  return days.flatMap(({ given, overShare }) =>
    given.confidence === undefined ? [] : [{ confidence: given.confidence, kept: overShare <= maxOverShare }],
  );
}

function calibrate(sets: readonly Dataset[]): void {
  const parts = sets.flatMap((set) => [
    { title: `CPU of ${set.name}`, said: predictions(cpuDays(set, OURS), 0.05) },
    { title: `memory of ${set.name}`, said: predictions(memoryDays(set, OURS), 0) },
  ]);
  const all = { title: 'all', said: parts.flatMap(({ said }) => said) };
  for (const { title, said } of [...parts.filter((part) => part.said.length > 0), all]) {
    const result = reliability(said);
    console.log(`\nreliability of confidence: ${title}\n${reliabilityTable(result)}`);
    results[`reliability ${title}`] = result;
    if (flags.out !== undefined)
      writeFileSync(
        join(flags.out, `reliability-${title.replaceAll(' ', '-')}.svg`),
        reliabilitySvg(title, result),
      );
  }
}

if (flags.out !== undefined) mkdirSync(flags.out, { recursive: true });
const sets = loadDatasets(flags.data);
for (const set of sets) compare(set);
for (const set of sets.filter(({ name }) => name === 'google2011')) compareWithLimits(set);
if (flags.front) for (const set of sets) front(set);
calibrate(sets);
const times = timing();
console.log(
  `\none container, CPU and memory, 14 days in 5-minute steps: median ${times.medianMs.toFixed(2)} ms, 95th percentile ${times.p95Ms.toFixed(2)} ms (${times.runs} runs)`,
);
results['timing'] = times;
if (flags.out !== undefined)
  writeFileSync(join(flags.out, 'rightsizing.json'), JSON.stringify(results, undefined, 2));
