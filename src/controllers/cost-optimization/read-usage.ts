/** Reads usage: the long window for an analysis, the short time since a change for the watch. */
import type { Analysis } from '#domain/recommendation/analysis.ts';
import type { AnalysisRequest } from '#domain/recommendation/analysis-source.ts';
import { analyzeUsage, unknownAnalysis } from '#domain/recommendation/analyze-usage.ts';
import { analyzeSpot } from '#domain/spot/analyze-spot.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import type { UsageSeries, UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import type { ServiceLevelReading } from '#domain/verification/verification.ts';
import { isKcError, messageOf } from '#errors/kc-error.ts';
import type { GatherDependencies } from './gather-dependencies.ts';
import type { Observation, WatchEvidence } from './observation.ts';
import { readSchedule } from './read-schedule.ts';
import { learnedFloors } from './regressions.ts';
import { presentSizes } from './sizes.ts';

/** The step of the recorded traces that right-sizing is tuned on, and of most recording rules. */
const ANALYSIS_STEP_MS = 5 * MINUTE_MS;
const MIN_WATCH_STEP_MS = 15_000;

type Seen = Omit<Observation, 'analysis' | 'evidence'>;

/** What usage says of the workload; a source that cannot answer makes it unknown, never idle. */
export async function readAnalysis(
  o: Seen,
  deps: Pick<GatherDependencies, 'analysis' | 'usage'>,
): Promise<Analysis> {
  const { target, policy, nowMs } = o;
  if (target === undefined)
    return unknownAnalysis({
      nowMs,
      reason: 'TargetNotFound',
      message: 'no workload',
      source: deps.usage.name,
    });
  const request: AnalysisRequest = {
    query: { fromMs: nowMs - policy.metricsWindowMs, toMs: nowMs, stepMs: ANALYSIS_STEP_MS },
    policy,
    present: presentSizes(target, o.entry),
    replicas: target.rollout.desiredReplicas,
    floors: learnedFloors(o),
    autoscaler: o.surroundings.hpas[0]?.name,
  };
  if (o.spot !== undefined) return analyzeSpot(o.spot.question);
  const source = deps.analysis?.name ?? deps.usage.name;
  try {
    if (policy.type === 'SCHEDULED_SCALING') return await readSchedule({ ...o, target }, request, deps.usage);
    return await (deps.analysis?.analyze(request) ?? analyzeHere(request, deps.usage));
  } catch (error) {
    return unknownAnalysis({ nowMs, reason: unknownBecause(error), message: messageOf(error), source });
  }
}

async function analyzeHere(request: AnalysisRequest, source: UsageSource): Promise<Analysis> {
  const [usage] = await source.usage({ workloads: [request.policy.target], ...request.query });
  if (usage === undefined) throw new Error(`source ${source.name} gave no answer for the workload`);
  return analyzeUsage({ ...request, usage });
}

/** The reason of the condition Analyzed. */
function unknownBecause(error: unknown): string {
  if (isKcError(error, 'KC_OPTIMIZER_UNAVAILABLE')) return 'OptimizerUnavailable';
  return isKcError(error) ? 'MetricsUnavailable' : 'MetricsFailed';
}

/** What metrics say of a change since it began; parts that cannot be read are undefined. */
export async function readEvidence(o: Seen, deps: GatherDependencies): Promise<WatchEvidence> {
  const sinceMs = Date.parse(o.optimization.status?.verification?.beganAt ?? '');
  const usage = await recentUsage(o, deps, Number.isFinite(sinceMs) ? sinceMs : o.nowMs - 5 * MINUTE_MS);
  const lastMs = usage?.lastSampleAtMs;
  return {
    throttledRatio: usage === undefined ? undefined : worstThrottling(usage),
    metricsAgeMs: lastMs === undefined ? undefined : o.nowMs - lastMs,
    serviceLevels: await readServiceLevels(o, deps),
  };
}

async function recentUsage(
  o: Seen,
  deps: GatherDependencies,
  sinceMs: number,
): Promise<WorkloadUsage | undefined> {
  const fromMs = Math.max(sinceMs, o.nowMs - o.policy.verificationWindowMs);
  const stepMs = Math.max(MIN_WATCH_STEP_MS, Math.round((o.nowMs - fromMs) / 20));
  try {
    const [usage] = await deps.usage.usage({
      workloads: [o.policy.target],
      fromMs: o.nowMs - 20 * stepMs,
      toMs: o.nowMs,
      stepMs,
    });
    return usage;
  } catch {
    // Unknown: verification waits for evidence and says so.
    return undefined;
  }
}

/** The throttling of the container that suffers most: the mean over the time that was sampled. */
function worstThrottling(usage: WorkloadUsage): number | undefined {
  const means = usage.containers.flatMap((container) => meanOf(container.throttledRatio) ?? []);
  return means.length === 0 ? undefined : Math.max(...means);
}

const FEWEST_SAMPLES = 3;

function meanOf(series: UsageSeries | undefined): number | undefined {
  const known = [...(series?.mean ?? [])].filter((value) => Number.isFinite(value));
  if (known.length < FEWEST_SAMPLES) return undefined;
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

async function readServiceLevels(o: Seen, deps: GatherDependencies): Promise<ServiceLevelReading[]> {
  return Promise.all(
    o.policy.serviceLevels.map(async ({ name, promql, max }) => ({
      name: name ?? promql,
      max,
      value: await readServiceLevel(promql, o.nowMs, deps),
    })),
  );
}

async function readServiceLevel(
  promql: string,
  nowMs: number,
  deps: GatherDependencies,
): Promise<number | undefined> {
  try {
    return await deps.serviceLevels?.evaluate(promql, nowMs);
  } catch {
    return undefined;
  }
}
