/** The webhooks that are configured at the moment. */
import type { ApiObject } from '../storage/api-object.ts';
import type { Store } from '../storage/store.ts';
import { type Hook, type HookKind, hooksOf } from './hook.ts';

const PLURALS: Readonly<Record<HookKind, string>> = {
  mutating: 'mutatingwebhookconfigurations',
  validating: 'validatingwebhookconfigurations',
};
const GROUP = 'admissionregistration.k8s.io';

export class HookSource {
  readonly #store: Store;
  readonly #known = new WeakMap<ApiObject, readonly Hook[]>();
  readonly #current = new Map<HookKind, readonly Hook[]>();

  constructor(store: Store) {
    this.#store = store;
    for (const [kind, plural] of Object.entries(PLURALS)) {
      store.collection({ group: GROUP, plural }).listen(() => this.#current.delete(kind as HookKind));
    }
  }

  /** By the names of their configurations, which is the order in which the storage lists them. */
  hooks(kind: HookKind): readonly Hook[] {
    const current = this.#current.get(kind);
    if (current !== undefined) return current;
    const configurations = this.#store.collection({ group: GROUP, plural: PLURALS[kind] }).list();
    const hooks = configurations.flatMap((configuration) => this.#hooksOf(kind, configuration));
    this.#current.set(kind, hooks);
    return hooks;
  }

  #hooksOf(kind: HookKind, configuration: ApiObject): readonly Hook[] {
    const known = this.#known.get(configuration);
    if (known !== undefined) return known;
    const hooks = hooksOf(kind, configuration);
    this.#known.set(configuration, hooks);
    return hooks;
  }
}
