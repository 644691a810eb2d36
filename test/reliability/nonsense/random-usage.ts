/** Usage as no container ever had it: impossible values, arrays that end early, samples from the future, strangers. */
import type { MetricsParts } from '#commands/operator/operator.ts';
import type { ContainerUsage, UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';
import { pick, type Random } from '#platform/random.ts';

type Twist = (answer: WorkloadUsage, random: Random) => WorkloadUsage;

const VALUES = [Number.NaN, Infinity, -Infinity, -1, 1e300, 0, 5e-324];

const TWISTS: readonly Twist[] = [
  (answer) => answer,
  (answer) => answer,
  (answer, random) => onSeries(answer, (series) => sprinkled(series, random, 0.1)),
  (answer, random) => onSeries(answer, (series) => sprinkled(series, random, 1)),
  (answer) => onSeries(answer, cutShort),
  (answer) => onSeries(answer, (series) => ({ ...series, startMs: series.startMs + 86_400_000 })),
  (answer) => ({ ...answer, lastSampleAtMs: 8.64e15 }),
  (answer) => ({
    ...answer,
    containers: answer.containers.map((usage) => ({ ...usage, container: 'stranger' })),
  }),
  (answer) => ({ ...answer, containers: [...answer.containers, ...answer.containers] }),
  (answer) => ({ ...answer, containers: [] }),
];

/** The same metrics, twisted. */
export function twisted(parts: MetricsParts, random: Random): MetricsParts {
  const { usage } = parts;
  const source = {
    name: usage.name,
    usage: async (query: Parameters<typeof usage.usage>[0]) =>
      (await usage.usage(query)).map((answer) => pick(random, TWISTS)(answer, random)),
  };
  return { ...parts, usage: source };
}

function onSeries(answer: WorkloadUsage, change: (series: UsageSeries) => UsageSeries): WorkloadUsage {
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

/** The answer ends early. */
function cutShort(series: UsageSeries): UsageSeries {
  const { max, mean, pods } = series;
  return { ...series, max: max.slice(0, 3), mean: mean.slice(0, 3), pods: pods.slice(0, 3) };
}

function sprinkled(series: UsageSeries, random: Random, share: number): UsageSeries {
  const spoil = (values: Float64Array): Float64Array =>
    values.map((value) => (random.next() < share ? pick(random, VALUES) : value));
  return { ...series, max: spoil(series.max), mean: spoil(series.mean) };
}
