import { describe, expect, it } from 'vitest';
import { type VitestReport, addCounts, countTests, failedTests, skippedGroups } from './vitest-report.ts';

const test = (status: string, group = 'a group') => ({
  status,
  ancestorTitles: [group],
  fullName: `${group} ${status}`,
});

function report(files: VitestReport['testResults']): VitestReport {
  const count = (status: string): number =>
    files.flatMap(({ assertionResults }) => assertionResults).filter((result) => result.status === status)
      .length;
  return {
    numPassedTests: count('passed'),
    numPendingTests: count('skipped'),
    numTodoTests: count('todo'),
    testResults: files,
  };
}

const file = (status: string, ...assertionResults: ReturnType<typeof test>[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults,
});

describe('counting the tests of a report', () => {
  it('counts what passed, failed and was skipped or is yet to be written', () => {
    const files = [
      file('failed', test('passed'), test('failed'), test('failed')),
      file('passed', test('passed'), test('skipped'), test('todo')),
    ];
    expect(countTests(report(files), 1)).toEqual({ passed: 2, failed: 2, skipped: 2 });
  });

  it('counts a file that could not be loaded as one failure', () => {
    const files = [file('failed'), file('passed', test('passed'))];
    expect(countTests(report(files), 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('counts a run that failed outside of every test as one failure', () => {
    const files = [file('passed', test('passed'))];
    expect(countTests(report(files), 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(countTests(report(files), 0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });

  it('adds counts up', () => {
    const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 });
    expect(sum).toEqual({ passed: 11, failed: 22, skipped: 33 });
  });

  it('names the tests that failed and the files that could not be loaded', () => {
    const files = [file('failed', test('passed'), test('failed')), { ...file('failed'), name: 'b.test.ts' }];
    expect(failedTests(report(files))).toEqual(['a group failed', 'b.test.ts']);
  });

  it('names the groups in which tests were skipped', () => {
    const files = [file('passed', test('skipped', 'one'), test('passed', 'two'), test('skipped', 'one'))];
    expect([...skippedGroups(report(files))]).toEqual([['one', 2]]);
  });
});
