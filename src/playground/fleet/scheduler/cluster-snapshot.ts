/** The scheduler's picture of the cluster: what runs where and how much is asked for, kept up to date. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { controllerOf } from '#apis/kubernetes/object.ts';
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import type { ClusterAccess } from '../cluster-access.ts';
import { nameOf, uidOf } from '../meta.ts';
import type { NodeInfo } from './node-info.ts';
import { antiAffinityTerms } from './pod-topology.ts';
import {
  type Amounts,
  addAmounts,
  allocatableOf,
  isFinished,
  podRequests,
  subtractAmounts,
} from '../resources.ts';

interface Placement {
  readonly nodeName: string;
  readonly pod: Pod;
  readonly requests: Amounts;
}

/** A change that may let a waiting pod in. */
export type RoomListener = () => void;

export class ClusterSnapshot {
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #placements = new Map<string, Placement>();
  readonly #onRoom: RoomListener;
  readonly #stops: readonly (() => void)[];

  constructor(access: ClusterAccess, onRoom: RoomListener) {
    this.#onRoom = onRoom;
    this.#stops = [
      access.onChange(NODES, ({ type, object, previous }) => {
        if (type === 'DELETED') this.#nodes.delete(nameOf(object));
        else this.#setNode(object, previous);
      }),
      access.onChange(PODS, ({ type, object }) => {
        this.#setPod(object, type !== 'DELETED');
      }),
    ];
  }

  nodes(): readonly NodeInfo[] {
    return [...this.#nodes.values()];
  }

  /** Counts a pod as placed before the server has said so. */
  assume(pod: Pod, nodeName: string): void {
    this.#place({ nodeName, pod, requests: podRequests(pod) });
  }

  /** Takes an assumption back. */
  forget(pod: Pod): void {
    this.#remove(uidOf(pod));
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #setNode(node: Node, previous: Node | undefined): void {
    const known = this.#nodes.get(nameOf(node));
    const { pods, choosy, owners, requested } = known ?? empty();
    this.#nodes.set(nameOf(node), {
      node,
      allocatable: allocatableOf(node),
      requested,
      pods,
      choosy,
      owners,
    });
    for (const placement of this.#placements.values()) {
      if (known === undefined && placement.nodeName === nameOf(node)) this.#count(placement);
    }
    if (previous === undefined || isRoomier(node, previous)) this.#onRoom();
  }

  #setPod(pod: Pod, exists: boolean): void {
    const before = this.#placements.get(uidOf(pod));
    const isGone = !exists || isFinished(pod);
    if (isGone) {
      if (before !== undefined) this.#release(uidOf(pod));
      return;
    }
    // A pod that is only assumed to be placed has no node name in the server's view yet.
    const { nodeName = '' } = pod.spec ?? {};
    if (nodeName === '') return;
    const requests = podRequests(pod);
    this.#remove(uidOf(pod));
    this.#place({ nodeName, pod, requests });
    if (before !== undefined && isLess(requests, before.requests)) this.#onRoom();
  }

  #release(uid: string): void {
    this.#remove(uid);
    this.#onRoom();
  }

  #place(placement: Placement): void {
    this.#placements.set(uidOf(placement.pod), placement);
    this.#count(placement);
  }

  #count({ nodeName, pod, requests }: Placement): void {
    const info = this.#nodes.get(nodeName);
    if (info === undefined) return;
    info.pods.set(uidOf(pod), pod);
    countOwner(info, pod, 1);
    if (antiAffinityTerms(pod).length > 0) info.choosy.set(uidOf(pod), pod);
    info.requested = addAmounts(info.requested, requests);
  }

  #remove(uid: string): void {
    const placement = this.#placements.get(uid);
    if (placement === undefined) return;
    this.#placements.delete(uid);
    const info = this.#nodes.get(placement.nodeName);
    if (info?.pods.delete(uid) !== true) return;
    info.choosy.delete(uid);
    countOwner(info, placement.pod, -1);
    info.requested = subtractAmounts(info.requested, placement.requests);
  }
}

function countOwner({ owners }: NodeInfo, pod: Pod, change: 1 | -1): void {
  const owner = controllerOf(pod)?.uid;
  if (owner === undefined) return;
  const count = (owners.get(owner) ?? 0) + change;
  if (count === 0) owners.delete(owner);
  else owners.set(owner, count);
}

function empty(): Pick<NodeInfo, 'pods' | 'choosy' | 'owners' | 'requested'> {
  return { pods: new Map(), choosy: new Map(), owners: new Map(), requested: {} };
}

/** Anything but a heartbeat may let a pod in. */
function isRoomier(node: Node, before: Node): boolean {
  return (
    JSON.stringify(node.status?.allocatable) !== JSON.stringify(before.status?.allocatable) ||
    JSON.stringify(node.metadata?.labels) !== JSON.stringify(before.metadata?.labels) ||
    JSON.stringify(node.spec) !== JSON.stringify(before.spec)
  );
}

function isLess(a: Amounts, b: Amounts): boolean {
  return Object.entries(b).some(([name, value]) => (a[name] ?? 0) < value);
}
