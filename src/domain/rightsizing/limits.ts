/**
 * Limits that go with requests. A container keeps its kind: no limit is added, none removed, equal stays equal
 * (Guaranteed) and apart stays apart; so the quality-of-service class of the pod, which cannot change in place, stays.
 */

/** What a container asks for now, in cores or bytes; a limit without a request counts as the request too, as in Kubernetes. */
export interface CurrentSize {
  readonly request?: number | undefined;
  readonly limit?: number | undefined;
}

/** Whether limits move with requests, keeping their ratio, or stay. */
export type ControlledValues = 'RequestsAndLimits' | 'RequestsOnly';

/** Limit divided by request now; 1 where only a limit is set, undefined without a limit. */
export function limitRatio({ request, limit }: CurrentSize): number | undefined {
  if (limit === undefined || !(limit > 0)) return undefined;
  return request !== undefined && request > 0 ? Math.max(1, limit / request) : 1;
}

interface Place {
  readonly current: CurrentSize;
  readonly controlled: ControlledValues;
}

/** CPU: `wanted` is the request by cost, a limit below `ceiling` would throttle. Where both are equal, so is the request. */
export function cpuRequest(
  { wanted, ceiling }: { wanted: number; ceiling: number },
  { current, controlled }: Place,
): number {
  if (controlled === 'RequestsOnly') return Math.min(wanted, current.limit ?? wanted);
  return limitRatio(current) === 1 ? Math.max(wanted, ceiling) : wanted;
}

/**
 * Memory: the limit must hold `peak`, so the request lies as far below it as it does now, but not below `sustained`
 * use. Without a limit the request itself holds the peak, since only the node's memory is left above it.
 */
export function memoryRequest(
  { peak, sustained }: { peak: number; sustained: number },
  { current, controlled }: Place,
): number {
  if (controlled === 'RequestsOnly') return Math.min(peak, current.limit ?? peak);
  return Math.min(peak, Math.max(sustained, peak / (limitRatio(current) ?? 1)));
}

/** The limit that goes with `request`; never below `ceiling` unless request and limit are equal or limits are the user's. */
export function limitFor(
  request: number,
  ceiling: number,
  { current, controlled }: Place,
): number | undefined {
  const ratio = limitRatio(current);
  if (ratio === undefined) return undefined;
  if (controlled === 'RequestsOnly') return current.limit;
  return ratio === 1 ? request : Math.max(request * ratio, ceiling);
}
