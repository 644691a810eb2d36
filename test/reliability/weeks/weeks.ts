/**
 * R6: weeks of comings and goings. Again and again workloads appear, are optimized, verified, and go, and after each
 * round the same is left: every store and table of the operator is counted, as are its waiting timers (of queues, leases,
 * watches), the series that it reports, and the handles of the process. Entries are counted, not megabytes.
 */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { SeededRandom } from '#platform/random.ts';
import { type Harness, type Outcome, traced } from '../harness.ts';
import { WORKLOAD_TYPES } from '../invariants/invariant.ts';
import { Watchman } from '../invariants/watchman.ts';
import { randomOptimizations } from '../rollback-exactness/optimizations.ts';
import { type RandomWorkload, randomWorkload } from '../rollback-exactness/random-workload.ts';
import { STORY_SETTINGS } from '../rollback-exactness/rollback-exactness.ts';
import { Stage } from '../stage/stage.ts';
import { type Census, census, grown, heapGrown } from './census.ts';
import { TimerCount } from './timer-count.ts';

export const WEEKS: Harness = {
  name: 'r6',
  about: 'weeks of comings and goings: nothing is left behind, nothing grows',
  run: playWeeks,
};

/** What a few rounds show is shown in seconds; every hundredth seed plays weeks. */
const LONG_EVERY = 100;
const [SHORT_ROUNDS, LONG_ROUNDS] = [2, 28];
const AT_ONCE = 2;

async function playWeeks(seed: number): Promise<Outcome> {
  const stage = await Stage.open({ seed, objects: [] });
  const watchman = new Watchman(stage);
  const timers = new TimerCount();
  const cast = stage.enter({ settings: STORY_SETTINGS, suspension: timers });
  const rounds = seed % LONG_EVERY === 0 ? LONG_ROUNDS : SHORT_ROUNDS;
  const counts: Census[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await playRound(stage, watchman, new SeededRandom(`r6/${String(seed)}/${String(round)}`));
    counts.push(await census({ cast, timers }));
  }
  for (const problem of problemsOf(counts)) watchman.report(problem);
  const heaps = counts.map(({ heapMib }) => heapMib);
  const numbers = {
    rounds,
    ...counts.at(-1)?.counted,
    'MiB of heap after a third': heaps[Math.floor(heaps.length / 3)] ?? 0,
    'MiB of heap at the end': heaps.at(-1) ?? 0,
  };
  for (const failure of stage.close()) watchman.report(failure);
  const { problems, checks } = watchman;
  const { virtualMs } = stage;
  const looks = counts.length * Object.keys(counts[0]?.counted ?? {}).length;
  return { problems, checks: checks + looks, virtualMs, faults: rounds * AT_ONCE, numbers, ...traced(stage.cluster.world.trace) }; // prettier-ignore
}

/** The first round fills what is filled once; the heap takes some more. */
function problemsOf(counts: readonly Census[]): readonly string[] {
  const [first, last, warm] = [counts[0], counts.at(-1), counts[Math.floor(LONG_ROUNDS / 3)]];
  if (first === undefined || last === undefined) return [];
  return [...grown(first, last), ...(warm === undefined ? [] : heapGrown(warm, last))];
}

async function playRound(stage: Stage, watchman: Watchman, random: SeededRandom): Promise<void> {
  const { cluster } = stage;
  const workloads = Array.from({ length: AT_ONCE }, (_, index) =>
    randomWorkload(random, `web-${String(index)}`),
  );
  for (const workload of workloads) await appear(stage, workload, random);
  await cluster.world.clock.runFor((6 + 6 * random.next()) * HOUR_MS);
  for (const optimization of cluster.stored<CostOptimization>(COST_OPTIMIZATIONS)) {
    await cluster.now(cluster.client.delete(COST_OPTIMIZATIONS, keyOf(optimization)));
  }
  const gone = await cluster.until(() => cluster.stored(COST_OPTIMIZATIONS).length === 0, HOUR_MS);
  watchman.expect(gone, () => 'a deleted CostOptimization does not go away');
  for (const workload of workloads) await disappear(stage, workload);
  await cluster.world.clock.runFor(30 * MINUTE_MS);
}

async function appear(stage: Stage, workload: RandomWorkload, random: SeededRandom): Promise<void> {
  const { cluster } = stage;
  const objects =
    workload.autoscaler === undefined ? [workload.placed] : [workload.placed, workload.autoscaler];
  for (const { type, object } of objects) await cluster.now(cluster.client.create(type, object));
  for (const optimization of randomOptimizations(random, workload.ref)) {
    await cluster.now(cluster.client.create(COST_OPTIMIZATIONS, optimization));
  }
}

async function disappear({ cluster }: Stage, { ref, autoscaler }: RandomWorkload): Promise<void> {
  await cluster.now(cluster.client.delete(WORKLOAD_TYPES[ref.kind], ref));
  if (autoscaler !== undefined) {
    await cluster.now(cluster.client.delete(autoscaler.type, keyOf(autoscaler.object)));
  }
}
