/** What the parts of the kubelet share. */
import type { Container, Pod } from '#apis/kubernetes/builtin.ts';
import type { FleetContext } from '../fleet-context.ts';
import type { FleetUsage } from '../usage/fleet-usage.ts';
import type { LifecycleProfile } from '../usage/usage-schema.ts';
import type { KubeletTiming } from './timing.ts';

export interface KubeletServices {
  readonly context: FleetContext;
  readonly usage: FleetUsage;
  readonly timing: KubeletTiming;
  readonly images: ImageCache;
  /** Tells the workers of these pods that their share of the demand has changed. */
  readonly sharesChanged: (podUids: readonly string[]) => void;
  /** Tells the pods of a node that it has room again. */
  readonly roomFreed: (nodeName: string) => void;
}

/** One container of one pod, and everything that acts on it. */
export interface ContainerPlace {
  readonly services: KubeletServices;
  readonly container: Container;
  readonly lifecycle: LifecycleProfile;
  /** The pod as it is now. */
  readonly pod: () => Pod;
}

/** Which node has which image. */
export class ImageCache {
  readonly #images = new Set<string>();

  has(nodeName: string, image: string): boolean {
    return this.#images.has(`${nodeName}\n${image}`);
  }

  add(nodeName: string, image: string): void {
    this.#images.add(`${nodeName}\n${image}`);
  }
}

/** What a kubelet says of a pod. */
export interface PodEvent {
  readonly type?: 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The container that it is about, if one. */
  readonly container?: string;
}

export function emitPodEvent(services: KubeletServices, pod: Pod, event: PodEvent): void {
  const host = pod.spec?.nodeName;
  services.context.events.emit(pod, {
    type: event.type ?? 'Normal',
    reason: event.reason,
    message: event.message,
    component: 'kubelet',
    ...(host === undefined ? {} : { host }),
    ...(event.container === undefined ? {} : { fieldPath: `spec.containers{${event.container}}` }),
  });
}

/** An event about one container. */
export function emitContainerEvent(place: ContainerPlace, event: PodEvent): void {
  emitPodEvent(place.services, place.pod(), { ...event, container: place.container.name });
}
