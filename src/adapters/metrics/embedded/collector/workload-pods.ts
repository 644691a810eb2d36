/** Which workload each pod belongs to, for a while also of pods that are gone: metrics tell of them a little longer. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { OwnedPod } from './incident-tracker.ts';
import type { CallLimits } from './metrics-api.ts';
import { Owners } from './owners.ts';

/** A metrics server drops a pod a scrape or two after it ended. */
const REMEMBER_MS = 300_000;

interface Remembered {
  readonly workload: WorkloadRef;
  seenMs: number;
}

export class WorkloadPods {
  readonly #owners: Owners;
  readonly #remembered = new Map<string, Remembered>();
  #current: readonly OwnedPod[] = [];

  constructor(client: KubeClient) {
    this.#owners = new Owners(client);
  }

  /** Takes a new list of all pods. */
  async update(
    pods: readonly Pod[],
    look: { readonly nowMs: number; readonly limits: CallLimits },
  ): Promise<void> {
    await this.#owners.learn(pods, look.limits);
    this.#current = pods.flatMap((pod) => {
      const workload = this.#owners.ownerOf(pod);
      return workload === undefined ? [] : { pod, workload };
    });
    for (const { pod, workload } of this.#current) {
      const key = podKey(pod.metadata?.namespace ?? '', pod.metadata?.name ?? '');
      const known = this.#remembered.get(key);
      if (known?.workload === workload) known.seenMs = look.nowMs;
      else this.#remembered.set(key, { workload, seenMs: look.nowMs });
    }
    for (const [key, { seenMs }] of this.#remembered) {
      if (look.nowMs - seenMs > REMEMBER_MS) this.#remembered.delete(key);
    }
  }

  /** The pods of the last list that belong to a workload. */
  current(): readonly OwnedPod[] {
    return this.#current;
  }

  ofPod(namespace: string, pod: string): WorkloadRef | undefined {
    return this.#remembered.get(podKey(namespace, pod))?.workload;
  }
}

function podKey(namespace: string, pod: string): string {
  return `${namespace}/${pod}`;
}
