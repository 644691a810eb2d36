import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { type JsonPatchOperation, applyJsonPatch } from '#kube/patch/json-patch.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { fixedCredentials } from '#kube/transport/credentials.ts';
import { HttpTransport } from '#kube/transport/http-transport.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { CertificateHolder } from '../certificates/certificate-holder.ts';
import { nextCertificates } from '../certificates/certificate-plan.ts';
import { Health } from '../manager/health.ts';
import { Admission } from './admission.ts';
import type { AdmissionResponse } from './admission-review.ts';
import { admissionServer } from './admission-server.ts';
import { type Webhook, exceptNamespaces } from './webhook.ts';
import { mutatingConfiguration, validatingConfiguration } from './webhook-configuration.ts';

interface Widget extends KubeObject {
  readonly spec?: { readonly size?: number };
}

const WIDGETS: ResourceType<Widget> = {
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

const defaulting: Webhook<Widget> = {
  name: 'default.widgets.example.com',
  path: '/default',
  type: WIDGETS,
  operations: ['CREATE', 'UPDATE'],
  mutate: (widget) => ({ ...widget, spec: { size: 1, ...widget.spec } }),
};

const validating: Webhook<Widget> = {
  name: 'validate.widgets.example.com',
  path: '/validate',
  type: WIDGETS,
  operations: ['CREATE', 'DELETE'],
  failurePolicy: 'Fail',
  namespaceSelector: exceptNamespaces('kube-system'),
  matchConditions: [{ name: 'not-us', expression: "request.userInfo.username != 'us'" }],
  validate: ({ operation, object }) => {
    if (operation === 'DELETE') return { problems: [] };
    const size = object?.spec?.size ?? 0;
    const problems = [
      ...(size > 9 ? [{ field: 'spec.size', message: 'must be at most 9' }] : []),
      ...(size % 2 === 1 ? [{ field: 'spec.size', message: 'must be even' }] : []),
    ];
    return { problems, warnings: size === 8 ? ['8 is a lot'] : [] };
  },
};

let clock: ManualClock;
let admission: Admission;
let outcomes: string[];

beforeEach(() => {
  clock = new ManualClock();
  outcomes = [];
  const observer = {
    admitted: (webhook: string, outcome: string) =>
      outcomes.push(`${webhook.split('.')[0] ?? ''} ${outcome}`),
  };
  admission = new Admission({ clock, logger: silentLogger, observer });
  admission.add(defaulting);
  admission.add(validating);
});

function review(object: Widget | null, operation = 'CREATE') {
  const request = { uid: 'r-1', operation, userInfo: { username: 'ada' }, object, oldObject: null };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
}

async function ask(path: string, object: Widget | null, operation?: string): Promise<AdmissionResponse> {
  return (await admission.review(path, review(object, operation))).response;
}

describe('admission', () => {
  it('mutates by a patch that makes the object so', async () => {
    const object: Widget = { metadata: { name: 'w' } };
    const response = await ask('/default', object);
    expect(response).toMatchObject({ uid: 'r-1', allowed: true, patchType: 'JSONPatch' });
    const steps = JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString()) as JsonPatchOperation[];
    expect(applyJsonPatch(object, steps)).toEqual({ metadata: { name: 'w' }, spec: { size: 1 } });
  });

  it('sends no patch where the object is right already', async () => {
    expect(await ask('/default', { spec: { size: 5 } })).toEqual({ uid: 'r-1', allowed: true });
  });

  it('refuses with every field that is wrong', async () => {
    expect(await ask('/validate', { spec: { size: 11 } })).toEqual({
      uid: 'r-1',
      allowed: false,
      status: {
        code: 422,
        reason: 'Invalid',
        message: 'spec.size: must be at most 9; spec.size: must be even',
        details: {
          causes: [
            { reason: 'FieldValueInvalid', field: 'spec.size', message: 'must be at most 9' },
            { reason: 'FieldValueInvalid', field: 'spec.size', message: 'must be even' },
          ],
        },
      },
    });
  });

  it('warns without refusing, and asks about deletions too', async () => {
    expect(await ask('/validate', { spec: { size: 8 } })).toEqual({
      uid: 'r-1',
      allowed: true,
      warnings: ['8 is a lot'],
    });
    expect(await ask('/validate', null, 'DELETE')).toEqual({ uid: 'r-1', allowed: true });
  });

  it.each([
    ['an unknown path', '/nowhere', review({})],
    ['another version', '/validate', { ...review({}), apiVersion: 'admission.k8s.io/v1beta1' }],
    ['something else', '/validate', { kind: 'Pod' }],
    ['nothing', '/validate', null],
    [
      'a review without a request',
      '/validate',
      { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' },
    ],
  ])('cannot decide about %s', async (_name, path, body) => {
    await expect(admission.review(path, body)).rejects.toMatchObject({ code: 'KC_ADMISSION_FAILED' });
  });

  it('gives up after a second, and contains what a webhook throws', async () => {
    admission.add({ ...validating, path: '/slow', validate: () => new Promise(() => undefined) });
    admission.add({ ...validating, path: '/broken', validate: () => { throw new TypeError('a bug'); } }); // prettier-ignore
    const slow = expect(admission.review('/slow', review({}))).rejects.toThrow(/no decision in time/);
    await clock.advance(1000);
    await slow;
    await expect(admission.review('/broken', review({}))).rejects.toThrow(/a bug/);
    await ask('/default', {});
    await ask('/validate', { spec: { size: 99 } });
    expect(outcomes).toEqual(['validate failed', 'validate failed', 'default mutated', 'validate denied']);
    expect(clock.pending).toBe(0);
  });

  it('keeps each path for one webhook', () => {
    expect(() => { admission.add(defaulting); }).toThrow(/two webhooks/); // prettier-ignore
  });
});

describe('webhook configurations', () => {
  const options = {
    name: 'widgets',
    target: { service: { namespace: 'sys', name: 'hooks' } },
    caBundle: 'PEM',
  };

  it('tell the API server what the webhooks declare, failing open unless told otherwise', () => {
    const webhooks = admission.all();
    expect(mutatingConfiguration(webhooks, options)).toMatchObject({
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'widgets' },
      webhooks: [
        {
          name: 'default.widgets.example.com',
          failurePolicy: 'Ignore',
          timeoutSeconds: 2,
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: {
            service: { namespace: 'sys', name: 'hooks', path: '/default', port: 443 },
            caBundle: btoa('PEM'),
          },
          rules: [
            {
              apiGroups: ['example.com'],
              apiVersions: ['v1'],
              resources: ['widgets'],
              operations: ['CREATE', 'UPDATE'],
              scope: 'Namespaced',
            },
          ],
        },
      ],
    });
    expect(
      validatingConfiguration(webhooks, { ...options, target: { url: 'https://127.0.0.1:9443/' } }),
    ).toMatchObject({
      webhooks: [
        {
          failurePolicy: 'Fail',
          clientConfig: { url: 'https://127.0.0.1:9443/validate' },
          namespaceSelector: {
            matchExpressions: [
              { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] },
            ],
          },
          matchConditions: [{ name: 'not-us' }],
        },
      ],
    });
  });

  it('are absent where nothing is to be configured', () => {
    expect(mutatingConfiguration([validating], options)).toBeUndefined();
    expect(validatingConfiguration([defaulting], options)).toBeUndefined();
  });
});

