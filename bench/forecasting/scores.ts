/** Scores of answers, and their table. */
import { mean, median } from '#domain/statistics/order.ts';
import { percent, table } from '../rightsizing/tables.ts';
import { type Answer, type Contestant, type Task } from './contestants.ts';
import { coverage, mase, msis, seasonalScale, smape } from './metrics.ts';

export interface Score {
  readonly name: string;
  readonly series: number;
  readonly mase: number;
  readonly smape: number;
  readonly msis: number;
  /** Share of the values within the 95 % intervals. */
  readonly coverage: number;
  /** Sum of absolute errors over the sum of values. */
  readonly wape: number;
  readonly medianMs: number;
}

/** Every contestant on the same tasks; errors are scaled by a seasonal naive of `season` steps. */
export function compare(tasks: readonly Task[], contestants: readonly Contestant[], season: number): Score[] {
  return contestants.map((contestant) => {
    const began = performance.now();
    const score = scoreOf(contestant.name, tasks, { answers: contestant.answer(tasks), season });
    console.error(`${contestant.name}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
    return score;
  });
}

function scoreOf(
  name: string,
  tasks: readonly Task[],
  { answers, season }: { answers: readonly Answer[]; season: number },
): Score {
  const pairs = tasks.flatMap((task, index) => {
    const answer = answers[index];
    return answer === undefined ? [] : [{ ...task, ...answer, scale: seasonalScale(task.train, season) }];
  });
  const over = (of: (pair: (typeof pairs)[number]) => number) => mean(Float64Array.from(pairs, of));
  const wrong = over(({ test, mean: guess }) =>
    test.reduce((sum, value, h) => sum + Math.abs(value - (guess[h] ?? 0)), 0),
  );
  const size = over(({ test }) => test.reduce((sum, value) => sum + Math.abs(value), 0));
  return {
    name,
    series: pairs.length,
    mase: over(({ test, mean: guess, scale }) => mase(test, guess, scale)),
    smape: over(({ test, mean: guess }) => smape(test, guess)),
    msis: over(({ test, scale, ...band }) => msis(test, band, { scale, alpha: 0.05 })),
    coverage: over(({ test, ...band }) => coverage(test, band)),
    wape: wrong / size,
    medianMs: median(Float64Array.from(pairs, ({ ms }) => ms)),
  };
}

export function printScores(title: string, scores: readonly Score[]): void {
  const head = ['method', 'MASE', 'sMAPE', 'MSIS', 'in 95 %', 'WAPE', 'median ms'];
  const rows = scores.map((score) => [
    score.name,
    score.mase.toFixed(3),
    score.smape.toFixed(2),
    score.msis.toFixed(2),
    percent(score.coverage),
    percent(score.wape, 2),
    score.medianMs.toFixed(1),
  ]);
  console.log(`\n${title} (${scores[0]?.series ?? 0} forecasts)\n${table(head, rows)}`);
}
