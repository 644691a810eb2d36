/** Whether a node has room for a pod, or for a resized one, in the words of kubelets. */
import { type Amounts, addAmounts, allocatedRequests, isFinished, specRequests } from '../resources.ts';
import type { Pod } from '#apis/kubernetes/builtin.ts';

export interface RoomQuestion {
  readonly pod: Pod;
  /** All pods of the node; the pod itself is left out. */
  readonly podsOnNode: readonly Pod[];
  readonly allocatable: Amounts;
}

/** What is short. Amounts are in the unit in which kubelets count: millicores of CPU, bytes, pieces. */
export interface Shortage {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

const TOLERANCE = 1e-9;

/** The first resource that the node is short of for the pod; undefined where it fits. */
export function findShortage(question: RoomQuestion): Shortage | undefined {
  const { pod, podsOnNode, allocatable } = question;
  const wished = specRequests(pod);
  const others = podsOnNode.filter(
    (other) => other.metadata?.uid !== pod.metadata?.uid && !isFinished(other),
  );
  const used = others.map(allocatedRequests).reduce(addAmounts, {});
  for (const [resource, requested] of Object.entries(wished)) {
    const free = (allocatable[resource] ?? 0) - (used[resource] ?? 0);
    if (requested <= 0 || requested <= free + TOLERANCE) continue;
    const scale = resource === 'cpu' ? 1000 : 1;
    return {
      resource,
      requested: Math.round(requested * scale),
      used: Math.round((used[resource] ?? 0) * scale),
      capacity: Math.round((allocatable[resource] ?? 0) * scale),
    };
  }
  return undefined;
}

/** `Node didn't have enough resource: cpu, requested: 1500, used: 1450, capacity: 1930`. */
export function shortageMessage(shortage: Shortage): string {
  const { resource, requested, used, capacity } = shortage;
  return `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
}

/** A wish that the node could not even fulfil if it were empty. */
export function infeasibleMessage(shortage: Shortage): string | undefined {
  const { resource, requested, capacity } = shortage;
  if (requested <= capacity) return undefined;
  return `Node didn't have enough capacity: ${resource}, requested: ${requested}, capacity: ${capacity}`;
}
