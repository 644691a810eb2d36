/**
 * The PromQL behind each quantity. Every expression first makes one series per container of a pod: `max by` over the
 * scrape's own labels, so that two kubelet jobs or a pair of replicas never count twice. Then pods are grouped by their
 * base (pod-names.ts). `strict` expressions drop values that cannot be true in between, before they could spoil a mean;
 * that doubles the work of the source and is done for the workloads that need it (scope-reader.ts).
 * A container that restarts goes on in another series; in that one step the busier of the two counts, since a sum
 * could not be told from counting one series twice.
 *
 * A step covers (t − step, t]. Ranges are written one millisecond shorter than the step: Prometheus 2 counts a sample at
 * the very start of a range in, Prometheus 3 does not, and with the shorter range both mean the same samples.
 */
import { CPU_AVERAGING_MS } from '#domain/usage/usage.ts';
import { type UsageQuantity, plausibleBounds } from '#domain/usage/plausible.ts';
import { type LabelNames, MEMORY_METRIC } from './label-flavour.ts';
import { BASE_PATTERN, CUT_PATTERN, ORDINAL_PATTERN } from './pod-names.ts';
import { type Scope, containerSelector } from './scope.ts';
import { literal } from './selectors.ts';

/** Labels that the expressions make. */
export const BASE_LABEL = 'kc_base';
export const ORDINAL_LABEL = 'kc_ordinal';

export interface ExpressionContext {
  readonly scope: Scope;
  readonly names: LabelNames;
  readonly stepMs: number;
  /** The usual time between two scrapes. */
  readonly scrapeMs: number;
  readonly strict: boolean;
}

export type PodFunction = 'max' | 'avg' | 'count';

const CPU_METRIC = 'container_cpu_usage_seconds_total';
const PERIODS_METRIC = 'container_cpu_cfs_periods_total';
const THROTTLED_METRIC = 'container_cpu_cfs_throttled_periods_total';
/** A rate needs two samples, and one scrape may fail. */
const SCRAPES_PER_RATE = 4;
/** Who was scraped within two intervals is there. */
const SCRAPES_PER_PRESENCE = 2;

/** A duration as PromQL writes it. */
export function promDuration(ms: number): string {
  return `${String(ms)}ms`;
}

function range(ms: number): string {
  return `[${promDuration(ms - 1)}]`;
}

/** One series per container of a pod. */
function perContainer(names: LabelNames, expression: string): string {
  return `max by (${names.namespace}, ${names.pod}, ${names.container}) (${expression})`;
}

/** What can be true of it, where the context is strict. */
function checked(quantity: UsageQuantity, context: ExpressionContext, expression: string): string {
  return context.strict ? plausible(quantity, expression) : expression;
}

function plausible(quantity: UsageQuantity, expression: string): string {
  const [min, max] = plausibleBounds(quantity);
  return `(${expression} >= ${String(min)} <= ${String(max)})`;
}

/** Over the pods of each controller. The labels come out as namespace, container, kc_base and kc_ordinal. */
export function overPods(how: PodFunction, names: LabelNames, perPod: string): string {
  const fromPod = (value: string, target: string, pattern: string): string =>
    `label_replace(${value}, ${literal(target)}, "$1", ${literal(names.pod)}, ${literal(pattern)})`;
  const based = fromPod(fromPod(perPod, BASE_LABEL, CUT_PATTERN), BASE_LABEL, BASE_PATTERN);
  const labelled = fromPod(based, ORDINAL_LABEL, ORDINAL_PATTERN);
  return `${how} by (${names.namespace}, ${names.container}, ${BASE_LABEL}, ${ORDINAL_LABEL}) (${labelled})`;
}

/**
 * The rate of a counter over a step. Where scrapes are so far apart that it needs a longer time, a step still counts
 * only if a scrape fell into it: what is gone must not seem to go on.
 */
function stepRate(metric: string, context: ExpressionContext, stepMs: number): string {
  const counter = containerSelector(metric, context.scope, context.names);
  const rateMs = Math.max(stepMs, SCRAPES_PER_RATE * context.scrapeMs);
  const rate = `rate(${counter}${range(rateMs)})`;
  const seen = rateMs > stepMs ? `${rate} and last_over_time(${counter}${range(stepMs)})` : rate;
  return perContainer(context.names, seen);
}

function cpuRate(context: ExpressionContext, stepMs: number): string {
  return checked('cpuCores', context, stepRate(CPU_METRIC, context, stepMs));
}

/** Cores. See UsageSeries for what `max` means in long steps. */
export function cpuExpression(how: PodFunction, context: ExpressionContext): string {
  const { names, stepMs } = context;
  if (how !== 'max' || stepMs <= CPU_AVERAGING_MS) return overPods(how, names, cpuRate(context, stepMs));
  const shortPeaks = overPods(how, names, cpuRate(context, CPU_AVERAGING_MS));
  return `max_over_time(${shortPeaks}[${promDuration(stepMs - 1)}:${promDuration(CPU_AVERAGING_MS)}])`;
}

/** Bytes, the peak in each step. */
export function memoryExpression(how: PodFunction, context: ExpressionContext): string {
  const gauge = containerSelector(MEMORY_METRIC, context.scope, context.names);
  const peaks = perContainer(context.names, `max_over_time(${gauge}${range(context.stepMs)})`);
  return overPods(how, context.names, checked('memoryBytes', context, peaks));
}

/** How many pods were there at the end of each step. */
export function podsExpression(context: ExpressionContext): string {
  const gauge = containerSelector(MEMORY_METRIC, context.scope, context.names);
  const windowMs = Math.min(context.stepMs, SCRAPES_PER_PRESENCE * context.scrapeMs);
  const last = perContainer(context.names, `last_over_time(${gauge}${range(windowMs)})`);
  return overPods('count', context.names, checked('memoryBytes', context, last));
}

/** The share of CFS periods in which a container was throttled. One that had no period has no share. */
export function throttledExpression(how: PodFunction, context: ExpressionContext): string {
  const [throttled, periods] = [THROTTLED_METRIC, PERIODS_METRIC].map((metric) =>
    stepRate(metric, context, context.stepMs),
  );
  return overPods(
    how,
    context.names,
    plausible('throttledRatio', `(${throttled ?? ''} / (${periods ?? ''} > 0))`),
  );
}

/** How many containers had a value at the end of a step that cannot be true. */
export function rejectedExpression(quantity: 'cpuCores' | 'memoryBytes', context: ExpressionContext): string {
  const { names, scope } = context;
  const metric = quantity === 'cpuCores' ? CPU_METRIC : MEMORY_METRIC;
  const sample = perContainer(names, containerSelector(metric, scope, names));
  // A counter of CPU seconds may have any finite value; a rate of it that is absurd is dropped where rates are made.
  const good = quantity === 'cpuCores' ? `(${sample} >= 0 < Inf)` : plausible(quantity, sample);
  return overPods('count', names, `(${sample} unless ${good})`);
}

/** When the newest sample that can be true was taken, in seconds since the epoch. */
export function newestSampleExpression({ names, scope }: ExpressionContext): string {
  const gauge = containerSelector(MEMORY_METRIC, scope, names);
  // timestamp() tells the time of a sample only of a bare selector.
  return overPods(
    'max',
    names,
    perContainer(names, `timestamp(${gauge}) and ${plausible('memoryBytes', gauge)}`),
  );
}
