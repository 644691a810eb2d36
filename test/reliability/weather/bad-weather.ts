/**
 * R2: the story of R5 while the API server and the network misbehave. Watches lie, drop and repeat; calls are refused,
 * slow, or take effect without an answer; at times nobody answers at all. It clears up before the end.
 */
import { isKcError } from '#errors/kc-error.ts';
import { ApiError } from '#kube/client/api-error.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { type Random, randomInt } from '#platform/random.ts';
import type {
  AnswerFault,
  FaultPlan,
  FaultWindow,
  OutageFault,
  WatchFaults,
} from '#playground/simulation/fault-plan.ts';
import type { Harness } from '../harness.ts';
import { type Casting, STORY_SETTINGS, tellStory } from '../rollback-exactness/rollback-exactness.ts';

export const BAD_WEATHER: Harness = {
  name: 'r2',
  about: 'the same under bad watches, 410, 409 storms, lost answers and outages',
  run: (seed) => tellStory(seed, inBadWeather),
};

/** Counted from the start of each life; what is left at the end is calm enough for a deletion to end. */
const FOUL: FaultWindow = { untilMs: 3 * HOUR_MS };

const inBadWeather: Casting = (stage, _watchman, random) => {
  const { supervisor } = stage.enter({
    settings: STORY_SETTINGS,
    process: { faults: randomWeather(random) },
    mayFailOf: isWeather,
  });
  return () => {
    supervisor.process.crash('a machine lost power');
    return 'the operator crashes';
  };
};

/** A start in an outage ends the process, and it is started again. */
export function isWeather(error: unknown): boolean {
  if (error instanceof ApiError) return error.httpStatus >= 409;
  return isKcError(error) && error.retry !== 'never';
}

function randomWeather(random: Random): FaultPlan {
  const sometimes = <T>(share: number, value: T): T | undefined =>
    random.next() < share ? value : undefined;
  const slow = sometimes(0.4, { ...FOUL, share: 0.2, minMs: 50, maxMs: 8_000 });
  const lostAnswers = sometimes(0.5, { ...FOUL, share: 0.05 });
  const watches = sometimes(0.7, badWatches(random));
  return {
    answers: badAnswers(random),
    outages: outages(random),
    ...(slow === undefined ? {} : { slow }),
    ...(lostAnswers === undefined ? {} : { lostAnswers }),
    ...(watches === undefined ? {} : { watches }),
  };
}

function badAnswers(random: Random): readonly AnswerFault[] {
  const stormMs = randomInt(random, 90) * MINUTE_MS;
  const faults: readonly AnswerFault[] = [
    { status: 409, share: 0.7, fromMs: stormMs, untilMs: stormMs + 5 * MINUTE_MS },
    { status: 429, share: 0.1, retryAfterSeconds: 2, ...FOUL },
    { status: 503, share: 0.05, ...FOUL },
    { status: 504, share: 0.05, tookEffect: true, ...FOUL },
    { status: 500, share: 0.03, ...FOUL },
  ];
  return faults.filter(() => random.next() < 0.5);
}

function outages(random: Random): readonly OutageFault[] {
  return Array.from({ length: randomInt(random, 3) }, () => {
    const fromMs = randomInt(random, 120) * MINUTE_MS;
    const mode = random.next() < 0.5 ? 'refused' : 'hanging';
    return { fromMs, untilMs: fromMs + randomInt(random, 10) * MINUTE_MS + 1_000, mode } as const;
  });
}

function badWatches(random: Random): WatchFaults {
  return {
    ...FOUL,
    duplicate: 0.1,
    stale: 0.1 * random.next(),
    staleMs: 10_000,
    reorder: 0.05 * random.next(),
    lose: 0.05 * random.next(),
    lieExpiresMs: 30_000,
    dropAfterMs: 5 * MINUTE_MS,
    expired: 0.2,
    split: 0.2,
  };
}
