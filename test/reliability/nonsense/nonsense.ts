/**
 * R4: specs, annotations and metrics full of nonsense. What is refused names the field; what is taken is taken as it was
 * written; what cannot be carried out says why; nothing breaks, nothing is changed on numbers that cannot be, and in the
 * end the workload is as it was.
 */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { type KubeObject, keyOf } from '#apis/kubernetes/object.ts';
import { embeddedMetrics } from '#commands/operator/metrics-source.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { readPolicy } from '#domain/policy/optimization-policy.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { isKcError, messageOf } from '#errors/kc-error.ts';
import { ApiError } from '#kube/client/api-error.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { silentLogger } from '#platform/logger.ts';
import { type Random, randomInt, SeededRandom } from '#platform/random.ts';
import { type Harness, type Outcome, traced } from '../harness.ts';
import { Watchman } from '../invariants/watchman.ts';
import { randomWorkload } from '../rollback-exactness/random-workload.ts';
import { STORY_SETTINGS } from '../rollback-exactness/rollback-exactness.ts';
import { Shadow } from '../rollback-exactness/shadow.ts';
import { Stage } from '../stage/stage.ts';
import { type Json, randomAnnotations, randomSpec } from './random-spec.ts';
import { twisted } from './random-usage.ts';

export const NONSENSE: Harness = {
  name: 'r4',
  about: 'specs, annotations and metrics full of nonsense: clear words, no harm',
  run: playNonsense,
};

const ATTEMPTS = 12;

interface Scene {
  readonly stage: Stage;
  readonly watchman: Watchman;
  readonly random: Random;
}

async function playNonsense(seed: number): Promise<Outcome> {
  const random = new SeededRandom(`r4/${String(seed)}`);
  const workload = randomWorkload(random);
  const objects =
    workload.autoscaler === undefined ? [workload.placed] : [workload.placed, workload.autoscaler];
  const stage = await Stage.open({ seed, objects });
  const watchman = new Watchman(stage);
  const scene = { stage, watchman, random };
  const noise = stage.random('nonsense');
  stage.enter({
    settings: STORY_SETTINGS,
    metrics: (parts) => twisted(embeddedMetrics(parts), noise),
    logger: loggerTo(watchman),
  });
  const shadow = new Shadow(stage, workload.ref);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    await tryOut(scene, `web-${String(attempt)}`, randomSpec(random, workload.ref));
    await stage.cluster.world.clock.runFor(randomInt(random, 20) * MINUTE_MS);
    for (const optimization of optimizationsIn(stage)) speaksClearly(scene, optimization);
  }
  await letGo(scene);
  for (const difference of shadow.differences()) watchman.report(difference);
  for (const failure of stage.close()) watchman.report(failure);
  const { problems, checks } = watchman;
  return {
    problems,
    checks,
    faults: ATTEMPTS,
    virtualMs: stage.virtualMs,
    ...traced(stage.cluster.world.trace),
  };
}

/** A reconcile that throws in a calm world is a defect, whatever it was given. */
function loggerTo(watchman: Watchman): typeof silentLogger {
  const fail = failureTo(watchman);
  return { ...silentLogger, warn: fail, error: fail, with: () => loggerTo(watchman) };
}

function failureTo(
  watchman: Watchman,
): (message: string, fields?: Readonly<Record<string, unknown>>) => void {
  return (message, fields) => {
    if (message.startsWith('reconcile failed')) watchman.report(`${message}: ${JSON.stringify(fields)}`);
  };
}

function optimizationsIn(stage: Stage): readonly CostOptimization[] {
  return stage.cluster.stored<CostOptimization>(COST_OPTIMIZATIONS);
}

/** Writes it as it is; what is refused names where, what is taken is stored as it was written. */
async function tryOut({ stage, watchman, random }: Scene, name: string, spec: Json): Promise<void> {
  const annotations = randomAnnotations(random);
  const object = { metadata: { namespace: 'default', name, annotations }, spec };
  const type: ResourceType = COST_OPTIMIZATIONS;
  try {
    const stored = await stage.cluster.now(stage.cluster.client.create(type, object));
    stage.note(`${name} is taken: ${JSON.stringify(spec)}`);
    for (const [field, value] of entriesOf(spec)) {
      const kept = isKept(new Map(entriesOf(specOf(stored))).get(field), value);
      watchman.expect(
        kept,
        () => `${name}: spec.${field} ${JSON.stringify(value)} was taken for something else`,
      );
    }
  } catch (error) {
    stage.note(`${name} is refused: ${messageOf(error)}`);
    const named = error instanceof ApiError && error.httpStatus === 422 && error.message.includes('spec');
    watchman.expect(named, () => `${name} was refused without a word of where: ${messageOf(error)}`);
  }
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function specOf(object: KubeObject): unknown {
  return new Map(entriesOf(object)).get('spec');
}

/** Objects gain defaults and lose what no schema knows, and null is nothing to the API; nothing may be another. */
function isKept(stored: unknown, written: unknown): boolean {
  if (written === null) return true;
  if (typeof written !== 'object') return stored === written;
  if (Array.isArray(written)) return Array.isArray(stored) && stored.length === written.length;
  const inside = new Map(entriesOf(stored));
  return entriesOf(written).every(([name, value]) => !inside.has(name) || isKept(inside.get(name), value));
}

/** What no message to a person may hold. */
const INNARDS = /undefined|\bNaN\b|\[object|TypeError|Cannot read|is not a function|-?Infinity/;

function speaksClearly({ watchman }: Scene, optimization: CostOptimization): void {
  const { status, metadata } = optimization;
  const name = metadata.name ?? '';
  watchman.expect(status?.phase !== undefined, () => `${name} has no phase`);
  const words = [status?.message, ...(status?.conditions ?? []).map(({ message }) => message)].join(' | ');
  watchman.expect(!INNARDS.test(words), () => `${name} says: ${words}`);
  const problem = problemOf(optimization);
  if (problem === undefined) return;
  watchman.expect(
    status?.phase === 'Failed' && words.includes(problem),
    () => `${name} cannot be read (${problem}), but is ${status?.phase ?? ''}: ${words}`,
  );
}

/** The field that makes a spec unreadable, by the reader's own word. */
function problemOf(optimization: CostOptimization): string | undefined {
  try {
    readPolicy(optimization);
    return undefined;
  } catch (error) {
    return isKcError(error) ? (error.field ?? error.message) : `not a KcError: ${messageOf(error)}`;
  }
}

async function letGo({ stage, watchman }: Scene): Promise<void> {
  const { cluster } = stage;
  for (const optimization of optimizationsIn(stage)) {
    await cluster.now(cluster.client.delete(COST_OPTIMIZATIONS, keyOf(optimization)));
  }
  const gone = await cluster.until(() => optimizationsIn(stage).length === 0, 6 * HOUR_MS);
  watchman.expect(gone, () => 'a deleted CostOptimization does not go away');
  await cluster.world.clock.runFor(15 * MINUTE_MS);
}
