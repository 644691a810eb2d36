/**
 * A ClusterAccess in memory, for tests of the fleet alone. It keeps the contract that the fleet relies on: names
 * from `generateName`, resource versions and generations, writes without effect that change nothing, graceful
 * deletion of pods that have a node, evictions that ask a budget, finalizers, and the deletion of what a deleted
 * object owned.
 */
import { type KubeObject, type ObjectKey, keyOf, keyText } from '#apis/kubernetes/object.ts';
import type { Pod, PodDisruptionBudget } from '#apis/kubernetes/builtin.ts';
import { ApiError } from '#kube/client/api-error.ts';
import { PODS, POD_DISRUPTION_BUDGETS } from '#kube/client/builtin-types.ts';
import { type ResourceType, apiVersionOf, qualifiedName } from '#kube/client/resource-type.ts';
import { type Clock, rfc3339 } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import { randomSuffix } from '../naming.ts';
import type { ClusterAccess, ClusterChange, DeleteChoice } from '../cluster-access.ts';
import { sameJson } from '../same-json.ts';
import { matchesSelector } from '../selectors.ts';
import { applyMergePatch } from './merge-patch.ts';

type Listener = (change: ClusterChange) => void;
type WithParts = KubeObject & { readonly spec?: unknown; readonly status?: unknown };

interface Shelf {
  readonly type: ResourceType;
  readonly objects: Map<string, WithParts>;
  readonly listeners: Set<Listener>;
}

const DEFAULT_GRACE_SECONDS = 30;

export class MemoryCluster implements ClusterAccess {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #shelves = new Map<string, Shelf>();
  #version = 0;

  constructor(options: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** How many writes took effect. */
  get writes(): number {
    return this.#version;
  }

  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly T[] {
    const all = [...this.#shelf(type).objects.values()] as T[];
    return namespace === undefined ? all : all.filter((object) => object.metadata?.namespace === namespace);
  }

  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): T | undefined {
    return this.#shelf(type).objects.get(keyText(key)) as T | undefined;
  }

  onChange<T extends KubeObject>(
    type: ResourceType<T>,
    listener: (change: ClusterChange<T>) => void,
  ): () => void {
    const shelf = this.#shelf(type);
    const wide = listener as Listener;
    shelf.listeners.add(wide);
    for (const object of shelf.objects.values()) wide({ type: 'ADDED', object, previous: undefined });
    return () => shelf.listeners.delete(wide);
  }

  async create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    const meta = object.metadata ?? {};
    const name = meta.name ?? `${meta.generateName ?? ''}${randomSuffix(this.#random)}`;
    const shelf = this.#shelf(type);
    const key = keyText({ namespace: meta.namespace, name });
    if (shelf.objects.has(key)) throw refusal(409, { type, key, reason: 'AlreadyExists' });
    const stored: WithParts = {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      ...object,
      metadata: {
        ...meta,
        name,
        uid: this.#random.uuid(),
        creationTimestamp: rfc3339(this.#clock.now()),
        generation: 1,
        resourceVersion: this.#nextVersion(),
      },
      ...(type.kind === 'Pod' ? { status: { phase: 'Pending' } } : {}),
    };
    this.#put(shelf, key, stored);
    return Promise.resolve(stored as T);
  }

  async mergePatch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    change: { readonly body: unknown; readonly subresource?: string },
  ): Promise<T> {
    const shelf = this.#shelf(type);
    const old = this.#existing(type, key);
    const merged = applyMergePatch(old, change.body) as WithParts;
    if (merged.metadata?.resourceVersion !== old.metadata?.resourceVersion) {
      throw refusal(409, { type, key: keyText(key), reason: 'Conflict' });
    }
    const next = onlyPart(old, merged, change.subresource);
    if (sameJson(old, next)) return Promise.resolve(old as T);
    const generation = (old.metadata?.generation ?? 1) + (sameJson(old.spec, next.spec) ? 0 : 1);
    const metadata = { ...next.metadata, generation, resourceVersion: this.#nextVersion() };
    const stored = { ...next, metadata };
    if (isFinished(stored)) this.#drop(shelf, keyText(key));
    else this.#put(shelf, keyText(key), stored);
    return Promise.resolve(stored as T);
  }

  async delete(type: ResourceType, key: ObjectKey, choice: DeleteChoice = {}): Promise<void> {
    const shelf = this.#shelf(type);
    const old = this.#existing(type, key);
    checkUid(type, old, choice);
    const graceSeconds = choice.graceful === true && type.plural === 'pods' ? graceOf(old) : 0;
    const isHeld = hasFinalizers(old);
    if (graceSeconds === 0 && !isHeld) this.#drop(shelf, keyText(key));
    else if (old.metadata?.deletionTimestamp === undefined) this.#markDeleted(shelf, old, graceSeconds);
    return Promise.resolve();
  }

  async bind(pod: ObjectKey, nodeName: string): Promise<void> {
    const time = rfc3339(this.#clock.now());
    const old = this.#existing(PODS, pod);
    const conditions = [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: time, lastProbeTime: null },
    ];
    const bound = applyMergePatch(old, { spec: { nodeName }, status: { conditions } }) as WithParts;
    const metadata = { ...bound.metadata, resourceVersion: this.#nextVersion() };
    this.#put(this.#shelf(PODS), keyText(pod), { ...bound, metadata });
    return Promise.resolve();
  }

  async evict(pod: ObjectKey): Promise<void> {
    const { metadata } = this.#existing(PODS, pod);
    const budget = this.list(POD_DISRUPTION_BUDGETS, pod.namespace).find(({ spec }) =>
      matchesSelector(spec?.selector, metadata?.labels ?? {}),
    );
    if (budget !== undefined) await this.#spend(budget, pod);
    await this.delete(PODS, pod, { graceful: true });
  }

  async #spend(budget: PodDisruptionBudget, pod: ObjectKey): Promise<void> {
    const { disruptionsAllowed = 0, disruptedPods } = budget.status ?? {};
    if (disruptionsAllowed <= 0)
      throw refusal(429, { type: PODS, key: keyText(pod), reason: 'TooManyRequests' });
    const status = {
      disruptionsAllowed: disruptionsAllowed - 1,
      disruptedPods: { ...disruptedPods, [pod.name]: rfc3339(this.#clock.now()) },
    };
    await this.mergePatch(POD_DISRUPTION_BUDGETS, keyOf(budget), { body: { status }, subresource: 'status' });
  }

  #shelf(type: ResourceType): Shelf {
    const name = qualifiedName(type);
    let shelf = this.#shelves.get(name);
    if (shelf === undefined) {
      shelf = { type, objects: new Map(), listeners: new Set() };
      this.#shelves.set(name, shelf);
    }
    return shelf;
  }

  #existing(type: ResourceType, key: ObjectKey): WithParts {
    const object = this.#shelf(type).objects.get(keyText(key));
    if (object === undefined) throw refusal(404, { type, key: keyText(key), reason: 'NotFound' });
    return object;
  }

  #nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }

  #put(shelf: Shelf, key: string, object: WithParts): void {
    const previous = shelf.objects.get(key);
    shelf.objects.set(key, object);
    tell(shelf, { type: previous === undefined ? 'ADDED' : 'MODIFIED', object, previous });
  }

