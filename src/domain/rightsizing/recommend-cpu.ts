/** The CPU request and limit of one container. */
import { actionFor } from './action.ts';
import { bound, CPU_UNIT, roundUp } from './bounds.ts';
import { confidenceOf, CPU_PRIOR } from './confidence.ts';
import { type CpuEstimate, estimateCpu } from './cpu-estimate.ts';
import { usableSeries } from './data-rules.ts';
import { learnedFloor } from './floors.ts';
import { cpuRequest, limitFor } from './limits.ts';
import { CPU_PRICE } from './method.ts';
import type { Measure, Promise24h, SizeOutcome } from './outcome.ts';
import type { ResourceContext } from './resource-context.ts';
import { seasonMeasures } from './season.ts';
import { startupPeak } from './startup.ts';
import { demandOf } from './throttling.ts';

/** A hundredth of a core: less cannot be told from nothing (and is what KRR sets at least). */
export const SMALLEST_CPU_CORES = 0.01;

export function recommendCpu(context: ResourceContext): SizeOutcome {
  const { container, nowMs, policy, rules, usage } = context;
  const usable = usableSeries(usage.cpuCores, nowMs, { rules, what: `CPU usage of ${container}` });
  if ('kind' in usable) return usable;
  const demand = demandOf(usable.series, usage.throttledRatio);
  const minCores = policy.min ?? SMALLEST_CPU_CORES;
  const question = { series: demand.series, nowMs, percentile: policy.percentile, minCores };
  const estimate = estimateCpu(question) ?? idle(minCores);
  const startup = startupPeak(usable.series, usage.restarts);
  const ceiling = Math.max(estimate.limitFloor, startup?.value ?? 0);
  const floor = learnedFloor(context.harmful, 'cores');
  const bounded = bound(cpuRequest({ wanted: estimate.request, ceiling }, context), {
    bounds: policy,
    floors: floor === undefined ? [] : [floor],
    smallest: SMALLEST_CPU_CORES,
    unit: 'cores',
    what: `CPU of ${container}`,
  });
  if ('kind' in bounded) return bounded;
  const measures = [
    ...usable.measures,
    ...estimate.measures,
    ...seasonMeasures(usable.series),
    ...(demand.measure === undefined ? [] : [demand.measure]),
    ...(startup === undefined ? [] : [startMeasure(startup)]),
    ...bounded.measures,
  ];
  return finish(context, { estimate, wanted: bounded.value, ceiling, measures });
}

interface Parts {
  readonly estimate: CpuEstimate;
  readonly wanted: number;
  /** A limit below this would throttle. */
  readonly ceiling: number;
  readonly measures: readonly Measure[];
}

function finish(context: ResourceContext, { estimate, wanted, ceiling, measures }: Parts): SizeOutcome {
  const request = roundUp(wanted, CPU_UNIT);
  const limit = limitFor(request, ceiling, context);
  return {
    kind: 'recommendation',
    resource: 'cpu',
    action: actionFor(request, context.current.request ?? context.current.limit),
    request,
    limit: limit === undefined ? undefined : Math.max(request, roundUp(limit, CPU_UNIT)),
    promise: promiseOf(request, estimate.maxOverShare),
    confidence: confidenceOf(estimate.basis, request),
    basis: estimate.basis,
    measures,
    alternatives: estimate.alternatives,
  };
}

function promiseOf(cores: number, maxOverShare: number): Promise24h {
  const share = `${Math.round(maxOverShare * 100)} %`;
  return {
    text: `on the next day at most ${share} of the samples of the busiest pod lie above ${cores} cores`,
    size: cores,
    maxOverShare,
  };
}

function startMeasure({ value, starts }: { value: number; starts: number }): Measure {
  return {
    name: 'start-up peak',
    value,
    unit: 'cores',
    why: `highest usage within ten minutes of ${starts} starts; a limit stays above it`,
  };
}

/** Nothing was used in the whole history: the smallest request, with what is known of such workloads. */
function idle(cores: number): CpuEstimate {
  return {
    request: cores,
    limitFloor: cores,
    maxOverShare: CPU_PRICE.maxOverShare,
    basis: { backtest: [], unbounded: cores, prior: CPU_PRIOR, historyDays: 1 },
    measures: [{ name: 'peak', value: 0, unit: 'cores', why: 'nothing was used in the whole window' }],
    alternatives: [],
  };
}
