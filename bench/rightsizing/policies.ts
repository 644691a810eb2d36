/** Who competes: the product, the peers' rules, and oracles that know tomorrow. */
import { CPU_PRICE, MEMORY_METHOD } from '#domain/rightsizing/method.ts';
import { confidenceOf } from '#domain/rightsizing/confidence.ts';
import { estimateCpu } from '#domain/rightsizing/cpu-estimate.ts';
import { estimateMemory } from '#domain/rightsizing/memory-estimate.ts';
import { isLeak } from '#domain/rightsizing/leak.ts';
import { memoryRequest, limitFor, type CurrentSize } from '#domain/rightsizing/limits.ts';
import { quantileOfSorted } from '#domain/statistics/order.ts';
import * as baselines from './baselines.ts';
import { asSeries, STEP_MS } from './datasets.ts';
import type { Given, Policy } from './walk-forward.ts';

export interface OurOptions {
  readonly overPrice?: number;
  readonly oomPrice?: number;
  /** Memory limit divided by request, kept; 1 where undefined. */
  readonly limitRatio?: number;
}

function ourCpu(history: Float64Array, options: OurOptions): Given {
  const price = {
    ...CPU_PRICE,
    ...(options.overPrice === undefined ? {} : { overPrice: options.overPrice }),
  };
  const nowMs = history.length * STEP_MS;
  const estimate = estimateCpu({ series: asSeries(history), nowMs, minCores: Number.MIN_VALUE, price });
  if (estimate === undefined) return { size: 0, refused: true };
  return { size: estimate.request, confidence: confidenceOf(estimate.basis, estimate.request) };
}

function ourMemory(history: Float64Array, options: OurOptions): Given {
  const method = {
    ...MEMORY_METHOD,
    ...(options.oomPrice === undefined ? {} : { oomPrice: options.oomPrice }),
  };
  const estimate = estimateMemory({ series: asSeries(history), nowMs: history.length * STEP_MS, method });
  if (estimate === undefined) return { size: 0, refused: true };
  const current: CurrentSize = { request: 1, limit: options.limitRatio ?? 1 };
  const place = { current, controlled: 'RequestsAndLimits' } as const;
  const size = memoryRequest(estimate, place);
  const ceiling = limitFor(size, estimate.peak, place) ?? size;
  const confidence = confidenceOf(estimate.basis, ceiling);
  // A refusal is scored all the same: leaving out hard days would flatter.
  return { size, ceiling, confidence, refused: estimate.growth !== undefined && isLeak(estimate.growth) };
}

export function ours(name: string, options: OurOptions = {}): Policy {
  return {
    name,
    cpu: (history) => ourCpu(history, options),
    memory: (history) => ourMemory(history, options),
  };
}

function peer(name: string, cpu: baselines.Rule, memory: baselines.Rule): Policy {
  return {
    name,
    cpu: (history) => ({ size: cpu(history) }),
    memory: (history) => ({ size: memory(history) }),
  };
}

export const PEERS: readonly Policy[] = [
  peer('VPA (p90, 24 h, +15 %)', baselines.vpaCpu, baselines.vpaMemory),
  peer('KRR p95 / max+15 %', baselines.krrCpu, baselines.krrMemory),
  peer('KRR p99 / max+15 %', baselines.krrCpu99, baselines.krrMemory),
  peer('Autopilot window', baselines.autopilotCpu, baselines.autopilotMemory),
  peer('Autopilot Smax (5 d) +12.5 %', baselines.autopilotCpu, baselines.autopilotMax),
  peer('all-time max, no margin', baselines.allTimePeak, baselines.allTimePeak),
];

/** The peers with a memory limit of `ratio` times their request. */
export function withLimit(policy: Policy, ratio: number): Policy {
  const { memory } = policy;
  if (memory === undefined) return policy;
  return {
    name: policy.name,
    memory: (...asked) => {
      const { size } = memory(...asked);
      return { size, ceiling: size * ratio };
    },
  };
}

/** A peer with another margin: what it could do if its users tuned it. */
export function stretched(policy: Policy, factor: number): Policy {
  const times = (given: Given): Given => ({ ...given, size: given.size * factor });
  const { cpu, memory } = policy;
  return {
    name: `${policy.name} × ${factor}`,
    ...(cpu === undefined ? {} : { cpu: (...asked) => times(cpu(...asked)) }),
    ...(memory === undefined ? {} : { memory: (...asked) => times(memory(...asked)) }),
  };
}

/** Knows tomorrow: the least that one number for the whole day can do. */
export const ORACLE: Policy = {
  name: 'oracle (knows tomorrow)',
  cpu: (_, tomorrow) => ({ size: quantileOfSorted(tomorrow, 0.984) }),
  memory: (_, tomorrow) => ({ size: quantileOfSorted(tomorrow, 1) }),
};
