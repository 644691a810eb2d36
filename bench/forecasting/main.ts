/**
 * Forecasting: the hourly set of M4 (48 hours ahead) and CPU in 5-minute steps (30 minutes ahead).
 *
 *   node bench/forecasting/main.ts --data <folder> [--sample N] [--thorough N] [--statsforecast <python>]
 *     [--arima <folder of the package>] [--peer-sample N] [--peer-models A,B] [--peers-only] [--out <folder>]
 *
 * `--sample N` takes every Nth task of each set; `--thorough N` also runs the thorough effort on N series; `--statsforecast`
 * names a Python interpreter that has statsforecast and `--arima` the folder of that npm package; both run on
 * `--peer-sample` series (default 20), this library beside them in the same run; `--peers-only` runs nothing else;
 * `--out` writes forecasting.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { autoArima } from '#domain/forecasting/arima/arima.ts';
import { autoregression } from '#domain/forecasting/models/autoregression.ts';
import { naive, seasonalNaive } from '#domain/forecasting/models/baselines.ts';
import { arimaPackage, type Contestant, ours, single, statsforecast, type Task } from './contestants.ts';
import { dataCentres, google2011, m4Hourly, type RecordedSeries } from './datasets.ts';
import { compare, printScores, type Score } from './scores.ts';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    sample: { type: 'string', default: '1' },
    thorough: { type: 'string', default: '0' },
    statsforecast: { type: 'string' },
    arima: { type: 'string' },
    'peer-sample': { type: 'string', default: '20' },
    'peer-models': { type: 'string', default: 'AutoARIMA,MSTL+AutoARIMA,AutoETS,DynamicOptimizedTheta' },
    'peers-only': { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
if (flags.data === undefined)
  throw new Error('name the folder with the recorded series: --data <folder> (see bench/README.md)');

const folder = flags.data;
const results: Record<string, Score[]> = {};

function run(
  title: string,
  tasks: readonly Task[],
  at: { contestants: readonly Contestant[]; season: number },
): void {
  const few = tasks.filter((_, index) => index % Number(flags.sample) === 0);
  if (few.length === 0) return;
  const scores = compare(few, at.contestants, at.season);
  printScores(title, scores);
  results[title] = scores;
}

/** `count` tasks, evenly over all. */
function spread(tasks: readonly Task[], count: number): Task[] {
  return Array.from(
    { length: Math.min(count, tasks.length) },
    (_, k) => tasks[Math.floor((k * tasks.length) / count)],
  ).filter((task) => task !== undefined);
}

const HOURLY: readonly Contestant[] = [
  single('naive', () => naive),
  single('seasonal naive', () => seasonalNaive(24)),
  single('autoregression alone', ({ seasons }) => autoregression({ recent: 12, seasons })),
  ours('quick'),
  ours('standard'),
];

function hourly(): void {
  const tasks = m4Hourly(folder)?.map(({ train, test }): Task => ({ train, test, seasons: [24, 168] }));
  if (tasks === undefined) {
    console.log('M4 Hourly is not in the folder: skipped');
    return;
  }
  const held = tasks.filter((_, index) => index % 2 === 1);
  peers(spread(held, Number(flags['peer-sample'])));
  if (flags['peers-only']) return;
  run(
    'M4 Hourly, series that were tuned on',
    tasks.filter((_, index) => index % 2 === 0),
    { contestants: HOURLY, season: 24 },
  );
  run('M4 Hourly, held out', held, { contestants: HOURLY, season: 24 });
  run('M4 Hourly, all', tasks, { contestants: HOURLY, season: 24 });
  const thorough = spread(held, Number(flags.thorough));
  if (thorough.length > 0)
    run('M4 Hourly, thorough', thorough, { contestants: [ours('standard'), ours('thorough')], season: 24 });
}

/** This library beside those that were named; nothing where none was. */
function peers(tasks: readonly Task[]): void {
  const { statsforecast: python, arima } = flags;
  const others = [
    ...(arima === undefined ? [] : [arimaPackage(arima)]),
    ...(python === undefined
      ? []
      : flags['peer-models'].split(',').map((name) => statsforecast(python, name))),
  ];
  if (others.length === 0) return;
  const alone = single('KCloud ARIMA alone', () => autoArima({ season: 24 }));
  const contestants = [ours('quick'), ours('standard'), alone, ...others];
  run('M4 Hourly, held out, beside others', tasks, { contestants, season: 24 });
}

const HORIZON = 6;
const DAY = 288;

/** Half an hour ahead from every 97th step on, of at most the week before; two days at least. */
function origins({ values }: RecordedSeries, [from, to]: readonly [number, number]): Task[] {
  const tasks: Task[] = [];
  for (let at = Math.max(2 * DAY, from); at + HORIZON <= to; at += 97)
    tasks.push({
      train: values.slice(Math.max(0, at - 7 * DAY), at),
      test: values.slice(at, at + HORIZON),
      seasons: [DAY],
    });
  return tasks;
}

const CPU: readonly Contestant[] = [
  single('naive', () => naive),
  single('AR(12) least squares', () => autoregression({ recent: 12, ridge: 1e-10 })),
  ours('quick'),
  ours('standard'),
];

function cpu(): void {
  const jobs = google2011(folder) ?? [];
  const whole = (series: RecordedSeries) => origins(series, [0, series.values.length]);
  run('CPU of jobs (google2011), tuned on', jobs.filter((_, index) => index % 2 === 0).flatMap(whole), {
    contestants: CPU,
    season: 1,
  });
  run('CPU of jobs (google2011), held out', jobs.filter((_, index) => index % 2 === 1).flatMap(whole), {
    contestants: CPU,
    season: 1,
  });
  for (const series of dataCentres(folder)) {
    const second = origins(series, [Math.floor(series.values.length / 2), series.values.length]);
    run(`CPU of a data centre, second half (${series.id})`, second, { contestants: CPU, season: 1 });
  }
}

hourly();
if (!flags['peers-only']) cpu();
if (flags.out !== undefined) {
  mkdirSync(flags.out, { recursive: true });
  writeFileSync(join(flags.out, 'forecasting.json'), `${JSON.stringify(results, undefined, 2)}\n`);
}
