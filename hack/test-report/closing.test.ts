import { describe, expect, it } from 'vitest';
import { type StepOutcome, closingLine, componentLines, exitCodeOf, stepLines, totalOf } from './closing.ts';

function outcome(counts: StepOutcome['counts'], skipped: readonly [string, number][] = []): StepOutcome {
  const failed = counts.failed === 0 ? [] : ['a list is sorted'];
  return { name: 'unit tests', counts, durationMs: 65_000, skipped: new Map(skipped), failed };
}

describe('the closing line', () => {
  it('mentions skipped tests only where there are any', () => {
    expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });

  it('sums all steps', () => {
    const outcomes = [
      outcome({ passed: 3, failed: 0, skipped: 1 }),
      outcome({ passed: 4, failed: 2, skipped: 0 }),
    ];
    expect(closingLine(totalOf(outcomes))).toBe('7 passed, 2 failed, 1 skipped');
  });
});

describe('the exit code', () => {
  it.each([
    [{ passed: 1, failed: 0, skipped: 0 }, 0],
    [{ passed: 1, failed: 1, skipped: 0 }, 1],
    [{ passed: 0, failed: 0, skipped: 9 }, 1],
  ])('of %o is %i', (counts, expected) => {
    expect(exitCodeOf(counts)).toBe(expected);
  });
});

describe('the summary', () => {
  it('shows each step with its time and what failed in it', () => {
    const [ok, bad, test] = stepLines([
      outcome({ passed: 3, failed: 0, skipped: 0 }),
      outcome({ passed: 3, failed: 1, skipped: 0 }),
    ]);
    expect(ok).toMatch(/ok +unit tests +1:05 +3 passed, 0 failed/);
    expect(bad).toMatch(/FAILED +unit tests/);
    expect(test).toMatch(/^ +× a list is sorted$/);
  });

  it('lists each real component once, and every skip with its reason or the lack of one', () => {
    const skipped = { passed: 1, failed: 0, skipped: 5 };
    const lines = componentLines(
      [
        { kind: 'ran', what: 'kube-apiserver v1.36.3' },
        { kind: 'ran', what: 'kube-apiserver v1.36.3' },
        { kind: 'skipped', what: 'metrics on real', reason: 'Go is missing' },
      ],
      [
        outcome(skipped, [
          ['metrics on real (skipped: Go is missing)', 3],
          ['a forgotten group', 2],
        ]),
      ],
    );
    expect(lines).toEqual([
      'Real components: kube-apiserver v1.36.3',
      'Skipped:',
      '  metrics on real: Go is missing',
      '  a forgotten group: 2 tests, no reason given',
    ]);
  });

  it('says so when nothing was skipped and nothing real ran', () => {
    expect(componentLines([], [])).toEqual(['Real components: none', 'Nothing was skipped.']);
  });
});
