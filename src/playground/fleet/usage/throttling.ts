/**
 * How often the kernel holds a container back. CFS grants quota per period of 100 ms; a container whose mean
 * demand is below its limit is throttled too, in those periods in which its demand lies above.
 *
 * Model (ours): demand per period is normal around its mean with a coefficient of variation of 15 %, and the
 * normal distribution is taken as logistic(1.702 z) (Camilli 1994, error below 0.01).
 */

export const CFS_PERIOD_SECONDS = 0.1;
const PERIOD_VARIATION = 0.15;
const LOGISTIC_SCALE = 1.702;
/** Of a period that is throttled at all, about this share is lost while mean demand stays below the limit. */
const LOST_BELOW_LIMIT = 0.2;

/** Below this mean demand, in cores, a container has nothing to run in some periods (ours). */
const ALWAYS_ACTIVE_CORES = 0.02;

/** The share of all periods that the kernel counts: those in which the container had something to run. */
export function activeShare(demandCores: number): number {
  return Math.min(1, demandCores / ALWAYS_ACTIVE_CORES);
}

/** The share of periods in which the container was throttled, 0–1. Without a limit there is no throttling. */
export function throttledShare(demandCores: number, limitCores: number | undefined): number {
  if (limitCores === undefined || demandCores <= 0) return 0;
  const z = (limitCores / demandCores - 1) / PERIOD_VARIATION;
  return 1 / (1 + Math.exp(LOGISTIC_SCALE * z));
}

/** The share of time that throttling took, 0–1. */
export function throttledTimeShare(demandCores: number, limitCores: number | undefined): number {
  if (limitCores === undefined || demandCores <= 0) return 0;
  const starved = Math.max(0, 1 - limitCores / demandCores);
  return Math.max(starved, LOST_BELOW_LIMIT * throttledShare(demandCores, limitCores));
}
