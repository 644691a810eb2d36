/** Scores sizes that were made elsewhere on the days that followed. */
import type { Dataset } from '../../rightsizing/datasets.ts';
import { percent, table } from '../../rightsizing/tables.ts';
import { type Given, type Score, score, walkForward } from '../../rightsizing/walk-forward.ts';

/** Percent of the largest machine, by workload and day. */
export interface Sizes {
  readonly name: string;
  readonly cpu: (workload: string, day: number) => Given | undefined;
  readonly memory: (workload: string, day: number) => Given | undefined;
}

export interface Scored {
  readonly name: string;
  readonly cpu: Score;
  readonly memory: Score;
}

/** Job-days for which there is no size are left out; `jobDays` of the score tells. */
export function scoreOf(set: Dataset, { name, cpu, memory }: Sizes): Scored {
  const known = (size: Sizes['cpu'], values: 'cpu' | 'memory', smallest: number): Score => {
    const days = walkForward(set, {
      values: (workload) => workload[values],
      size: (_history, _tomorrow, { workload, day }) => size(workload, day) ?? { size: Number.NaN },
      smallest,
    });
    return score(
      days.filter(({ given }) => Number.isFinite(given.size)),
      false,
    );
  };
  return { name, cpu: known(cpu, 'cpu', set.minCpu), memory: known(memory, 'memory', 0) };
}

export function scoreTable(scored: readonly Scored[]): string {
  const head = ['sizes by', 'job-days', 'CPU slack', 'samples over', 'days ≤5 % over', 'job-days', 'memory slack', 'OOM-free days']; // prettier-ignore
  const rows = scored.map(({ name, cpu, memory }) => [
    name,
    String(cpu.jobDays),
    percent(cpu.slack),
    percent(cpu.overShare, 2),
    percent(cpu.coveredDays),
    String(memory.jobDays),
    percent(memory.slack),
    percent(memory.freeDays, 2),
  ]);
  return table(head, rows);
}
