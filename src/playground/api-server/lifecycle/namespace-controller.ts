/** A namespace that goes takes everything in it along. */
import { rfc3339 } from '#platform/clock.ts';
import { type JsonObject, asList, asObject, asObjects, objectAt } from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import type { Resource } from '../resources/resource.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { StatusError } from '../wire/status-error.ts';
import { deleteObject, readDeleteOptions } from '../writes/delete.ts';
import type { ServerParts } from '../writes/write-parts.ts';
import { internalCall } from './internal-call.ts';

const NAMESPACES = { group: '', plural: 'namespaces' };
const KUBERNETES = 'kubernetes';
const DELAY_MS = 10;
/** How long to wait for what ends gracefully. */
const RETRY_MS = 1000;

export class NamespaceController {
  readonly #parts: ServerParts;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** Follows the namespaces. */
  start(): void {
    this.#parts.store.collection(NAMESPACES).listen(({ type, object, previous }) => {
      const isNew =
        object.metadata.deletionTimestamp !== undefined && previous?.metadata.deletionTimestamp === undefined;
      if (type === 'MODIFIED' && isNew) this.#schedule(object.metadata.name ?? '', DELAY_MS);
    });
  }

  #schedule(name: string, delayMs: number): void {
    this.#parts.clock.after(delayMs, () => {
      void this.#finalize(name);
    });
  }

  async #finalize(name: string): Promise<void> {
    const present = this.#parts.store.collection(NAMESPACES).get(name);
    if (present?.metadata.deletionTimestamp === undefined) return;
    const resources = this.#parts.registry.stored().filter(({ namespaced }) => namespaced);
    for (const resource of resources) await this.#empty(resource, name);
    const left = resources.flatMap((resource) =>
      this.#parts.store
        .collection(resource.stored)
        .list(name)
        .map((object) => ({ resource, object })),
    );
    if (left.length === 0) this.#release(name);
    else {
      this.#report(name, left);
      this.#schedule(name, RETRY_MS);
    }
  }

  async #empty(resource: Resource, namespace: string): Promise<void> {
    if (!resource.discovery.some(({ verbs }) => verbs.includes('deletecollection'))) return;
    for (const { metadata } of this.#parts.store.collection(resource.stored).list(namespace)) {
      if (metadata.deletionTimestamp !== undefined) continue;
      const call = internalCall(resource, { namespace, name: metadata.name ?? '' });
      try {
        await deleteObject(this.#parts, call, readDeleteOptions({ propagationPolicy: 'Background' }));
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
    }
  }

  /** Nothing is left: the namespace may go. */
  #release(name: string): void {
    const { store } = this.#parts;
    const namespace = store.collection(NAMESPACES).get(name);
    if (namespace === undefined) return;
    const finalizers = asList(objectAt(namespace, 'spec')['finalizers']).filter(
      (finalizer) => finalizer !== KUBERNETES,
    );
    const next = withField(namespace, 'spec', finalizers.length === 0 ? {} : { finalizers });
    const isHeld = finalizers.length > 0 || (namespace.metadata.finalizers ?? []).length > 0;
    if (isHeld) store.update(NAMESPACES, namespace, next);
    else store.remove(NAMESPACES, namespace, next);
  }

  /** Says in the status what the namespace waits for. */
  #report(name: string, left: readonly { readonly resource: Resource; readonly object: ApiObject }[]): void {
    const { store, clock } = this.#parts;
    const namespace = store.collection(NAMESPACES).get(name);
    if (namespace === undefined) return;
    const counts = countBy(left.map(({ resource }) => `${resource.plural}.${resource.group}`));
    const finalizers = countBy(left.flatMap(({ object }) => object.metadata.finalizers ?? []));
    const conditions = [
      remaining('NamespaceContentRemaining', counts, ['SomeResourcesRemain', 'ContentRemoved'], RESOURCES),
      remaining(
        'NamespaceFinalizersRemaining',
        finalizers,
        ['SomeFinalizersRemain', 'ContentHasNoFinalizers'],
        FINALIZERS,
      ),
    ];
    const status = asObject(namespace['status']);
    const before = asObjects(status['conditions']);
    const next = conditions.map((condition) => {
      const old = before.find(({ type }) => type === condition['type']);
      const isSame = old !== undefined && old['status'] === condition['status'];
      return { ...condition, lastTransitionTime: isSame ? old['lastTransitionTime'] : rfc3339(clock.now()) };
    });
    if (JSON.stringify(before) === JSON.stringify(next)) return;
    store.update(NAMESPACES, namespace, withField(namespace, 'status', { ...status, conditions: next }));
  }
}

interface Wording {
  readonly some: string;
  readonly none: string;
  readonly each: (name: string, count: number) => string;
}

const RESOURCES: Wording = {
  some: 'Some resources are remaining: ',
  none: 'All content successfully removed',
  each: (name, count) => `${name} has ${count} resource instances`,
};

const FINALIZERS: Wording = {
  some: 'Some content in the namespace has finalizers remaining: ',
  none: 'All content-preserving finalizers finished',
  each: (name, count) => `${name} in ${count} resource instances`,
};

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

// eslint-disable-next-line max-params -- a condition has this many parts
function remaining(
  type: string,
  counts: ReadonlyMap<string, number>,
  [some, none]: readonly [string, string],
  wording: Wording,
): JsonObject {
  const isLeft = counts.size > 0;
  const parts = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => wording.each(name, count));
  const message = isLeft ? `${wording.some}${parts.join(', ')}` : wording.none;
  return { type, status: isLeft ? 'True' : 'False', reason: isLeft ? some : none, message };
}
