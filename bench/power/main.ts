/**
 * Power models of servers: published SPECpower_ssj2008 curves, predicted from idle and maximum watts and from a few points.
 *
 *   node bench/power/main.ts --data <folder> [--out <folder>]
 *
 * Errors are mean absolute percentages over 0, 10, … 100 % load of every server. What is fitted to servers is measured on others: on
 * the other half (five random splits, both ways round), on CPUs and on architectures that it has not seen, and on later years.
 * `--out` writes power.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ShapeModel } from '#domain/energy/curves/shape-model.ts';
import { uniform } from './algebra.ts';
import {
  calibrated,
  fan,
  learned,
  line,
  meanCurve,
  polynomial,
  type Predict,
  shaped,
  through,
} from './contestants.ts';
import { LOADS, type Server, servers } from './dataset.ts';
import { fitShape } from './fit-shape.ts';

interface Score {
  readonly name: string;
  readonly overall: number;
  readonly since2018: number;
  /** Only loads that the contestant was not told. */
  readonly untold?: number;
}

/** Fitted to some servers, measured on others. */
interface Fold {
  readonly training: readonly Server[];
  readonly held: readonly Server[];
}

const MODERN = 2018;
const SPLITS = 5;
const GROUPS = 8;
const POINTS: readonly (readonly number[])[] = [
  [0, 50, 100],
  [0, 30, 70, 100],
  [0, 20, 60, 100],
  [0, 10, 40, 70, 100],
  [0, 20, 50, 80, 100],
  [10, 30, 50, 70],
  [10, 30, 50, 70, 90],
];

/** Sums over servers, so that folds add up. */
class Errors {
  #sum = 0;
  #count = 0;

  add(server: Server, watts: readonly number[], told: readonly number[]): void {
    LOADS.forEach((load, step) => {
      if (told.includes(load)) return;
      const actual = server.watts[step] ?? Number.NaN;
      this.#sum += Math.abs((watts[step] ?? Number.NaN) - actual) / actual;
      this.#count++;
    });
  }

