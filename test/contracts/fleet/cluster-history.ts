/** What a watch of one namespace showed, in words by which two clusters can be compared: no names, no times. */
import type { Deployment, Pod, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { DEPLOYMENTS, EVENTS, PODS, REPLICA_SETS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { Informers } from '#kube/watch/informers.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';

interface Told {
  readonly about: string;
  readonly text: string;
}

/** Everything that changes after it began; stop it when the story is over. */
export class ClusterHistory {
  readonly #told: Told[] = [];
  readonly #last = new Map<string, string>();
  readonly #end = new AbortController();
  readonly #running: Promise<void>;

  private constructor(informers: Informers, namespace: string) {
    informers.of(DEPLOYMENTS, { namespace }).onChange(({ object }) => {
      this.#deployment(object);
    });
    informers.of(REPLICA_SETS, { namespace }).onChange(({ object, type }) => {
      if (type !== 'DELETED') this.#replicaSet(object);
    });
    informers.of(PODS, { namespace }).onChange(({ object, type }) => {
      this.#pod(object, type === 'DELETED');
    });
    informers.of(EVENTS, { namespace }).onChange(({ object }) => {
      const { involvedObject, reason = '' } = object;
      this.#tell(`events of ${involvedObject.kind ?? ''}`, reason, uidOf(object));
    });
    this.#running = informers.run(this.#end.signal);
  }

  static async of(client: KubeClient, namespace: string): Promise<ClusterHistory> {
    const clock = new SystemClock();
    const informers = new Informers({ client, clock, random: new SeededRandom(1), logger: silentLogger });
    const history = new ClusterHistory(informers, namespace);
    await informers.whenSynced();
    return history;
  }

  /** What was told about something, in order: `sizes`, `Progressing`, `Available`, `pods`, `events of Pod`. */
  about(about: string): readonly string[] {
    return this.#told.filter((told) => told.about === about).map((told) => told.text);
  }

  /** About what this was told, in order. */
  order(text: string): readonly string[] {
    return this.#told.filter((told) => told.text === text).map((told) => told.about);
  }

  /** Forgets what was told so far. */
  clear(): void {
    this.#told.length = 0;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  #deployment(deployment: Deployment): void {
    for (const { type, status, reason = '' } of deployment.status?.conditions ?? []) {
      this.#tell(type, `${status} ${reason}`, `${uidOf(deployment)}/${type}`);
    }
  }

  /** `web:2 1`: the ReplicaSet of that image has got that size. */
  #replicaSet(set: ReplicaSet): void {
    const image = set.spec?.template?.spec?.containers[0]?.image ?? '';
    this.#tell('sizes', `${image} ${String(set.spec?.replicas ?? 0)}`, uidOf(set));
  }

  #pod(pod: Pod, isGone: boolean): void {
    const { name = '', deletionTimestamp } = pod.metadata ?? {};
    const { phase = '', conditions = [] } = pod.status ?? {};
    const isReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
    const state = deletionTimestamp === undefined ? phase : 'Terminating';
    this.#tell(`pod ${name}`, isGone ? 'gone' : `${state}${isReady ? ' ready' : ''}`, uidOf(pod));
  }

  #tell(about: string, text: string, subject: string): void {
    if (this.#last.get(`${subject}/${about}`) === text) return;
    this.#last.set(`${subject}/${about}`, text);
    this.#told.push({ about, text });
  }
}

function uidOf(object: KubeObject): string {
  return object.metadata?.uid ?? '';
}
