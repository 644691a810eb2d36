/** Seeds that failed once, by what was wrong. */
import { describe, expect, it } from 'vitest';
import { expectSound } from './harness.ts';
import { harnessNamed } from './harnesses.ts';

const REGRESSIONS: readonly (readonly [problem: string, harness: string, seed: number])[] = [
  ['an edit between two steps was lost at the rollback', 'r5', 2],
  ['annotations stayed after others had overridden a change', 'r5', 5],
  ['a request added in place could not be taken back: a rollback was retried for ever', 'r5', 7],
  ['pods kept a size of ours that others had set in the template', 'r5', 15],
  ['an edit while a step was applied was written over', 'r5', 18],
  ['a recreated workload was changed under the entry of the old one', 'r5', 22],
  ['an autoscaler kept its raised target when the workload was recreated', 'r5', 37],
  ['two optimizations of one workload resized its pods against each other for ever', 'r5', 1042],
  ['an original was let go on the word of an old copy', 'r2', 6],
  ['the same, where the local copy had caught up before the answer was compared', 'r2', 2037],
  ['a change was made while only the second copy of its original was stored', 'r2', 16],
  ['an apply left half done and begun anew another way was taken for an edit of others', 'r7', 2025],
  ['a pod kept a size given in place, in a field that its template had been given before', 'r5', 2070],
  ['the status said Applied while a deletion waited for pods', 'r7', 30058],
  ['an operator did not start on a damaged state file', 'r3-state', 30140],
  ['a status counted no change after a lost original was found again', 'r3-state', 30084],
  ['an apply began on a workload that was recreated while its usage was read', 'r3', 2063],
  ['a booking over a rollback was compared by the rate that held before it', 'r1', 60035],
];

describe('a seed that failed once', () => {
  it.each(REGRESSIONS)('%s (%s seed %i)', async (_problem, harness, seed) => {
    const { checks } = await expectSound(harnessNamed(harness), seed);
    expect(checks).toBeGreaterThan(0);
  });
});
