/** R1: the operator dies at one write of a whole loop and starts again. In the end nobody can tell. */
import { canonicalJson } from '#domain/change/canonical-json.ts';
import { pick, SeededRandom } from '#platform/random.ts';
import type { CrashPoint } from '#playground/simulation/simulated-process.ts';
import { crashPoints } from '#playground/simulation/supervisor.ts';
import { type Harness, type Outcome, traced } from '../harness.ts';
import { type LoopOutcome, playLoop } from './loop-story.ts';
import { describeScenario, type Scenario, SCENARIOS } from './scenario.ts';

export const CRASH_EVERYWHERE: Harness = {
  name: 'r1',
  about: 'a crash at any write of a loop changes nothing of its outcome',
  run: async (seed) => {
    const random = new SeededRandom(`r1/${String(seed)}`);
    const scenario = pick(random, SCENARIOS);
    const undisturbed = await reference(scenario);
    if (undisturbed.problems.length > 0) return outcomeOf(scenario, undisturbed, undisturbed.problems);
    return crashOnce(scenario, pick(random, crashPoints(undisturbed.writes)));
  },
};

/**
 * How long a booking covers, and as much again for the restart and what follows from it. A booking takes the lower of
 * the rates at its two ends for all of its time, so where its ends lie decides about that much times their distance.
 */
const BOOKING_HOURS = 10 / 60;
const references = new Map<string, Promise<LoopOutcome>>();

/** The loop without a crash; played once for each scenario. */
export function reference(scenario: Scenario): Promise<LoopOutcome> {
  const name = describeScenario(scenario);
  const known = references.get(name) ?? playLoop(scenario);
  references.set(name, known);
  return known;
}

/** Plays the loop with a crash and compares. */
export async function crashOnce(scenario: Scenario, crashAt: CrashPoint): Promise<Outcome> {
  const wanted = await reference(scenario);
  const found = await playLoop(scenario, crashAt);
  const where = `crash ${crashAt.when} write ${String(crashAt.write)}`;
  const problems = [...found.problems, ...differences(found, wanted)].map(
    (problem) => `${where}: ${problem}`,
  );
  return outcomeOf(scenario, found, problems);
}

function outcomeOf(scenario: Scenario, found: LoopOutcome, problems: readonly string[]): Outcome {
  return {
    problems: problems.map((problem) => `${describeScenario(scenario)}: ${problem}`),
    virtualMs: found.virtualMs,
    faults: found.crashes,
    checks: found.checks + 6,
    ...traced(found.stage.cluster.world.trace),
  };
}

function differences(found: LoopOutcome, wanted: LoopOutcome): readonly string[] {
  return [...pictures(found, wanted), ...savings(found, wanted), ...events(found, wanted)];
}

function pictures(found: LoopOutcome, wanted: LoopOutcome): readonly string[] {
  return (['applied', 'rolledBack', 'gone'] as const).flatMap((stage) => {
    const parts = Object.keys(wanted.pictures[stage]);
    const left = found.pictures[stage];
    const right = wanted.pictures[stage];
    const odd = parts.filter(
      (part) => canonicalJson(left[part] ?? null) !== canonicalJson(right[part] ?? null),
    );
    return odd.map(
      (part) =>
        `${part} when ${stage} is ${JSON.stringify(left[part])}, without a crash ${JSON.stringify(right[part])}`,
    );
  });
}

function savings(found: LoopOutcome, wanted: LoopOutcome): readonly string[] {
  const tolerance = wanted.rateSpan * BOOKING_HOURS;
  if (Math.abs(found.savedUsd - wanted.savedUsd) <= tolerance) return [];
  return [`booked ${found.savedUsd.toFixed(4)} USD, without a crash ${wanted.savedUsd.toFixed(4)} USD`];
}

/** What was told before the crash may be told once more, and no oftener. */
function events(found: LoopOutcome, wanted: LoopOutcome): readonly string[] {
  return Object.entries(found.events).flatMap(([reason, count]) =>
    count <= (wanted.events[reason] ?? 0) + 1
      ? []
      : [
          `event ${reason} was told ${String(count)} times, without a crash ${String(wanted.events[reason] ?? 0)} times`,
        ],
  );
}
