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
  readonly fullName: string;
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
  const failed = failedTests(report).length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
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

/** The full names of the tests that failed, and of the files that could not be loaded. */
export function failedTests(report: VitestReport): readonly string[] {
  return report.testResults.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter((result) => result.status === 'failed');
    return failed.length === 0 && status === 'failed' ? [name] : failed.map(({ fullName }) => fullName);
  });
}
