/**
 * Who forecasts: this library in its efforts, single models of it, and two others where they are named: statsforecast
 * by its Python, and the npm package `arima` (ctsa in WebAssembly) by its folder.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Effort } from '#domain/forecasting/candidates.ts';
import { forecast } from '#domain/forecasting/forecast.ts';
import { type Model } from '#domain/forecasting/model.ts';

export interface Task {
  readonly train: Float64Array;
  readonly test: Float64Array;
  readonly seasons: readonly number[];
}

export interface Answer {
  readonly mean: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly ms: number;
}

export interface Contestant {
  readonly name: string;
  readonly answer: (tasks: readonly Task[]) => Answer[];
}

function timed(run: () => Omit<Answer, 'ms'>): Answer {
  const began = performance.now();
  const answer = run();
  return { ...answer, ms: performance.now() - began };
}

/** The library's `forecast`. */
export function ours(effort: Effort): Contestant {
  return {
    name: `KCloud ${effort}`,
    answer: (tasks) =>
      tasks.map(({ train, test, seasons }) =>
        timed(() => {
          const found = forecast(train, {
            horizon: test.length,
            seasonLengths: seasons,
            levels: [0.95],
            effort,
          });
          const interval = found.kind === 'forecast' ? found.intervals[0] : undefined;
          if (found.kind === 'unknown' || interval === undefined)
            throw new Error('no forecast of a full series');
          return { mean: found.points, lower: interval.lower, upper: interval.upper };
        }),
      ),
  };
}

const NORMAL_95 = 1.959964;

/** One model of it with its own intervals (normal, not calibrated). */
export function single(name: string, modelOf: (task: Task) => Model): Contestant {
  return {
    name,
    answer: (tasks) =>
      tasks.map((task) =>
        timed(() => {
          const forecaster = modelOf(task).fit(task.train);
          if (forecaster === undefined) throw new Error(`${name} does not apply`);
          const { mean, sd } = forecaster.forecast(task.train, task.test.length);
          const bound = (side: number) => mean.map((value, h) => value + side * NORMAL_95 * (sd[h] ?? 0));
          return { mean, lower: bound(-1), upper: bound(1) };
        }),
      ),
  };
}

/** What of the package `arima` is used. */
interface ArimaPackage {
  new (options: Readonly<Record<string, number | boolean>>): {
    train(values: readonly number[]): { predict(steps: number): readonly [number[], number[]] };
  };
}

/** A seasonal ARIMA whose orders the package `arima` chooses; its second answer is a variance. */
export function arimaPackage(folder: string): Contestant {
  const Arima = createRequire(import.meta.url)(folder) as ArimaPackage;
  const options = { auto: true, p: 3, d: 1, q: 3, P: 1, D: 1, Q: 1, verbose: false };
  return {
    name: 'arima (npm) auto',
    answer: (tasks) =>
      tasks.map(({ train, test, seasons: [season = 1] }) =>
        timed(() => {
          const model = new Arima({ ...options, s: season });
          const [mean, variance] = model.train([...train]).predict(test.length);
          const bound = (side: number) =>
            Float64Array.from(mean, (value, h) => value + side * NORMAL_95 * Math.sqrt(variance[h] ?? 0));
          return { mean: Float64Array.from(mean), lower: bound(-1), upper: bound(1) };
        }),
      ),
  };
}

interface PeerAnswer {
  readonly mean: number[];
  readonly lower: number[];
  readonly upper: number[];
  readonly ms: number;
}

/** A model of statsforecast, run by a Python interpreter that has it. */
export function statsforecast(python: string, model: string): Contestant {
  return {
    name: `statsforecast ${model}`,
    answer: (tasks) => {
      const [first] = tasks;
      const input = JSON.stringify({
        series: tasks.map(({ train }) => [...train]),
        horizon: first?.test.length,
        season: first?.seasons[0],
        models: [model],
      });
      const script = join(import.meta.dirname, 'statsforecast_peer.py');
      const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
      const output = execFileSync(python, [script], {
        input,
        env,
        maxBuffer: 1 << 30,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const answers = JSON.parse(output.toString()) as Record<string, PeerAnswer[]>;
      return (answers[model] ?? []).map(({ mean, lower, upper, ms }) => ({
        mean: Float64Array.from(mean),
        lower: Float64Array.from(lower),
        upper: Float64Array.from(upper),
        ms,
      }));
    },
  };
}
