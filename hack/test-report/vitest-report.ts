/** Counts the tests of a vitest JSON report. */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of the report that we read; its other fields may come and go. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly FileResult[];
}

interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly TestResult[];
}

interface TestResult {
  readonly status: string;
  readonly ancestorTitles: readonly string[];
}

export const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/**
 * A file that could not be loaded, and a run that failed although every test passed (an unhandled rejection, a
 * broken teardown), count as one failure each.
 */
export function countTests(report: VitestReport, exitCode: number): Counts {
  const failed = report.testResults.map(failuresOf).reduce((sum, count) => sum + count, 0);
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function failuresOf(file: FileResult): number {
  const failed = file.assertionResults.filter(({ status }) => status === 'failed').length;
  return failed === 0 && file.status === 'failed' ? 1 : failed;
}

/** The titles of the outermost groups in which tests were skipped, each with their number. */
export function skippedGroups(report: VitestReport): ReadonlyMap<string, number> {
  const groups = new Map<string, number>();
  for (const { name, assertionResults } of report.testResults) {
    for (const { status, ancestorTitles } of assertionResults) {
      if (status === 'passed' || status === 'failed') continue;
      const title = ancestorTitles[0] ?? name;
      groups.set(title, (groups.get(title) ?? 0) + 1);
    }
  }
  return groups;
}
