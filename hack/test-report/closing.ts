/** What the report says at its end. */
import type { ComponentRecord } from '#test/testenv/real-components.ts';
import { elapsedText } from '#test/testenv/go-tools/progress.ts';
import { type Counts, NOTHING, addCounts } from './vitest-report.ts';

export interface StepOutcome {
  readonly name: string;
  readonly counts: Counts;
  readonly durationMs: number;
  /** Titles of groups with skipped tests. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Full names of the tests that failed. */
  readonly failed: readonly string[];
}

export function totalOf(outcomes: readonly StepOutcome[]): Counts {
  return outcomes.map(({ counts }) => counts).reduce(addCounts, NOTHING);
}

/** `N passed, N failed`, and `, N skipped` where any was: the last line of every run. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  const line = `${String(passed)} passed, ${String(failed)} failed`;
  return skipped === 0 ? line : `${line}, ${String(skipped)} skipped`;
}

/** 0 only where something was tested and nothing failed. */
export function exitCodeOf({ passed, failed }: Counts): number {
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** The steps with their counts and times, and under each the tests that failed. */
export function stepLines(outcomes: readonly StepOutcome[]): readonly string[] {
  return outcomes.flatMap(({ name, counts, durationMs, failed }) => {
    const mark = counts.failed === 0 ? 'ok    ' : 'FAILED';
    const head = `  ${mark} ${name.padEnd(18)} ${elapsedText(durationMs).padStart(6)}  ${closingLine(counts)}`;
    return [head, ...failed.map((test) => `           × ${test}`)];
  });
}

/** Which real components ran, and what was skipped and why. */
export function componentLines(
  records: readonly ComponentRecord[],
  outcomes: readonly StepOutcome[],
): readonly string[] {
  const ran = [...new Set(records.filter(({ kind }) => kind === 'ran').map(({ what }) => what))].sort();
  const skipped = records.filter(({ kind }) => kind === 'skipped');
  const unexplained = outcomes
    .flatMap((outcome) => [...outcome.skipped])
    .filter(([title]) => !skipped.some(({ what }) => title.startsWith(what)));
  return [
    `Real components: ${ran.length === 0 ? 'none' : ran.join(', ')}`,
    ...(skipped.length + unexplained.length === 0 ? ['Nothing was skipped.'] : ['Skipped:']),
    ...skipped.map(({ what, reason }) => `  ${what}: ${reason ?? 'no reason given'}`),
    ...unexplained.map(([title, count]) => `  ${title}: ${String(count)} tests, no reason given`),
  ];
}
