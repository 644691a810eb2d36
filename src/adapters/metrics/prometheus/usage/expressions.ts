/**
 * The PromQL behind each quantity. Means and counts first make one series per container of a pod: `max by` over the
 * scrape's own labels, so that two kubelet jobs or a pair of replicas never count twice; the highest of all pods is the
 * highest of all series in any case. Then pods are grouped by their base (pod-names.ts). `strict` expressions drop values that cannot be true in between, before they could spoil a mean;
 * that doubles the work of the source and is done for the workloads that need it (scope-reader.ts).
 * A container that restarts goes on in another series; in that one step the busier of the two counts, since a sum
 * could not be told from counting one series twice.
 *
 * A step covers (t − step, t]. Ranges are written one millisecond shorter than the step: Prometheus 2 counts a sample at
 * the very start of a range in, Prometheus 3 does not, and with the shorter range both mean the same samples.
 */
import { CPU_AVERAGING_MS } from '#domain/usage/usage.ts';
import { type UsageQuantity, plausibleBounds } from '#domain/usage/plausible.ts';
import type { LabelNames, UsageMetrics } from './label-flavour.ts';
import { BASE_PATTERN, CUT_PATTERN, ORDINAL_PATTERN } from './pod-names.ts';
import { type Scope, containerSelector } from './scope.ts';
import { literal } from './selectors.ts';

/** Labels that the expressions make. */
export const BASE_LABEL = 'kc_base';
export const ORDINAL_LABEL = 'kc_ordinal';

export interface ExpressionContext {
  readonly scope: Scope;
  readonly names: LabelNames;
  readonly metrics: UsageMetrics;
  readonly stepMs: number;
  /** The usual time between two scrapes. */
  readonly scrapeMs: number;
  readonly strict: boolean;
}

export type PodFunction = 'max' | 'avg' | 'count';

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

