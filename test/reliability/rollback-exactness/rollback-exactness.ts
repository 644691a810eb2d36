/**
 * R5: whatever happens to a workload that is being optimized, in the end everything that we changed is as it was, byte
 * by byte, everything that others changed is as they left it, and nothing of ours is left behind.
 */
import { keyOf } from '#apis/kubernetes/object.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { DEFAULT_BUDGET } from '#domain/arbiter/arbiter.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { pick, type Random, randomInt, SeededRandom } from '#platform/random.ts';
import { type Harness, type Outcome, traced } from '../harness.ts';
import { Watchman } from '../invariants/watchman.ts';
import { Stage } from '../stage/stage.ts';
import { randomOptimizations } from './optimizations.ts';
import { People } from './people.ts';
import { randomWorkload } from './random-workload.ts';

const GONE_LIMIT_MS = 6 * HOUR_MS;
const SETTLE_MS = 15 * MINUTE_MS;
/** Short gaps hit an apply under way; long ones let it be verified and followed by the next. */
const GAPS_MS = [300, 2_000, 20_000, 60_000, 5 * MINUTE_MS, 20 * MINUTE_MS, 65 * MINUTE_MS];
/** A workload rests for a day after a rollback: too long for a story of some hours. */
const BUDGET = { ...DEFAULT_BUDGET, rollbackCooldownMs: 30 * MINUTE_MS };

export const ROLLBACK_EXACTNESS: Harness = {
  name: 'r5',
  about: 'rollback is exact, and edits of others stay',
  run: (seed) => tellStory(seed, oneOperatorThatCrashes),
};

/** Brings operators on; returns what can be done to them while the story goes on. */
export type Casting = (stage: Stage, watchman: Watchman, random: Random) => () => string;

export const STORY_SETTINGS = { budget: BUDGET };

const oneOperatorThatCrashes: Casting = (stage) => {
  const { supervisor } = stage.enter({ settings: STORY_SETTINGS });
  return () => {
    supervisor.process.crash('a machine lost power');
    return 'the operator crashes';
  };
};

interface Story {
  readonly stage: Stage;
  readonly watchman: Watchman;
  readonly people: People;
  readonly random: Random;
}

/** Plays the story of a seed with these operators and judges what is left of it. */
export async function tellStory(seed: number, casting: Casting): Promise<Outcome> {
  const story = await begin(seed, casting);
  await act(story);
  await letGo(story);
  for (const difference of story.people.shadow.differences()) story.watchman.report(difference);
  for (const failure of story.stage.close()) story.watchman.report(failure);
  return {
    problems: story.watchman.problems,
    checks: story.watchman.checks + 1,
    virtualMs: story.stage.virtualMs,
    faults: story.people.deeds,
    ...traced(story.stage.cluster.world.trace),
  };
}

async function begin(seed: number, casting: Casting): Promise<Story> {
  const random = new SeededRandom(`r5/${String(seed)}`);
  const workload = randomWorkload(random);
  const { placed, autoscaler } = workload;
  const stage = await Stage.open({
    seed,
    objects: autoscaler === undefined ? [placed] : [placed, autoscaler],
  });
  const { cluster } = stage;
  const watchman = new Watchman(stage);
  const trouble = casting(stage, watchman, random);
  const people = new People({ stage, workload, random, trouble });
  for (const optimization of randomOptimizations(random, workload.ref)) {
    await cluster.now(cluster.client.create(COST_OPTIMIZATIONS, optimization));
  }
  return { stage, watchman, people, random };
}

async function act({ stage, people, random }: Story): Promise<void> {
  const deeds = 4 + randomInt(random, 10);
  for (let deed = 0; deed < deeds; deed += 1) {
    await stage.cluster.world.clock.runFor(pick(random, GAPS_MS) * (0.5 + random.next()));
    await people.actAtRandom();
  }
}

/** Deletes every optimization at a moment that suits nobody, and waits until nothing happens any more. */
async function letGo({ stage, watchman, random }: Story): Promise<void> {
  const { cluster } = stage;
  await cluster.world.clock.runFor(pick(random, GAPS_MS) * random.next());
  for (const optimization of cluster.stored(COST_OPTIMIZATIONS)) {
    await cluster.now(cluster.client.delete(COST_OPTIMIZATIONS, keyOf(optimization)));
    stage.note(`${optimization.metadata.name ?? ''} is deleted`);
  }
  const gone = await cluster.until(() => cluster.stored(COST_OPTIMIZATIONS).length === 0, GONE_LIMIT_MS);
  watchman.expect(gone, () => 'a deleted CostOptimization does not go away');
  await cluster.world.clock.runFor(SETTLE_MS);
}
