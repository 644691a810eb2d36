/** Empties a node before it goes: its pods are asked to leave, again and again until none is left. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { controllerOf, keyOf } from '#apis/kubernetes/object.ts';
import { isNotFound, isTooManyRequests } from '#kube/client/api-error.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import type { TimerGroup } from '../../simulation/timer-group.ts';
import { type FleetContext, noteFailure } from '../fleet-context.ts';
import { isDeleting, nameOf } from '../meta.ts';
import { isFinished } from '../resources.ts';

export interface DrainOptions {
  readonly context: FleetContext;
  readonly timers: TimerGroup;
  readonly nodeName: string;
  /** Whether disruption budgets are asked; a kubelet that shuts its node down does not. */
  readonly asksBudgets: boolean;
}

/** kubectl drain asks again this often where a budget says no. */
const AGAIN_MS = 5000;

/** Goes on until the node is empty or the timers are cancelled. DaemonSets' pods stay: they would only come back. */
export function drainNode(options: DrainOptions): void {
  void round(options).then((left) => {
    if (left > 0) options.timers.after(AGAIN_MS, () => { drainNode(options); }); // prettier-ignore
  });
}

/** Asks every pod that stays once; resolves with how many have yet to be asked again. */
async function round({ context, nodeName, asksBudgets }: DrainOptions): Promise<number> {
  const staying = context.indexes.podsByNode.get(nodeName).filter(isToLeave);
  let left = 0;
  for (const pod of staying) {
    const ask = asksBudgets
      ? context.access.evict(keyOf(pod))
      : context.access.delete(PODS, keyOf(pod), { graceful: true });
    left += await ask.then(
      () => 0,
      (error: unknown) => (isGone(context, pod, error) ? 0 : 1),
    );
  }
  return left;
}

function isToLeave(pod: Pod): boolean {
  return !isFinished(pod) && !isDeleting(pod) && controllerOf(pod)?.kind !== 'DaemonSet';
}

function isGone(context: FleetContext, pod: Pod, error: unknown): boolean {
  if (isNotFound(error)) return true;
  if (!isTooManyRequests(error)) noteFailure(context, `draining pod ${nameOf(pod)}`, error);
  return false;
}
