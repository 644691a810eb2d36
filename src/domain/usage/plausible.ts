/**
 * Which measured values can be true. Sources leave out the others and count them: a broken exporter or a wrong unit
 * (nanocores for cores, mebibytes for bytes) must not look like usage.
 */

/** Linux supports at most 8,192 CPUs (NR_CPUS on x86): more is nanocores, or a broken counter. */
const MAX_CPU_CORES = 8192;
/** One page: a running container holds at least one, and a value below it was not counted in bytes. */
const MIN_MEMORY_BYTES = 4096;
/** 64 TiB is the most that one x86 machine with four-level page tables can address. */
const MAX_MEMORY_BYTES = 64 * 2 ** 40;
/** Rounding in rates may pass 1 by a little. */
const MAX_RATIO = 1.01;
/** Kubernetes backs off to one restart in five minutes; a thousand in a step is a counter gone wrong. */
const MAX_RESTARTS = 1000;

/** What is measured, as ContainerUsage names it. */
export type UsageQuantity = 'cpuCores' | 'memoryBytes' | 'throttledRatio' | 'restarts';

const BOUNDS: Readonly<Record<UsageQuantity, readonly [number, number]>> = {
  cpuCores: [0, MAX_CPU_CORES],
  memoryBytes: [MIN_MEMORY_BYTES, MAX_MEMORY_BYTES],
  throttledRatio: [0, MAX_RATIO],
  restarts: [0, MAX_RESTARTS],
};

/** The smallest and the largest value that can be true. */
export function plausibleBounds(quantity: UsageQuantity): readonly [number, number] {
  return BOUNDS[quantity];
}

/** Whether a value can be true; NaN and infinities never are. */
export function isPlausible(quantity: UsageQuantity, value: number): boolean {
  const [min, max] = BOUNDS[quantity];
  return value >= min && value <= max;
}
