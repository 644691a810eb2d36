/**
 * Workload profiles: recorded workloads and made ones, as the classifier sees them.
 *
 *   node bench/profiles/main.ts --data <folder> [--out <folder>]
 *
 * Made shapes have a known type. Of recorded ones only so much is known: language models that answer requests are serving or
 * inference; instances that never use more than 5 % are idle; databases and autoscaled fleets serve. The request streams become
 * the use of accelerators that share them: tokens per step over what the busiest step needs. `--out` writes profiles.json.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { classify } from '#domain/profiles/classify.ts';
import type { ProfileObservation } from '#domain/profiles/observation.ts';
import { madeWorkload, uniform } from '#domain/profiles/testing/shapes.ts';
import { WORKLOAD_TYPES, type WorkloadType } from '#domain/profiles/workload-types.ts';

interface Case {
  readonly name: string;
  readonly observation: ProfileObservation;
  /** Empty where nobody knows. */
  readonly right: readonly WorkloadType[];
}

interface Outcome {
  readonly name: string;
  readonly right: readonly WorkloadType[];
  readonly type: string;
  readonly confidence: number;
}

const MADE = 100;
const FIVE_MINUTES_MS = 300_000;

function made(): Case[] {
  const random = uniform(2024);
  return WORKLOAD_TYPES.flatMap((type) =>
    Array.from({ length: MADE }, (): Case => ({
      name: `made ${type}`,
      observation: madeWorkload(type, random),
      right: [type],
    })),
  );
}

function lines(file: string): string[][] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

/** CPU of cloud instances in percent, every five minutes (github.com/numenta/NAB). */
function instances(folder: string): Case[] {
  const nab = [join(folder, 'nab'), join(folder, 'usage', 'nab')].find((path) => existsSync(path));
  if (nab === undefined) return [];
  return readdirSync(nab)
    .filter((file) => file.endsWith('.csv'))
    .map((file) => {
      const shares = lines(join(nab, file)).map(([, value]) => Number(value) / 100);
      const observation = {
        samples: shares.map((cpuUtilFraction) => ({ cpuUtilFraction })),
        stepMs: FIVE_MINUTES_MS,
        gpusRequested: 0,
      };
      return { name: file.slice(0, -'.csv'.length), observation, right: knownOf(file, shares) };
    });
}

function knownOf(file: string, shares: readonly number[]): WorkloadType[] {
  if (Math.max(...shares) < 0.05) return ['idle'];
  return /asg|rds/u.test(file) ? ['serving'] : [];
}

/** Requests to language models (github.com/Azure/AzurePublicDataset), shared by as many accelerators. */
function languageModels(folder: string): Case[] {
  return ['azure_llm_code_2023.csv', 'azure_llm_conv_2023.csv'].flatMap((file) => {
    const path = [join(folder, file), join(folder, 'usage', file)].find((each) => existsSync(each));
    if (path === undefined) return [];
    return [1, 8, 64].map((replicas): Case => ({
      name: `${file.slice(0, -'_2023.csv'.length)}, one of ${replicas}`,
      observation: { samples: tokenUse(path, replicas), stepMs: 10_000, gpusRequested: 1 },
      right: ['serving', 'inference'],
    }));
  });
}

/** What one of the accelerators does in steps of ten seconds: every nth request. */
function tokenUse(path: string, replicas: number): ProfileObservation['samples'] {
  const requests = lines(path).filter((_, index) => index % replicas === 0);
  const times = requests.map(([time = '']) => Date.parse(`${time.replace(' ', 'T').slice(0, 23)}Z`));
  const first = times[0] ?? 0;
  const tokens = new Float64Array(Math.floor(((times.at(-1) ?? first) - first) / 10_000) + 1);
  requests.forEach(([, context, generated], index) => {
    const step = Math.floor(((times[index] ?? first) - first) / 10_000);
    tokens[step] = (tokens[step] ?? 0) + Number(context) / 10 + Number(generated);
  });
  const most = tokens.reduce((a, b) => Math.max(a, b), 0);
  return Array.from(tokens, (value) => ({ gpuUtilFraction: (0.95 * value) / most }));
}

function judge(cases: readonly Case[]): Outcome[] {
  return cases.map(({ name, observation, right }) => {
    const { type, confidence } = classify(observation);
    return { name, right, type, confidence };
  });
}

function printMade(outcomes: readonly Outcome[]): void {
  console.log(
    `${'made'.padEnd(12)}${[...WORKLOAD_TYPES, 'unknown'].map((type) => type.padStart(11)).join('')}`,
  );
  for (const type of WORKLOAD_TYPES) {
    const own = outcomes.filter(({ right }) => right[0] === type);
    const counts = [...WORKLOAD_TYPES, 'unknown'].map(
      (answer) => own.filter((each) => each.type === answer).length,
    );
    console.log(`${type.padEnd(12)}${counts.map((count) => String(count).padStart(11)).join('')}`);
  }
  const right = outcomes.filter((each) => each.right.some((type) => type === each.type)).length;
  const said = outcomes.reduce((sum, { confidence }) => sum + confidence, 0);
  console.log(
    `right ${((100 * right) / outcomes.length).toFixed(1)} %, said ${((100 * said) / outcomes.length).toFixed(1)} %`,
  );
}

function printRecorded(outcomes: readonly Outcome[]): void {
  console.log(`\n${'recorded'.padEnd(46)}${'answer'.padEnd(12)}${'confidence'.padEnd(12)}known to be`);
  for (const { name, type, confidence, right } of outcomes)
    console.log(
      `${name.padEnd(46)}${type.padEnd(12)}${confidence.toFixed(2).padEnd(12)}${right.join(' or ') || '–'}`,
    );
}

const { values } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' } } });
const results = {
  made: judge(made()),
  recorded: judge(
    values.data === undefined ? [] : [...instances(values.data), ...languageModels(values.data)],
  ),
};
printMade(results.made);
if (results.recorded.length === 0) console.log('no recorded workloads in the folder (--data): skipped');
else printRecorded(results.recorded);
if (values.out !== undefined) {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'profiles.json'), JSON.stringify(results, undefined, 2));
}
