/** R3: the story of R5 while the metrics source is down, slow, or answers with holes. Nothing is changed on a guess. */
import { KcError } from '#errors/kc-error.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import type { ContainerUsage, UsageSeries, UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import { embeddedMetrics } from '#commands/operator/metrics-source.ts';
import { sleep } from '#platform/clock.ts';
import { pick, type Random } from '#platform/random.ts';
import type { Harness } from '../harness.ts';
import { type Casting, STORY_SETTINGS, tellStory } from '../rollback-exactness/rollback-exactness.ts';

export const BAD_METRICS: Harness = {
  name: 'r3',
  about: 'the same with a metrics source that is down, slow, or full of holes',
  run: (seed) => tellStory(seed, withBadMetrics),
};

const withBadMetrics: Casting = (stage) => {
  const random = stage.random('metrics');
  const { supervisor } = stage.enter({
    settings: STORY_SETTINGS,
    metrics: (parts) => {
      const made = embeddedMetrics(parts);
      const wait = (ms: number): Promise<void> => sleep(parts.clock, ms);
      return { ...made, usage: troubled(made.usage, random, wait) };
    },
  });
  return () => {
    supervisor.process.crash('a machine lost power');
    return 'the operator crashes';
  };
};

type Trouble = (answers: readonly WorkloadUsage[], random: Random) => readonly WorkloadUsage[];

const TROUBLES: readonly Trouble[] = [
  (answers) => answers,
  (answers) => answers,
  (answers) => answers.map((answer) => ({ ...answer, containers: [], lastSampleAtMs: undefined })),
  (answers) => answers.map((answer) => altered(answer, (series) => filled(series, () => true))),
  (answers) => answers.map((answer) => altered(answer, (series) => filled(series, lastHours))),
  (answers, random) =>
    answers.map((answer) => altered(answer, (series) => filled(series, () => random.next() < 0.7))),
  (answers) =>
    answers.map((answer) => ({
      ...answer,
      containers: answer.containers.map(({ container, oomKills }) => ({ container, oomKills })),
    })),
];

function troubled(inner: UsageSource, random: Random, wait: (ms: number) => Promise<void>): UsageSource {
  return {
    name: inner.name,
    usage: async (query) => {
      const draw = random.next();
      if (draw < 0.2)
        throw new KcError('KC_METRICS_UNAVAILABLE', { object: inner.name, problem: 'it is down' });
      if (draw < 0.3) await wait(3 * MINUTE_MS);
      return pick(random, TROUBLES)(await inner.usage(query), random);
    },
  };
}

function altered(answer: WorkloadUsage, change: (series: UsageSeries) => UsageSeries): WorkloadUsage {
  const containers = answer.containers.map((usage): ContainerUsage => {
    const { cpuCores, memoryBytes } = usage;
    return {
      ...usage,
      ...(cpuCores === undefined ? {} : { cpuCores: change(cpuCores) }),
      ...(memoryBytes === undefined ? {} : { memoryBytes: change(memoryBytes) }),
    };
  });
  return { ...answer, containers };
}

/** The series with holes where `isHole` says so. */
function filled(series: UsageSeries, isHole: (index: number, length: number) => boolean): UsageSeries {
  const { length } = series.mean;
  const holes = Array.from({ length }, (_, index) => isHole(index, length));
  const cut = (values: Float64Array): Float64Array =>
    values.map((value, index) => (holes[index] === true ? Number.NaN : value));
  return { ...series, max: cut(series.max), mean: cut(series.mean), pods: cut(series.pods) };
}

const HOLE_STEPS = 12;

function lastHours(index: number, length: number): boolean {
  return index >= length - HOLE_STEPS;
}