/** The same where doubles would count. */
function distinct(how: PodFunction, names: LabelNames, expression: string): string {
  return how === 'max' ? expression : perContainer(names, expression);
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

/** Whether peaks of CPU may outlast what they tell of, since scrapes are far apart; see cpuExpression. */
export function peaksLinger({ metrics, scrapeMs, stepMs }: ExpressionContext): boolean {
  if (metrics.cpuIsRecorded) return false;
  const shortMs = Math.min(stepMs, CPU_AVERAGING_MS);
  return rateWindowMs(scrapeMs, shortMs) > shortMs;
}

function rateWindowMs(scrapeMs: number, stepMs: number): number {
  return Math.max(stepMs, SCRAPES_PER_RATE * scrapeMs);
}

/** The rate of a counter at the end of a step; it may still be there when nothing was scraped in the step itself. */
function lingeringRate(metric: string, context: ExpressionContext, stepMs: number): string {
  const counter = containerSelector(metric, context.scope, context.names);
  return `rate(${counter}${range(rateWindowMs(context.scrapeMs, stepMs))})`;
}

/** The rate of a counter over a step, only where a scrape fell into the step: what is gone must not seem to go on. */
function stepRate(metric: string, context: ExpressionContext, stepMs: number): string {
  const rate = lingeringRate(metric, context, stepMs);
  if (rateWindowMs(context.scrapeMs, stepMs) <= stepMs) return rate;
  const counter = containerSelector(metric, context.scope, context.names);
  return `${rate} and last_over_time(${counter}${range(stepMs)})`;
}

function cpuRate(how: PodFunction, context: ExpressionContext, stepMs: number): string {
  const { metrics, names, scope } = context;
  if (metrics.cpuIsRecorded) {
    const recorded = `avg_over_time(${containerSelector(metrics.cpu, scope, names)}${range(stepMs)})`;
    return checked('cpuCores', context, distinct(how, names, recorded));
  }
  const rate = how === 'max' ? lingeringRate : stepRate;
  return checked('cpuCores', context, distinct(how, names, rate(metrics.cpu, context, stepMs)));
}

/**
 * Cores. See UsageSeries for what `max` means in long steps. Peaks may linger for as long as a rate outlasts its step,
 * since to ask of each pod whether it was scraped costs more than all the rest: they count where the mean has a value.
 */
export function cpuExpression(how: PodFunction, context: ExpressionContext): string {
  const { names, stepMs } = context;
  if (how !== 'max' || stepMs <= CPU_AVERAGING_MS) return overPods(how, names, cpuRate(how, context, stepMs));
  const shortPeaks = overPods(how, names, cpuRate(how, context, CPU_AVERAGING_MS));
  return `max_over_time(${shortPeaks}[${promDuration(stepMs - 1)}:${promDuration(CPU_AVERAGING_MS)}])`;
}

/** Bytes, the peak in each step. */
export function memoryExpression(how: PodFunction, context: ExpressionContext): string {
  const gauge = containerSelector(context.metrics.memory, context.scope, context.names);
  const peaks = distinct(how, context.names, `max_over_time(${gauge}${range(context.stepMs)})`);
  return overPods(how, context.names, checked('memoryBytes', context, peaks));
}

/** How many pods were there at the end of each step. */
export function podsExpression(context: ExpressionContext): string {
  const gauge = containerSelector(context.metrics.memory, context.scope, context.names);
  const windowMs = Math.min(context.stepMs, SCRAPES_PER_PRESENCE * context.scrapeMs);
  const last = perContainer(context.names, `last_over_time(${gauge}${range(windowMs)})`);
  return overPods('count', context.names, checked('memoryBytes', context, last));
}

/** The share of CFS periods in which a container was throttled. One that had no period has no share. */
export function throttledExpression(how: PodFunction, context: ExpressionContext): string {
  const [throttled = '', periods = ''] = [THROTTLED_METRIC, PERIODS_METRIC].map((metric) =>
    perContainer(context.names, stepRate(metric, context, context.stepMs)),
  );
  return overPods(how, context.names, plausible('throttledRatio', `(${throttled} / (${periods} > 0))`));
}

/** The containers whose CPU is limited at all: only they have periods. */
export function limitedSelector({ names, scope }: ExpressionContext): string {
  return containerSelector(PERIODS_METRIC, scope, names);
}

/** The pods that were throttled within `windowMs` before a time: mostly few, found in one pass over the counters. */
export function throttledPods({ names, scope, scrapeMs }: ExpressionContext, windowMs: number): string {
  const counter = containerSelector(THROTTLED_METRIC, scope, names);
  const window = `[${promDuration(windowMs + SCRAPES_PER_RATE * scrapeMs)}]`;
  return `max by (${names.namespace}, ${names.pod}) (changes(${counter}${window}) > 0)`;
}

/** How many containers had a value at the end of a step that cannot be true. */
export function rejectedExpression(quantity: 'cpuCores' | 'memoryBytes', context: ExpressionContext): string {
  const { metrics, names, scope } = context;
  const metric = quantity === 'cpuCores' ? metrics.cpu : metrics.memory;
  const sample = perContainer(names, containerSelector(metric, scope, names));
  // A counter of CPU seconds may have any finite value; a rate of it that is absurd is dropped where rates are made.
  const isCounter = quantity === 'cpuCores' && !metrics.cpuIsRecorded;
  const good = isCounter ? `(${sample} >= 0 < Inf)` : plausible(quantity, sample);
  return overPods('count', names, `(${sample} unless ${good})`);
}

/** When the newest sample that can be true was taken, in seconds since the epoch. */
export function newestSampleExpression({ metrics, names, scope }: ExpressionContext): string {
  const gauge = containerSelector(metrics.memory, scope, names);
  // timestamp() tells the time of a sample only of a bare selector.
  return overPods(
    'max',
    names,
    perContainer(names, `timestamp(${gauge}) and ${plausible('memoryBytes', gauge)}`),
  );
}
