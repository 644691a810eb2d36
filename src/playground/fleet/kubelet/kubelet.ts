/** The kubelets of all simulated nodes in one component: whatever is bound to one of them is run. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import type { ClusterChange } from '../cluster-access.ts';
import type { Component, FleetContext } from '../fleet-context.ts';
import type { ChangeIndex } from '../fleet-indexes.ts';
import { uidOf } from '../meta.ts';
import { isFinished } from '../resources.ts';
import type { FleetUsage } from '../usage/fleet-usage.ts';
import { ImageCache, type KubeletServices } from './kubelet-services.ts';
import { PodWorker } from './pod-worker.ts';
import { type KubeletTiming, REALISTIC_TIMING } from './timing.ts';

export interface KubeletOptions {
  readonly context: FleetContext;
  readonly usage: FleetUsage;
  /** Whether a node is one of ours. */
  readonly manages: (nodeName: string) => boolean;
  readonly timing?: KubeletTiming;
}

export class Kubelet implements Component {
  readonly #options: KubeletOptions;
  readonly #services: KubeletServices;
  readonly #workers = new Map<string, PodWorker>();
  readonly #podsByNode: ChangeIndex<Pod>;
  readonly #stopWatching: () => void;
  #addresses = 0;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#services = {
      context: options.context,
      usage: options.usage,
      timing: options.timing ?? REALISTIC_TIMING,
      images: new ImageCache(),
      sharesChanged: (uids) => { this.#sharesChanged(uids); },
      roomFreed: (nodeName) => { this.#retryResizes(nodeName); },
    }; // prettier-ignore
    // Made before the kubelet listens: it must know of a change before the workers do.
    this.#podsByNode = options.context.indexes.podsByNode;
    this.#stopWatching = options.context.access.onChange(PODS, (change) => { this.#onChange(change); }); // prettier-ignore
  }

  /** A machine has come: pods that were bound to it before are run from now on. */
  adoptNode(nodeName: string): void {
    for (const pod of this.#podsByNode.get(nodeName))
      this.#onChange({ type: 'ADDED', object: pod, previous: undefined });
  }

  /** The machine is dead: its containers are gone and nobody reports on them. */
  abandonNode(nodeName: string): void {
    for (const pod of this.#podsByNode.get(nodeName)) {
      this.#workers.get(uidOf(pod))?.remove();
      this.#workers.delete(uidOf(pod));
    }
  }

  stop(): void {
    this.#stopWatching();
    for (const worker of this.#workers.values()) worker.remove();
    this.#workers.clear();
  }

  #onChange({ type, object: pod }: ClusterChange<Pod>): void {
    const uid = uidOf(pod);
    const worker = this.#workers.get(uid);
    if (type === 'DELETED') {
      this.#workers.delete(uid);
      worker?.remove();
      if (worker !== undefined) this.#retryResizes(pod.spec?.nodeName ?? '');
    } else if (worker !== undefined) {
      worker.update(pod);
    } else if (this.#isOurs(pod)) {
      this.#workers.set(uid, new PodWorker(pod, this.#services, this.#nextAddress()));
    }
  }

  #isOurs(pod: Pod): boolean {
    const nodeName = pod.spec?.nodeName ?? '';
    return nodeName !== '' && !isFinished(pod) && this.#options.manages(nodeName);
  }

  #sharesChanged(uids: readonly string[]): void {
    for (const uid of uids) this.#workers.get(uid)?.shareChanged();
  }

  /** Deferred resizes are tried again in the order in which the pods came to the node. */
  #retryResizes(nodeName: string): void {
    for (const pod of this.#podsByNode.get(nodeName)) {
      const worker = this.#workers.get(uidOf(pod));
      if (worker?.wantsRoom === true) worker.checkResize();
    }
  }

  #nextAddress(): string {
    this.#addresses += 1;
    const number = this.#addresses;
    return `10.${244 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
  }
}
