/** Why a resize in place will not come to an end, by what the kubelets report. */
import type { ResizeState } from '#domain/workload/pod-facts.ts';
import type { Observation } from './observation.ts';
import { livePods } from './sizes.ts';

/** A resize in progress longer than this is stuck (VPA waits as long before it evicts). */
const STUCK_MS = 3_600_000;
/** An error that the kubelet does not get over in this time will not go away. */
const ERROR_MS = 60_000;

/** The trouble of the first pod that has one; undefined while there is hope. */
export function resizeTrouble(o: Observation): string | undefined {
  const refused = o.optimization.status?.applying?.resizeRefused;
  if (refused !== undefined) return refused;
  const stuck = livePods(o).find(({ resize }) => {
    const patienceMs = patienceFor(resize, o.settings.resizePatienceMs);
    return patienceMs !== undefined && o.nowMs - (resize.sinceMs ?? o.nowMs) >= patienceMs;
  });
  if (stuck === undefined) return undefined;
  const { problem = 'stuck', message } = stuck.resize;
  return `pod ${stuck.name} cannot be resized in place (${problem}${message === '' ? '' : `: ${message}`})`;
}

/** How long a state may last; undefined where there is nothing to wait for. */
function patienceFor(resize: ResizeState, deferredMs: number): number | undefined {
  if (resize.problem === 'Infeasible') return 0;
  if (resize.problem === 'Deferred') return deferredMs;
  if (resize.problem === 'Error') return ERROR_MS;
  return resize.inProgress ? STUCK_MS : undefined;
}
