/** The memory request and limit of one container. */
import { largest } from '../statistics/order.ts';
import { actionFor } from './action.ts';
import { bound, MEMORY_UNIT, roundUp } from './bounds.ts';
import { confidenceOf } from './confidence.ts';
import { usableSeries } from './data-rules.ts';
import { learnedFloor, oomFloor } from './floors.ts';
import { isLeak } from './leak.ts';
import { limitFor, limitRatio, memoryRequest } from './limits.ts';
import { estimateMemory, type MemoryEstimate } from './memory-estimate.ts';
import { type Measure, type Refusal, refuse, type SizeOutcome } from './outcome.ts';
import type { ResourceContext } from './resource-context.ts';
import { startupPeak } from './startup.ts';

/** Runtimes and page cache need some tens of mebibytes before a program does anything. */
export const SMALLEST_MEMORY_BYTES = 32 * 2 ** 20;

export function recommendMemory(context: ResourceContext): SizeOutcome {
  const { container, nowMs, policy, rules, usage } = context;
  const what = `memory usage of ${container}`;
  const usable = usableSeries(usage.memoryBytes, nowMs, { rules, what });
  if ('kind' in usable) return usable;
  const estimate = estimateMemory({ series: usable.series, nowMs, percentile: policy.percentile });
  if (estimate === undefined) return refuse('no-data', `${what}: all samples are zero`, usable.measures);
  const leak = leakRefusal(container, estimate, context.current.limit);
  if (leak !== undefined) return leak;
  const kills = oomFloor(
    usage.oomKills,
    context.current.limit ?? largest(usable.series.max),
    context.oomBump,
  );
  const floors = [kills, learnedFloor(context.harmful, 'bytes')].filter((floor) => floor !== undefined);
  const peak = Math.max(ceilingOf(estimate, context), ...floors.map(({ value }) => value));
  // After a kill or a rollback the request is not split from the limit: both stay above the floor.
  const sustained = floors.length > 0 ? peak : (estimate.asked ?? estimate.sustained);
  const bounded = bound(memoryRequest({ peak, sustained }, context), {
    bounds: policy,
    floors,
    smallest: SMALLEST_MEMORY_BYTES,
    unit: 'bytes',
    what: `memory of ${container}`,
  });
  if ('kind' in bounded) return bounded;
  const startup = startupPeak(usable.series, usage.restarts);
  const measures = [
    ...usable.measures,
    ...estimate.measures,
    ...(startup === undefined ? [] : [startMeasure(startup)]),
    ...bounded.measures,
  ];
  return finish(context, { estimate, wanted: bounded.value, peak, measures });
}

/** A percentile that the user asks for moves the request; the limit holds the peak all the same, where it lies apart. */
function ceilingOf({ asked, peak }: MemoryEstimate, { current }: ResourceContext): number {
  return (limitRatio(current) ?? 1) > 1 ? peak : (asked ?? peak);
}

interface Parts {
  readonly estimate: MemoryEstimate;
  readonly wanted: number;
  /** The limit must hold this. */
  readonly peak: number;
  readonly measures: readonly Measure[];
}

function finish(context: ResourceContext, { estimate, wanted, peak, measures }: Parts): SizeOutcome {
  const request = roundUp(wanted, MEMORY_UNIT);
  const raw = limitFor(request, peak, context);
  const limit = raw === undefined ? undefined : Math.max(request, roundUp(raw, MEMORY_UNIT));
  const ceiling = limit ?? request;
  return {
    kind: 'recommendation',
    resource: 'memory',
    action: actionFor(request, context.current.request ?? context.current.limit),
    request,
    limit,
    promise: {
      text: `on the next day no sample of any pod lies above ${Math.round(ceiling / MEMORY_UNIT)} Mi`,
      size: ceiling,
      maxOverShare: 0,
    },
    confidence: confidenceOf(estimate.basis, ceiling),
    basis: estimate.basis,
    measures,
    alternatives: estimate.alternatives,
  };
}

function leakRefusal(
  container: string,
  { growth, measures, peak }: MemoryEstimate,
  limit: number | undefined,
): Refusal | undefined {
  if (growth === undefined || !isLeak(growth)) return undefined;
  const perDay = Math.expm1(growth.perDay);
  const days = limit === undefined ? undefined : Math.log(limit / peak) / growth.perDay;
  const until =
    days === undefined || days <= 0 ? '' : `; the limit is reached in about ${Math.round(days)} days`;
  const message = `memory of ${container} grows without bound, ${Math.round(perDay * 1000) / 10} % a day (leak?): no size is right for long${until}`;
  return refuse('unbounded-growth', message, [
    { name: 'growth', value: perDay, unit: 'ratio', why: 'per day, median over the history' },
    {
      name: 'steadiness',
      value: growth.steadiness,
      unit: 'ratio',
      why: 'share of the hours above the same hour of the day before',
    },
    ...measures,
  ]);
}

function startMeasure({ value, starts }: { value: number; starts: number }): Measure {
  return {
    name: 'start-up peak',
    value,
    unit: 'bytes',
    why: `highest usage within ten minutes of ${starts} starts; part of the peak`,
  };
}
