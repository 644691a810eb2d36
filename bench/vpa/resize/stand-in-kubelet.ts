/** Plays the kubelets of all pods: says that they run, takes up every resize at once, and notes when it did. */
import { isDeepStrictEqual } from 'node:util';
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { unitsOf } from '#apis/kubernetes/quantity.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { Informers } from '#kube/watch/informers.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { markRunning } from '../running-pods.ts';

const AT_ONCE = 32;

export class StandInKubelet {
  readonly #client: KubeClient;
  readonly #originalCores: number;
  readonly #stop = new AbortController();
  readonly #waiting = new Map<string, Pod>();
  readonly #running = new Set<string>();
  /** When each pod stood acknowledged with another size than the first, `performance.now()`. */
  readonly #resizedAtMs = new Map<string, number>();
  #busy = 0;

  constructor(client: KubeClient, originalCores: number) {
    this.#client = client;
    this.#originalCores = originalCores;
  }

  start(namespace: string): void {
    const shared = { clock: new SystemClock(), random: systemRandom, logger: silentLogger };
    const informers = new Informers({ client: this.#client, namespace, ...shared });
    informers.of(PODS).onChange(({ type, object }) => {
      if (type !== 'DELETED') this.#see(object);
    });
    void informers.run(this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** How many pods run. */
  get running(): number {
    return this.#running.size;
  }

  /** When pods were resized and acknowledged, ascending. */
  get resizedAtMs(): readonly number[] {
    return [...this.#resizedAtMs.values()].sort((a, b) => a - b);
  }

  #see(pod: Pod): void {
    const name = pod.metadata?.name ?? '';
    const wished = wishedOf(pod);
    if (!isDeepStrictEqual(acknowledgedOf(pod), wished)) {
      this.#waiting.set(name, pod);
      this.#work();
      return;
    }
    this.#running.add(name);
    const resized = unitsOf(wished?.requests?.['cpu'] ?? 0) !== this.#originalCores;
    if (resized && !this.#resizedAtMs.has(name)) this.#resizedAtMs.set(name, performance.now());
  }

  #work(): void {
    while (this.#busy < AT_ONCE) {
      const next = this.#waiting.entries().next();
      if (next.done === true) return;
      const [name, pod] = next.value;
      this.#waiting.delete(name);
      this.#busy++;
      // What fails is seen again: the watch shows the pod as it is.
      void markRunning(this.#client, pod)
        .catch(() => undefined)
        .finally(() => {
          this.#busy--;
          this.#work();
        });
    }
  }
}

function wishedOf({ spec }: Pod) {
  return spec?.containers[0]?.resources;
}

function acknowledgedOf({ status }: Pod) {
  return status?.containerStatuses?.[0]?.resources;
}