  get percent(): number {
    return (100 * this.#sum) / this.#count;
  }
}

type Fitted<M> = readonly { readonly model: M; readonly held: readonly Server[] }[];

function measure<M>(
  name: string,
  fitted: Fitted<M>,
  at: { predict: (model: M) => Predict; told?: readonly number[] },
): Score {
  const [overall, modern, untold] = [new Errors(), new Errors(), new Errors()];
  for (const { model, held } of fitted) {
    const predict = at.predict(model);
    for (const server of held) {
      const watts = predict(server);
      overall.add(server, watts, []);
      untold.add(server, watts, at.told ?? []);
      if (server.year >= MODERN) modern.add(server, watts, []);
    }
  }
  const score = { name, overall: overall.percent, since2018: modern.percent };
  return at.told === undefined ? score : { ...score, untold: untold.percent };
}

function shuffled(all: readonly Server[], seed: number): Server[] {
  const random = uniform(seed);
  return all
    .map((server) => ({ server, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ server }) => server);
}

function halves(all: readonly Server[]): Fold[] {
  return Array.from({ length: SPLITS }, (_, split) => {
    const mixed = shuffled(all, split + 1);
    const middle = Math.floor(mixed.length / 2);
    const [first, second] = [mixed.slice(0, middle), mixed.slice(middle)];
    return [
      { training: first, held: second },
      { training: second, held: first },
    ];
  }).flat();
}

/** Servers that share a key are held out together. */
function grouped(all: readonly Server[], key: (server: Server) => string): Fold[] {
  const keys = [...new Set(all.map(key))].sort();
  return Array.from({ length: GROUPS }, (_, group) => {
    const inGroup = (server: Server): boolean => keys.indexOf(key(server)) % GROUPS === group;
    return { training: all.filter((server) => !inGroup(server)), held: all.filter(inGroup) };
  });
}

function later(all: readonly Server[]): Fold[] {
  return [
    { training: all.filter(({ year }) => year < MODERN), held: all.filter(({ year }) => year >= MODERN) },
  ];
}

function fit<M>(folds: readonly Fold[], how: (training: readonly Server[]) => M): Fitted<M> {
  return folds.map(({ training, held }) => ({ model: how(training), held }));
}

function print(title: string, scores: readonly Score[]): void {
  const percent = (value: number | undefined): string =>
    (value === undefined || Number.isNaN(value) ? '' : `${value.toFixed(2)} %`).padStart(10);
  console.log(`\n${title.padEnd(62)}${'all'.padStart(10)}${'2018+'.padStart(10)}${'not told'.padStart(10)}`);
  for (const { name, overall, since2018, untold } of scores)
    console.log(`${name.padEnd(62)}${percent(overall)}${percent(since2018)}${percent(untold)}`);
}

function fromLimits(all: readonly Server[], halved: Fitted<ShapeModel>): Score[] {
  const whole: Fitted<undefined> = [{ model: undefined, held: all }];
  const shapeOn = (folds: Fold[]): Fitted<ShapeModel> => fit(folds, (training) => fitShape(training));
  const ours = (name: string, fitted: Fitted<ShapeModel>): Score =>
    measure(name, fitted, { predict: shaped });
  return [
    measure('line', whole, { predict: () => line }),
    measure('Fan 2u − u^1.4', whole, { predict: () => fan }),
    measure('mean curve, other half', fit(halves(all), meanCurve), { predict: (predict) => predict }),
    ours('KCloud, other half', halved),
    ours('KCloud, CPUs not seen', shapeOn(grouped(all, ({ cpu }) => cpu))),
    ours('KCloud, architectures not seen', shapeOn(grouped(all, ({ architecture }) => architecture))),
    measure('mean curve, years not seen', fit(later(all), meanCurve), { predict: (predict) => predict }),
    ours('KCloud, years not seen', shapeOn(later(all))),
    measure('KCloud as shipped (fitted to all of them)', whole, { predict: () => shaped() }),
  ];
}

function allPoints(all: readonly Server[]): Score[] {
  const whole: Fitted<undefined> = [{ model: undefined, held: all }];
  return [1, 2, 3].map((degree) =>
    measure(['', 'line (stage 3 of the paper)', 'quadratic', 'cubic'][degree] ?? '', whole, {
      predict: () => polynomial(degree),
    }),
  );
}

function fromPoints(loads: readonly number[], halved: Fitted<ShapeModel>): Score[] {
  const told = loads;
  return [
    measure('line by least squares', halved, { predict: () => polynomial(1, loads), told }),
    measure('straight between points', halved, { predict: () => through(loads, 'straight'), told }),
    measure('monotone cubic', halved, { predict: () => through(loads, 'smooth'), told }),
    measure('KCloud, learnt shape', halved, { predict: (model) => learned(loads, model), told }),
    measure('KCloud, what calibration chooses', halved, {
      predict: (model) => calibrated(loads, model),
      told,
    }),
  ];
}

function main(): void {
  const { values } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' } } });
  if (values.data === undefined)
    throw new Error('name the folder with the power curves: --data <folder> (see bench/README.md)');
  const all = servers(values.data);
  if (all === undefined) {
    console.log('specpower_ssj2008_curves.csv is not in the folder: skipped');
    return;
  }
  const halved = fit(halves(all), (training) => fitShape(training));
  const results: Record<string, readonly Score[]> = {
    [`${all.length} servers, idle and maximum known`]: fromLimits(all, halved),
    'all 11 points known (in-sample)': allPoints(all),
  };
  for (const loads of POINTS)
    results[`points at ${loads.join(', ')} %; shape from the other half`] = fromPoints(loads, halved);
  for (const [title, scores] of Object.entries(results)) print(title, scores);
  if (values.out === undefined) return;
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'power.json'), JSON.stringify(results, undefined, 2));
}

main();
