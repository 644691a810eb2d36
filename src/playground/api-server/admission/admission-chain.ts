/** All of admission, in its order: what the server sets itself, then what webhooks say. */
import { deepEqual } from '../json/equality.ts';
import { MutationRound } from '../webhooks/mutation-round.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { Admission, Attributes, WriteAttributes } from './admission.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeTaint } from './node-taint.ts';
import type { AdmissionPlugin, PluginContext } from './plugin.ts';
import { defaultTolerations, priority } from './pod-defaults.ts';
import { serviceAccount } from './service-account.ts';
import { serviceAddresses } from './service-addresses.ts';

const PLUGINS: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  serviceAccount,
  nodeTaint,
  priority,
  defaultTolerations,
  serviceAddresses,
];

/** The webhooks of the cluster. */
export interface Webhooks {
  /** True where some webhook may want to see the operation. */
  concern(attributes: Attributes, kind: 'mutating' | 'validating'): boolean;
  /** The object with what webhooks changed; the same object where they changed nothing. */
  mutate(attributes: Attributes, round: MutationRound): Promise<ApiObject | undefined>;
  validate(attributes: Attributes): Promise<void>;
}

export class AdmissionChain implements Admission {
  readonly #context: PluginContext;
  readonly #webhooks: Webhooks;

  constructor(context: PluginContext, webhooks: Webhooks) {
    this.#context = context;
    this.#webhooks = webhooks;
  }

  async admit(attributes: WriteAttributes): Promise<ApiObject> {
    const object = this.#runPlugins(attributes);
    const first = { ...attributes, object };
    if (!this.#webhooks.concern(first, 'mutating')) return object;
    const round = new MutationRound();
    const changed = (await this.#webhooks.mutate(first, round)) ?? object;
    if (!round.isAnotherWanted) return changed;
    const again = this.#runPlugins({ ...attributes, object: changed });
    round.beginSecond(!deepEqual(again, changed));
    return (await this.#webhooks.mutate({ ...attributes, object: again }, round)) ?? again;
  }

  async validate(attributes: Attributes): Promise<void> {
    const isDeletion = attributes.operation === 'DELETE';
    if (isDeletion && this.#webhooks.concern(attributes, 'mutating')) {
      await this.#webhooks.mutate(attributes, new MutationRound());
    }
    for (const plugin of PLUGINS) plugin.validate?.(attributes, this.#context);
    if (this.#webhooks.concern(attributes, 'validating')) await this.#webhooks.validate(attributes);
  }

  #runPlugins(attributes: WriteAttributes): ApiObject {
    return PLUGINS.reduce(
      (object, plugin) => plugin.admit?.({ ...attributes, object }, this.#context) ?? object,
      attributes.object,
    );
  }
}