describe('the admission server', () => {
  function issued() {
    const serial = () => systemRandom.bytes(16);
    return nextCertificates({
      nowMs: Date.now(),
      state: undefined,
      dnsNames: ['hooks'],
      isBundlePublished: true,
      serial,
    });
  }

  it('answers over TLS, changes its certificate while running, and says when it is ready', async () => {
    const holder = new CertificateHolder();
    const health = new Health();
    const stop = new AbortController();
    const listening = Promise.withResolvers<string>();
    const server = admissionServer({
      admission,
      certificates: holder,
      health,
      port: 0,
      host: '127.0.0.1',
      onListening: listening.resolve,
    });
    const run = server.run({ stop: stop.signal, abort: stop.signal });
    expect((await health.ready()).ok).toBe(false);
    const [one, two] = [issued(), issued()];
    holder.set(one.serving);
    const address = await listening.promise;
    expect((await health.ready()).ok).toBe(true);
    const post = async (ca: string, path: string, body: unknown) => {
      const transport = new HttpTransport({
        server: address,
        clock: new SystemClock(),
        tls: () => ({ ca, serverName: 'hooks' }),
        credentials: fixedCredentials({ headers: {} }),
      });
      const headers = { 'content-type': 'application/json' };
      const answer = await transport.send({ method: 'POST', path, headers, body: JSON.stringify(body), timeoutMs: 5000 }).finally(() => { transport.close(); }); // prettier-ignore
      return [answer.status, await answer.text()] as const;
    };
    const [status, answer] = await post(one.bundle, '/validate?timeout=2s', review({ spec: { size: 4 } }));
    expect([status, JSON.parse(answer)]).toEqual([
      200,
      { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'r-1', allowed: true } },
    ]);
    expect((await post(one.bundle, '/nowhere', review({})))[0]).toBe(500);
    expect((await post(one.bundle, '/validate', 'no review'))[1]).toMatch(/not an AdmissionReview/);
    holder.set(two.serving);
    expect((await post(two.bundle, '/validate', review({ spec: { size: 4 } })))[0]).toBe(200);
    await expect(post(one.bundle, '/validate', review({}))).rejects.toThrow(/certificate/);
    stop.abort();
    await run;
    expect((await health.ready()).ok).toBe(false);
  });
});
