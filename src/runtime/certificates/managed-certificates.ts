/**
 * Webhook certificates that look after themselves: one Secret shared by all replicas, renewed in time by whichever
 * replica comes first, and the bundle kept up to date in the webhook configurations.
 */
import type { Secret } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { messageOf } from '#errors/kc-error.ts';
import { isAlreadyExists, isConflict } from '#kube/client/api-error.ts';
import { MUTATING_WEBHOOKS, SECRETS, VALIDATING_WEBHOOKS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { RunSignals } from '../controller/controller-spec.ts';
import type { Runnable } from '../manager/runnable.ts';
import { type Permission, allow } from '../rbac/permission.ts';
import { hasBundle, publishBundle } from './ca-bundle.ts';
import { CertificateHolder } from './certificate-holder.ts';
import { type CertificateState, nextCertificates } from './certificate-plan.ts';

export interface ManagedCertificatesOptions {
  /** Must not be fenced: every replica serves webhooks. */
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Where the Secret is. */
  readonly namespace: string;
  readonly secretName: string;
  /** The names by which the API server calls us: `<service>.<namespace>.svc`. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** The configurations that carry our bundle, by name; missing ones are none of our business. */
  readonly configurations: { readonly mutating: readonly string[]; readonly validating: readonly string[] };
}

/** How soon a replica sees what another has renewed. */
const CHECK_MS = 60_000;
const RETRY_MS = 2000;
const FIELDS = { bundle: 'ca.crt', authorityKey: 'ca.key', cert: 'tls.crt', key: 'tls.key' } as const;

export class ManagedCertificates implements Runnable {
  readonly name = 'webhook certificates';
  readonly start = 'at once';
  /** For the admission server. */
  readonly serving = new CertificateHolder();
  readonly #options: ManagedCertificatesOptions;

  constructor(options: ManagedCertificatesOptions) {
    this.#options = options;
  }

  /** What `run` needs; for the generated manifests. */
  static permissions(
    options: Pick<ManagedCertificatesOptions, 'secretName' | 'configurations'>,
  ): readonly Permission[] {
    const { secretName, configurations } = options;
    return [
      allow(SECRETS, ['create'], { ownNamespace: true }),
      allow(SECRETS, ['get', 'update'], { ownNamespace: true, names: [secretName] }),
      allow(MUTATING_WEBHOOKS, ['get', 'patch'], { names: configurations.mutating }),
      allow(VALIDATING_WEBHOOKS, ['get', 'patch'], { names: configurations.validating }),
    ];
  }

  async run(signals: RunSignals): Promise<void> {
    const { clock, logger } = this.#options;
    while (!signals.stop.aborted) {
      const waitMs = await this.#check().then(
        () => CHECK_MS,
        (error: unknown) => {
          logger.warn('could not look after webhook certificates', { error: messageOf(error) });
          return RETRY_MS;
        },
      );
      await sleep(clock, waitMs, signals.stop).catch(() => undefined);
    }
  }

  /** One look at everything: renew what is due, serve what is there, publish the bundle. */
  async #check(): Promise<void> {
    const { client, namespace, secretName } = this.#options;
    const secret = await client.find(SECRETS, { namespace, name: secretName });
    const state = secret === undefined ? undefined : stateOf(secret);
    const next = nextCertificates({
      nowMs: this.#options.clock.now(),
      state,
      dnsNames: this.#options.dnsNames,
      ipAddresses: this.#options.ipAddresses ?? [],
      isBundlePublished: state !== undefined && (await this.#isPublished(state.bundle)),
      serial: () => this.#options.random.bytes(16),
    });
    if (next !== state && !(await this.#store(next, secret))) return this.#check();
    this.serving.set(next.serving);
    await this.#publish(next.bundle);
  }

  /** False where another replica was faster; what it wrote then holds. */
  async #store(state: CertificateState, secret: Secret | undefined): Promise<boolean> {
    const { client, namespace, secretName, logger } = this.#options;
    const data = dataOf(state);
    try {
      if (secret !== undefined)
        await client.update(SECRETS, { ...secret, data: { ...secret.data, ...data } });
      else await client.create(SECRETS, { metadata: { namespace, name: secretName }, type: 'Opaque', data });
      logger.info('webhook certificates renewed', { secret: secretName });
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return false;
      throw error;
    }
  }

  async #isPublished(bundle: string): Promise<boolean> {
    const found = await this.#configurations();
    return found.every(({ object }) => hasBundle(object, bundle));
  }

  async #publish(bundle: string): Promise<void> {
    for (const { type, object } of await this.#configurations()) {
      if (!hasBundle(object, bundle)) await publishBundle(this.#options.client, { type, object, bundle });
    }
  }

  async #configurations() {
    const { client, configurations } = this.#options;
    const asked = [
      ...configurations.mutating.map((name) => ({ type: MUTATING_WEBHOOKS, name })),
      ...configurations.validating.map((name) => ({ type: VALIDATING_WEBHOOKS, name })),
    ];
    const found = await Promise.all(
      asked.map(async ({ type, name }) => ({ type, object: await client.find<KubeObject>(type, { name }) })),
    );
    return found.flatMap(({ type, object }) => (object === undefined ? [] : [{ type, object }]));
  }
}

function stateOf(secret: Secret): CertificateState {
  const field = (name: string): string => Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8');
  return {
    bundle: field(FIELDS.bundle),
    authorityKey: field(FIELDS.authorityKey),
    serving: { cert: field(FIELDS.cert), key: field(FIELDS.key) },
  };
}

function dataOf(state: CertificateState): Record<string, string> {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  return {
    [FIELDS.bundle]: encode(state.bundle),
    [FIELDS.authorityKey]: encode(state.authorityKey),
    [FIELDS.cert]: encode(state.serving.cert),
    [FIELDS.key]: encode(state.serving.key),
  };
}
