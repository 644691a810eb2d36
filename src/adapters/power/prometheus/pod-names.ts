/** Which container a series is about, in every style that the exporters have had. */
import type { ContainerRef } from '#domain/power/power.ts';
import type { PlacedPod, PowerInventory } from '#domain/power/inventory.ts';
import type { Labels } from '../../metrics/prometheus/client/range-series.ts';

/**
 * Namespace, pod and container. The plain style comes last: where another is there too, it is that of the exporter's own
 * pod, put there by the scrape configuration.
 */
const STYLES = [
  ['exported_namespace', 'exported_pod', 'exported_container'],
  ['container_namespace', 'pod_name', 'container_name'],
  ['pod_namespace', 'pod_name', 'container_name'],
  ['podnamespace', 'podname', 'ctrname'],
  ['kubernetes_namespace_name', 'kubernetes_pod_name', 'kubernetes_container_name'],
  ['namespace', 'pod', 'container'],
] as const;

export class PodNames {
  readonly #byName = new Map<string, PlacedPod>();
  readonly #byUid = new Map<string, PlacedPod>();

  constructor({ pods }: PowerInventory) {
    for (const pod of pods) {
      this.#byName.set(`${pod.namespace}/${pod.pod}`, pod);
      this.#byUid.set(pod.uid, pod);
    }
  }

  withUid(uid: string): PlacedPod | undefined {
    return this.#byUid.get(uid);
  }

  named(namespace: string, pod: string): PlacedPod | undefined {
    return this.#byName.get(`${namespace}/${pod}`);
  }

  /** Undefined where the labels name no pod. A container that is not named is the only one of its pod. */
  containerOf(labels: Labels): ContainerRef | undefined {
    for (const [namespaceLabel, podLabel, containerLabel] of STYLES) {
      const [namespace, pod, container = ''] = [
        labels[namespaceLabel],
        labels[podLabel],
        labels[containerLabel],
      ];
      if (namespace === undefined || pod === undefined || pod === '') continue;
      const only = this.named(namespace, pod)?.containers[0]?.container ?? '';
      return { namespace, pod, container: container === '' ? only : container };
    }
    return undefined;
  }
}
