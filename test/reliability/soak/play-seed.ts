/** Plays one seed of a harness; what it throws is a problem like any other. */
import { messageOf } from '#errors/kc-error.ts';
import type { Outcome } from '../harness.ts';
import { harnessNamed } from '../harnesses.ts';

export interface Job {
  readonly harness: string;
  readonly seed: number;
}

export async function playSeed({ harness, seed }: Job): Promise<Outcome> {
  try {
    return await harnessNamed(harness).run(seed);
  } catch (error) {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    const problems = [`the story broke off: ${messageOf(error)}`];
    return { problems, virtualMs: 0, faults: 0, checks: 0, trace: stack.split('\n'), digest: '' };
  }
}
