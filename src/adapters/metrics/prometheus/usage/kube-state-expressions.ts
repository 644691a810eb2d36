/**
 * The PromQL behind restarts and OOM kills. Few containers have any, so these expressions answer with the few: what a
 * counter gained in each step, per container of a pod.
 *
 * Rates would tell fractions and lose what falls between two windows. The difference to the last value before the step
 * is exact, also over a gap of up to LOOK_BACK_MS in the scrapes. A pod that was not there before counts from zero
 * if it was created since; of an older one, whose counter comes into view with all it has, nothing is known.
 */
import { type ExpressionContext, promDuration } from './expressions.ts';
import { RESTARTS_METRIC } from './label-flavour.ts';
import { scopeMatchers } from './scope.ts';
import { oneOf, selector } from './selectors.ts';

const LOOK_BACK_MS = 3 * 3_600_000;
const OOM_EVENTS_METRIC = 'container_oom_events_total';
const REASON_METRIC = 'kube_pod_container_status_last_terminated_reason';
const LIMITS_METRIC = 'kube_pod_container_resource_limits';
const CREATED_METRIC = 'kube_pod_created';

function metric(name: string, context: ExpressionContext, more: readonly string[] = []): string {
  return name + selector([...scopeMatchers(context.scope, context.names), ...more]);
}

/** The last value within a step: also that of a pod which ended in it. */
function lastInStep(vector: string, stepMs: number): string {
  return `last_over_time(${vector}[${promDuration(stepMs - 1)}])`;
}

function lastBeforeStep(vector: string, stepMs: number): string {
  const range = promDuration(Math.max(LOOK_BACK_MS, 2 * stepMs));
  return `last_over_time(${vector}[${range}] offset ${promDuration(stepMs)})`;
}

/** The pods that may have restarted within `windowMs` before a time: few, found in two passes over the counters. */
export function restartedPods(context: ExpressionContext, windowMs: number): string {
  const { names } = context;
  const by = `max by (${names.namespace}, ${names.pod})`;
  const counter = metric(RESTARTS_METRIC, context);
  const window = `[${promDuration(windowMs + LOOK_BACK_MS)}]`;
  const before = `${by} (${counter} offset ${promDuration(windowMs + LOOK_BACK_MS)})`;
  return `${by} (changes(${counter}${window}) > 0) or (${by} (max_over_time(${counter}${window}) > 0) unless ${before})`;
}

/** The pods in whose cgroups the kernel may have killed within `windowMs` before a time. */
export function oomEventPods(context: ExpressionContext, windowMs: number): string {
  const { names } = context;
  const counter = metric(OOM_EVENTS_METRIC, context);
  return `max by (${names.namespace}, ${names.pod}) (changes(${counter}[${promDuration(windowMs + LOOK_BACK_MS)}]) > 0)`;
}

/** How often each container of some pods restarted in each step; nothing for those that did not. */
export function restartsExpression(context: ExpressionContext, pods: readonly string[]): string {
  const { names, stepMs } = context;
  const only = [oneOf(names.pod, pods)];
  const counter = metric(RESTARTS_METRIC, context, only);
  const by = `max by (${names.namespace}, ${names.pod}, ${names.container}, uid)`;
  const now = `${by} (${lastInStep(counter, stepMs)})`;
  const before = `${by} (${lastBeforeStep(counter, stepMs)})`;
  const created = `max by (${names.namespace}, ${names.pod}) (${metric(CREATED_METRIC, context, only)})`;
  const oldestSeconds = Math.ceil((Math.max(LOOK_BACK_MS, 2 * stepMs) + stepMs) / 1000);
  const young = `(${created} > time() - ${String(oldestSeconds)})`;
  const fromZero = `0 * (${now} and on (${names.namespace}, ${names.pod}) ${young})`;
  return `${now} - (${before} or ${fromZero}) > 0`;
}

/** How many OOM kills the kernel counted in each cgroup of some pods in each step; also kills of child processes. */
export function oomEventsExpression(context: ExpressionContext, pods: readonly string[]): string {
  const { names, stepMs } = context;
  const counter = metric(OOM_EVENTS_METRIC, context, [oneOf(names.pod, pods), `${names.container}!=""`]);
  const labels = `${names.namespace}, ${names.pod}, ${names.container}`;
  const by = `max by (${labels}, id)`;
  const gained = `${by} (${lastInStep(counter, stepMs)}) - ${by} (${lastBeforeStep(counter, stepMs)})`;
  return `max by (${labels}) (${gained} > 0)`;
}

/** Which containers had been killed for memory when they last ended, at the end of each step. */
export function oomReasonExpression(context: ExpressionContext, pods: readonly string[]): string {
  const { names, stepMs } = context;
  const podsOnly = oneOf(names.pod, pods);
  const reason = metric(REASON_METRIC, context, [podsOnly, 'reason="OOMKilled"']);
  const by = `max by (${names.namespace}, ${names.pod}, ${names.container})`;
  // Of a pod that is gone at the end of the step the last word within it counts.
  const there = `on (${names.namespace}, ${names.pod}) ${metric(RESTARTS_METRIC, context, [podsOnly])}`;
  return `${by} (${reason} > 0) or (${by} (${lastInStep(reason, stepMs)} > 0) unless ${there})`;
}

/** Memory limits in bytes at the end of each step. */
export function memoryLimitExpression(context: ExpressionContext, pods: readonly string[]): string {
  const { names, stepMs } = context;
  const limit = metric(LIMITS_METRIC, context, [oneOf(names.pod, pods), 'resource="memory"']);
  return `max by (${names.namespace}, ${names.pod}, ${names.container}) (${lastInStep(limit, stepMs)})`;
}

/** How far back Prometheus looks for the value of a series by itself (`--query.lookback-delta`). */
const LOOKBACK_DELTA_MS = 300_000;

/** In which steps restarts were watched at all, by namespace. */
export function watchedNamespaces(context: ExpressionContext): string {
  const { names, stepMs } = context;
  const counter = metric(RESTARTS_METRIC, context);
  // One sample per pod and step tells it, unless that may be one from before the step.
  const seen = stepMs < LOOKBACK_DELTA_MS ? lastInStep(counter, stepMs) : counter;
  return `count by (${names.namespace}) (${seen})`;
}
