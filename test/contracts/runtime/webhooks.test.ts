/** Webhooks called by the API server for real, with an authority of our own. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isInvalid } from '#kube/client/api-error.ts';
import { CONFIG_MAPS, MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS } from '#kube/client/builtin-types.ts';
import { silentLogger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { Admission } from '#runtime/admission/admission.ts';
import { admissionServer } from '#runtime/admission/admission-server.ts';
import type { Webhook } from '#runtime/admission/webhook.ts';
import { mutatingConfiguration, validatingConfiguration } from '#runtime/admission/webhook-configuration.ts';
import { ManagedCertificates } from '#runtime/certificates/managed-certificates.ts';
import { Health } from '#runtime/manager/health.ts';
import type { ConfigMap } from '#apis/kubernetes/builtin.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { configMap, freshNamespace } from './api-contract.ts';
import { clock } from './process.ts';

const NAME = 'contract-webhooks';
const shared = {
  type: CONFIG_MAPS,
  operations: ['CREATE', 'UPDATE'],
  objectSelector: { matchLabels: { hooked: 'yes' } },
} as const;

const defaulting: Webhook<ConfigMap> = {
  ...shared,
  name: 'default.contract.kcloud.io',
  path: '/default',
  mutate: (object) => ({ ...object, data: { flavour: 'vanilla', ...object.data } }),
};

const validating: Webhook<ConfigMap> = {
  ...shared,
  name: 'validate.contract.kcloud.io',
  path: '/validate',
  failurePolicy: 'Fail',
  validate: ({ object, userInfo }) => ({
    problems:
      object?.data?.['flavour'] === 'mud'
        ? [{ field: 'data.flavour', message: `mud is nothing for ${userInfo.username ?? ''}` }]
        : [],
  }),
};

describeTargets('webhooks', (target) => {
  const client = () => target().client;
  const stop = new AbortController();
  const ended: Promise<void>[] = [];

  beforeAll(async () => {
    const admission = new Admission({ clock, logger: silentLogger });
    admission.add(defaulting);
    admission.add(validating);
    const listening = Promise.withResolvers<string>();
    const namespace = await freshNamespace(client());
    const certificates = new ManagedCertificates({
      client: client(),
      clock,
      random: systemRandom,
      logger: silentLogger,
      namespace,
      secretName: NAME,
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
      configurations: { mutating: [NAME], validating: [NAME] },
    });
    const server = admissionServer({
      admission,
      certificates: certificates.serving,
      health: new Health(),
      port: 0,
      host: '127.0.0.1',
      onListening: listening.resolve,
    });
    const signals = { stop: stop.signal, abort: stop.signal };
    ended.push(server.run(signals));
    // The first run makes the certificates; the configurations come after, as with a fresh installation.
    const first = certificates.run(signals);
    const options = { name: NAME, target: { url: await listening.promise } };
    const mutating = mutatingConfiguration(admission.all(), options);
    const validatingOnly = validatingConfiguration(admission.all(), options);
    if (mutating !== undefined) await client().create(MUTATING_WEBHOOKS, mutating);
    if (validatingOnly !== undefined) await client().create(VALIDATING_WEBHOOKS, validatingOnly);
    ended.push(first);
    const second = new ManagedCertificates({
      client: client(),
      clock,
      random: systemRandom,
      logger: silentLogger,
      namespace,
      secretName: NAME,
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
      configurations: { mutating: [NAME], validating: [NAME] },
    });
    ended.push(second.run(signals));
  });

  afterAll(async () => {
    stop.abort();
    await Promise.all(ended);
    await client().delete(MUTATING_WEBHOOKS, { name: NAME });
    await client().delete(VALIDATING_WEBHOOKS, { name: NAME });
  });

  function hooked(namespace: string, name: string, data: Record<string, string>): ConfigMap {
    return { ...configMap(namespace, name), metadata: { namespace, name, labels: { hooked: 'yes' } }, data };
  }

  it('change objects by patch and refuse them field by field', async () => {
    const namespace = await freshNamespace(client());
    await eventually('the webhooks to be called', async () => {
      const made = await client()
        .create(CONFIG_MAPS, hooked(namespace, `a-${systemRandom.uuid()}`, {}))
        .catch(() => undefined);
      return made?.data?.['flavour'] === 'vanilla';
    });
    const error: unknown = await client()
      .create(CONFIG_MAPS, hooked(namespace, 'b', { flavour: 'mud' }))
      .catch((caught: unknown) => caught);
    expect(isInvalid(error)).toBe(true);
    expect(String(error)).toMatch(
      /admission webhook "validate\.contract\.kcloud\.io" denied the request: data\.flavour: mud is nothing for/,
    );
    const untouched = await client().create(CONFIG_MAPS, configMap(namespace, 'c'));
    expect(untouched.data).toEqual({ value: '1' });
  });
});
