/** A harness plays one story from a seed in virtual time and says what it found. The same seed plays the same story. */
import type { SimTrace } from '#playground/simulation/sim-trace.ts';

/** What one seed brought. */
export interface Outcome {
  /** What must never be and was; empty where all is well. */
  readonly problems: readonly string[];
  /** How much time passed in the world. */
  readonly virtualMs: number;
  /** How many crashes, edits by others, refused calls and the like were thrown at the operator. */
  readonly faults: number;
  /** How many times an invariant was looked at. */
  readonly checks: number;
  /** What happened, last lines, oldest first. */
  readonly trace: readonly string[];
  /** The hash of everything that happened. */
  readonly digest: string;
  /** Numbers worth showing, such as a high-water mark. */
  readonly numbers?: Readonly<Record<string, number>>;
}

export interface Harness {
  /** Short, for the command line: `r5`. */
  readonly name: string;
  readonly about: string;
  readonly run: (seed: number) => Promise<Outcome>;
}

/** How a failing seed is played again. */
export function reproduction(harness: string, seed: number): string {
  return `node test/reliability/soak.ts --harness ${harness} --seed ${String(seed)}`;
}

/** The text of a failed seed: what went wrong, and how to see it again. */
export function describeFailure(harness: string, seed: number, outcome: Outcome): string {
  const problems = outcome.problems.map((problem) => `  - ${problem}`).join('\n');
  return `${harness} seed ${String(seed)}:\n${problems}\n  again: ${reproduction(harness, seed)}`;
}

/** Throws where the seed found a problem; for tests. */
export async function expectSound(harness: Harness, seed: number): Promise<Outcome> {
  const outcome = await harness.run(seed);
  if (outcome.problems.length > 0) {
    const trace = outcome.trace.slice(-60).join('\n    ');
    throw new Error(`${describeFailure(harness.name, seed, outcome)}\n    ${trace}`);
  }
  return outcome;
}

/** What an outcome takes from the trace of its world. */
export function traced(trace: SimTrace, lines = 4000): Pick<Outcome, 'trace' | 'digest'> {
  return { trace: trace.tail(lines), digest: trace.digest() };
}
