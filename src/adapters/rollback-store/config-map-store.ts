/**
 * Rollback entries in the cluster: ConfigMap `<workload>-rollback-state` beside the workload, one sealed data key
 * per kind. It is owned by the CostOptimizations whose entries it holds, as far as they share its namespace.
 */
import type { ConfigMap } from '#apis/kubernetes/builtin.ts';
import type { ObjectKey, OwnerReference } from '#apis/kubernetes/object.ts';
import { keyText } from '#apis/kubernetes/object.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { KcError } from '#errors/kc-error.ts';
import { isAlreadyExists, isConflict, isNotFound } from '#kube/client/api-error.ts';
import { CONFIG_MAPS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { type Entries, readDocument, writeDocument } from './entry-document.ts';
import type { Sealer } from './sealer.ts';

const LABELS = {
  'app.kubernetes.io/managed-by': 'cost-optimizer-operator',
  'app.kubernetes.io/part-of': 'kcloud',
};
const FIELD_MANAGER = 'kcloud';
const OWNER = { apiVersion: 'optimization.k8s.io/v1', kind: 'CostOptimization' };
/** Others write the same ConfigMap only when two CostOptimizations share a workload: a few rounds suffice. */
const MAX_ROUNDS = 8;

export class ConfigMapRollbackStore implements RollbackStore {
  readonly #client: KubeClient;
  readonly #sealer: Sealer;

  constructor(client: KubeClient, sealer: Sealer) {
    this.#client = client;
    this.#sealer = sealer;
  }

  async load(target: WorkloadRef, ownerUid: string): Promise<RollbackEntry | undefined> {
    const found = await this.#client.find(CONFIG_MAPS, configMapKey(target));
    if (found === undefined) return undefined;
    const entries = this.#entries(found, target);
    await this.#sealAnew(found, target, entries);
    return entries[ownerUid];
  }

  /** After a rotation each read moves what it found to the current key. Losing a race is fine: the winner sealed it. */
  async #sealAnew(found: ConfigMap, target: WorkloadRef, entries: Entries): Promise<void> {
    const sealed = found.data?.[target.kind];
    if (sealed === undefined || this.#sealer.isCurrent(sealed)) return;
    try {
      await this.#write(target, found, entries);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  /** An operator that was held up (suspended, its answer lost) finds here that another has gone on. */
  async save(entry: RollbackEntry): Promise<void> {
    const { target, owner } = entry;
    await this.#change(target, (entries) => {
      const stored = entries[owner.uid];
      // The same version again is the same write: its answer was lost, or an old entry has none.
      if (stored !== undefined && stored.version > entry.version)
        throw superseded(target, stored, entry.version);
      return { ...entries, [owner.uid]: entry };
    });
  }

  async remove(target: WorkloadRef, ownerUid: string, version = Infinity): Promise<void> {
    await this.#change(target, (entries) => {
      const { [ownerUid]: stored, ...others } = entries;
      if (stored !== undefined && stored.version > version) throw superseded(target, stored, version);
      return others;
    });
  }

  /** Reads, changes and writes back under an optimistic lock, again where someone else was faster. */
  async #change(target: WorkloadRef, change: (entries: Entries) => Entries): Promise<void> {
    for (let round = 1; ; round += 1) {
      try {
        const found = await this.#client.find(CONFIG_MAPS, configMapKey(target));
        const before = found === undefined ? {} : this.#entries(found, target);
        await this.#write(target, found, change(before));
        return;
      } catch (error) {
        const raced = isConflict(error) || isAlreadyExists(error) || isNotFound(error);
        if (!raced || round >= MAX_ROUNDS) throw error;
      }
    }
  }

  #entries(found: ConfigMap, target: WorkloadRef): Entries {
    assertOurs(found, target);
    const sealed = found.data?.[target.kind];
    if (sealed === undefined) return {};
    return readDocument(this.#sealer.open(sealed, placeOf(target)), placeOf(target));
  }

  async #write(target: WorkloadRef, found: ConfigMap | undefined, entries: Entries): Promise<void> {
    const { [target.kind]: _replaced, ...others } = found?.data ?? {};
    const empty = Object.keys(entries).length === 0;
    const sealed = empty ? {} : { [target.kind]: this.#sealer.seal(writeDocument(entries), placeOf(target)) };
    const data = { ...others, ...sealed };
    if (found === undefined) {
      if (!empty) await this.#create(target, data, entries);
    } else if (Object.keys(data).length === 0) {
      await this.#client.delete(CONFIG_MAPS, configMapKey(target), preconditionsOf(found));
    } else {
      const metadata = { ...found.metadata, ownerReferences: ownersOf(target, entries, found) };
      await this.#client.update(CONFIG_MAPS, { ...found, metadata, data }, { fieldManager: FIELD_MANAGER });
    }
  }

  async #create(target: WorkloadRef, data: Record<string, string>, entries: Entries): Promise<void> {
    const { namespace, name } = configMapKey(target);
    const metadata = { namespace, name, labels: LABELS, ownerReferences: ownersOf(target, entries) };
    await this.#client.create(CONFIG_MAPS, { metadata, data }, { fieldManager: FIELD_MANAGER });
  }
}

/** Where the state of a workload is kept. */
export function configMapKey(target: WorkloadRef): { readonly namespace: string; readonly name: string } {
  return { namespace: target.namespace, name: `${target.name.slice(0, 238)}-rollback-state` };
}

function placeOf(target: WorkloadRef): string {
  return `${keyText(configMapKey(target))}/${target.kind}`;
}

function preconditionsOf(found: ConfigMap): { readonly resourceVersion?: string } {
  const version = found.metadata?.resourceVersion;
  return version === undefined ? {} : { resourceVersion: version };
}

/** The CostOptimizations whose entries are stored. Those of other kinds of the same name are kept as they are. */
function ownersOf(target: WorkloadRef, entries: Entries, found?: ConfigMap): OwnerReference[] {
  const near = Object.values(entries).filter((entry) => entry.owner.namespace === target.namespace);
  const owners = near.map((entry) => ({ ...OWNER, name: entry.owner.name, uid: entry.owner.uid }));
  const otherKinds = Object.keys(found?.data ?? {}).some((kind) => kind !== target.kind);
  if (!otherKinds) return owners;
  const known = new Set(owners.map((owner) => owner.uid));
  const others = (found?.metadata?.ownerReferences ?? []).filter((owner) => !known.has(owner.uid));
  return [...others, ...owners];
}

function superseded(target: WorkloadRef, stored: RollbackEntry, version: number): KcError {
  return new KcError('KC_ROLLBACK_STATE_SUPERSEDED', {
    object: `configmap ${keyText(configMapKey(target))}`,
    field: `data.${target.kind}`,
    problem: `holds version ${String(stored.version)} of the entry of ${stored.owner.name}, newer than ${String(version)}`,
  });
}

function assertOurs(found: ConfigMap, target: WorkloadRef): void {
  if (found.metadata?.labels?.['app.kubernetes.io/managed-by'] === LABELS['app.kubernetes.io/managed-by'])
    return;
  const key: ObjectKey = configMapKey(target);
  throw new KcError('KC_ROLLBACK_STATE_FOREIGN', {
    object: `configmap ${keyText(key)}`,
    problem: 'exists already and is not managed by KCloud',
  });
}