  #drop(shelf: Shelf, key: string): void {
    const object = shelf.objects.get(key);
    if (object === undefined) return;
    shelf.objects.delete(key);
    this.#nextVersion();
    tell(shelf, { type: 'DELETED', object, previous: object });
    this.#clock.after(0, () => { this.#collectGarbage(object.metadata?.uid ?? ''); }); // prettier-ignore
  }

  #markDeleted(shelf: Shelf, old: WithParts, graceSeconds: number): void {
    const metadata = {
      ...old.metadata,
      deletionTimestamp: rfc3339(this.#clock.now() + graceSeconds * 1000),
      deletionGracePeriodSeconds: graceSeconds,
      resourceVersion: this.#nextVersion(),
    };
    this.#put(shelf, keyText(keyOf(old)), { ...old, metadata });
  }

  #collectGarbage(ownerUid: string): void {
    for (const shelf of this.#shelves.values()) {
      for (const object of [...shelf.objects.values()]) {
        const owners = object.metadata?.ownerReferences ?? [];
        if (owners.length === 0 || !owners.every((owner) => owner.uid === ownerUid)) continue;
        void this.delete(shelf.type, keyOf(object), { graceful: true });
      }
    }
  }
}

function tell(shelf: Shelf, change: ClusterChange): void {
  for (const listener of [...shelf.listeners]) listener(change);
}

/** A status patch touches nothing else but annotations, and no other patch touches the status. */
function onlyPart(old: WithParts, merged: WithParts, subresource: string | undefined): WithParts {
  if (subresource === 'status') {
    const { annotations } = merged.metadata ?? {};
    const metadata = { ...old.metadata, ...(annotations === undefined ? {} : { annotations }) };
    return { ...old, metadata, status: merged.status };
  }
  return old.status === undefined ? merged : { ...merged, status: old.status };
}

function checkUid(type: ResourceType, old: KubeObject, choice: DeleteChoice): void {
  if (choice.uid === undefined || choice.uid === old.metadata?.uid) return;
  throw refusal(409, { type, key: keyText(keyOf(old)), reason: 'Conflict' });
}

function hasFinalizers(object: KubeObject): boolean {
  return (object.metadata?.finalizers?.length ?? 0) > 0;
}

function isFinished(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata ?? {};
  return deletionTimestamp !== undefined && !hasFinalizers(object) && deletionGracePeriodSeconds === 0;
}

function graceOf(object: WithParts): number {
  const { spec, status } = object as Pod;
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  if ((spec?.nodeName ?? '') === '' || isOver) return 0;
  return spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
}

function refusal(
  status: number,
  { type, key, reason }: { readonly type: ResourceType; readonly key: string; readonly reason: string },
): ApiError {
  const message = `${qualifiedName(type)} "${key}": ${reason}`;
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', reason, message, code: status });
  return new ApiError(`${qualifiedName(type)} ${key}`, { status, headers: {}, body });
}
