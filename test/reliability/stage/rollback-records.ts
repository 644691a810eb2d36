/** Reads the stored originals as they lie in the cluster: opened with the key, as nobody but the operator can. */
import type { ConfigMap, Secret } from '#apis/kubernetes/builtin.ts';
import { keyText } from '#apis/kubernetes/object.ts';
import { configMapKey } from '#adapters/rollback-store/config-map-store.ts';
import { type Entries, readDocument } from '#adapters/rollback-store/entry-document.ts';
import { readKeyRing } from '#adapters/rollback-store/key-ring.ts';
import { Sealer } from '#adapters/rollback-store/sealer.ts';
import { DEFAULT_SETTINGS } from '#commands/operator/settings.ts';
import { KEY_SECRET } from '#controllers/cost-optimization/permissions.ts';
import { CONFIG_MAPS, SECRETS } from '#kube/client/builtin-types.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { systemRandom } from '#platform/random.ts';
import type { ClusterAccess } from '#playground/fleet/cluster-access.ts';

export class RollbackRecords {
  readonly #access: ClusterAccess;
  #sealer: Sealer | undefined;

  constructor(access: ClusterAccess) {
    this.#access = access;
  }

  /** The entries of a workload by the uid of their owner; empty where nothing is stored. */
  of(target: WorkloadRef): Entries {
    return this.in(target, this.#access.get<ConfigMap>(CONFIG_MAPS, configMapKey(target)));
  }

  /** What a ConfigMap, or a former state of it, holds about a workload. */
  in(target: WorkloadRef, configMap: ConfigMap | undefined): Entries {
    const sealed = configMap?.data?.[target.kind];
    if (sealed === undefined) return {};
    const place = `${keyText(configMapKey(target))}/${target.kind}`;
    return readDocument(this.#opener().open(sealed, place), place);
  }

  #opener(): Sealer {
    if (this.#sealer !== undefined) return this.#sealer;
    const key = { namespace: DEFAULT_SETTINGS.namespace, name: KEY_SECRET };
    const secret = this.#access.get<Secret>(SECRETS, key);
    if (secret === undefined) throw new Error('there is no key Secret');
    this.#sealer = new Sealer(readKeyRing(secret), systemRandom);
    return this.#sealer;
  }
}
