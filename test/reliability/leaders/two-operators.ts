/**
 * R7: the story of R5 with two operators, of which one leads. Machines crash, are suspended in the middle of a sentence,
 * and have their clocks set back. Whoever writes holds the lease at that moment, by the word of the API server.
 */
import type { Lease } from '#apis/kubernetes/builtin.ts';
import { DEFAULT_SETTINGS } from '#commands/operator/settings.ts';
import { LEASE } from '#commands/operator/operator.ts';
import { LEASES } from '#kube/client/builtin-types.ts';
import { pick, type Random, randomInt } from '#platform/random.ts';
import type { Harness } from '../harness.ts';
import type { Watchman } from '../invariants/watchman.ts';
import { type Casting, STORY_SETTINGS, tellStory } from '../rollback-exactness/rollback-exactness.ts';
import type { Cast, Stage } from '../stage/stage.ts';
import { Suspension } from '../stage/suspension.ts';
import { isWeather } from '../weather/bad-weather.ts';

export const TWO_OPERATORS: Harness = {
  name: 'r7',
  about: 'two operators, pauses and wrong clocks: never two actors',
  run: (seed) => tellStory(seed, twoOperators),
};

const NAMES = ['operator-a', 'operator-b'] as const;
/** Shorter than the time between the end of a term and the end of the lease. */
const SLOW = { share: 0.1, minMs: 50, maxMs: 3_000 };

interface Replica {
  readonly cast: Cast;
  readonly machine: Suspension;
}

const twoOperators: Casting = (stage, watchman, random) => {
  onlyTheHolderWrites(stage, watchman);
  const replicas = NAMES.map((name): Replica => {
    const machine = new Suspension();
    const settings = { ...STORY_SETTINGS, identity: name };
    const cast = stage.enter({
      name,
      settings,
      suspension: machine,
      process: { faults: { slow: SLOW } },
      mayFailOf: isWeather,
    });
    return { cast, machine };
  });
  return () => {
    const holder = holderNow(stage);
    const leading = replicas.find(({ cast }) => cast.name === holder);
    // Mostly the leader: the other has nothing to lose.
    const replica = leading !== undefined && random.next() < 0.7 ? leading : pick(random, replicas);
    return harm(stage, replica, random);
  };
};

function harm(stage: Stage, { cast, machine }: Replica, random: Random): string {
  const draw = random.next();
  if (draw < 0.35) {
    machine.switchOff();
    cast.supervisor.process.crash('a machine lost power');
    return `${cast.name} crashes`;
  }
  if (draw < 0.5) {
    const backMs = 1_000 + randomInt(random, 60_000);
    machine.setClockBack(backMs);
    return `the clock of ${cast.name} is set back by ${String(backMs)} ms`;
  }
  const forMs = 500 + randomInt(random, 45_000);
  machine.suspend();
  stage.cluster.world.clock.after(forMs, () => {
    machine.resume();
  });
  return `${cast.name} is suspended for ${String(forMs)} ms`;
}

function holderNow(stage: Stage): string {
  const key = { namespace: DEFAULT_SETTINGS.namespace, name: LEASE };
  const lease = stage.cluster.world.server.access.get<Lease>(LEASES, key);
  return lease?.spec?.holderIdentity ?? '';
}

function onlyTheHolderWrites(stage: Stage, watchman: Watchman): void {
  stage.log.onWrite(({ type, source, atMs, key, method }) => {
    if (type === LEASES) return;
    const holder = holderNow(stage);
    watchman.expect(
      holder === source,
      () =>
        `${new Date(atMs).toISOString()} ${source} sends ${method} ${type.plural}/${key.name} while "${holder}" holds the lease`,
    );
  });
}
