import { describe, expect, it } from 'vitest';
import type { ConfigMap } from '#apis/kubernetes/builtin.ts';
import { CONFIG_MAPS, NAMESPACES, PODS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import type { JsonObject } from '../json/json.ts';
import { PlaygroundApiServer } from '../playground-api-server.ts';
import type { WebhookCaller } from './webhook-caller.ts';

const CONFIGURATION = (plural: string, kind: string): ResourceType => ({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced: false,
});
const MUTATING = CONFIGURATION('mutatingwebhookconfigurations', 'MutatingWebhookConfiguration');
const VALIDATING = CONFIGURATION('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration');

interface Request {
  readonly uid: string;
  readonly operation: string;
  readonly object: ConfigMap | null;
  readonly oldObject: ConfigMap | null;
  readonly [key: string]: unknown;
}
type Handler = (request: Request) => JsonObject;

/** A server whose webhooks are functions, told apart by the path of their address. */
async function clusterWith(handlers: Readonly<Record<string, Handler>>) {
  const calls: { readonly path: string; readonly request: Request }[] = [];
  const webhooks: WebhookCaller = (url, review) => {
    const path = new URL(url).pathname.slice(1);
    const request = review['request'] as Request;
    calls.push({ path, request });
    const handler = handlers[path];
    if (handler === undefined) return Promise.reject(new Error('connection refused'));
    const response = { uid: request.uid, allowed: true, ...handler(request) };
    return Promise.resolve({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
  };
  const clock = new SystemClock({ unref: true });
  const server = await PlaygroundApiServer.create({ clock, random: new SeededRandom(1), webhooks });
  return { client: new KubeClient(server), calls };
}

function hook(path: string, more: JsonObject = {}): JsonObject {
  return {
    name: `${path}.example.com`,
    clientConfig: { url: `https://hooks.example.com/${path}` },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    ...more,
  };
}

async function register(
  client: KubeClient,
  type: ResourceType,
  ...webhooks: readonly JsonObject[]
): Promise<void> {
  const object: KubeObject & JsonObject = { metadata: { name: 'test' }, webhooks };
  await client.create(type, object);
}

function patched(...operations: readonly JsonObject[]): JsonObject {
  return { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') };
}

function setData(key: string, value: string): JsonObject {
  return patched({ op: 'add', path: `/data/${key}`, value });
}

const MAP: ConfigMap = { metadata: { namespace: 'default', name: 'm' }, data: { a: '1' } };

describe('mutating webhooks', () => {
  it('change what is stored, one after the other', async () => {
    const { client, calls } = await clusterWith({
      first: () => setData('first', 'yes'),
      second: ({ object }) => setData('second', JSON.stringify(object?.data)),
    });
    await register(client, MUTATING, hook('first'), hook('second'));
    const created = await client.create(CONFIG_MAPS, MAP);
    expect(created.data).toEqual({ a: '1', first: 'yes', second: '{"a":"1","first":"yes"}' });
    expect(calls[0]?.request).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      name: 'm',
      namespace: 'default',
      operation: 'CREATE',
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      userInfo: { username: 'kubernetes-admin' },
    });
  });

  it('are asked again where they want to be and another one changed something', async () => {
    const { client, calls } = await clusterWith({ early: () => ({}), late: () => setData('late', '1') });
    await register(client, MUTATING, hook('early', { reinvocationPolicy: 'IfNeeded' }), hook('late'));
    await client.create(CONFIG_MAPS, MAP);
    expect(calls.map(({ path }) => path)).toEqual(['early', 'late', 'early']);
  });

  it('are not heard about objects that they do not select', async () => {
    const { client, calls } = await clusterWith({
      objects: () => ({}),
      namespaces: () => ({}),
      conditions: () => ({}),
      subresources: () => ({}),
    });
    await client.create(NAMESPACES, { metadata: { name: 'team', labels: { team: 'a' } } });
    await register(
      client,
      MUTATING,
      hook('objects', { objectSelector: { matchLabels: { wanted: 'yes' } } }),
      hook('namespaces', { namespaceSelector: { matchLabels: { team: 'a' } } }),
      hook('conditions', {
        matchConditions: [
          { name: 'big', expression: "object.data.a == '2' && request.operation == 'CREATE'" },
        ],
      }),
    );
    await client.create(CONFIG_MAPS, MAP);
    expect(calls).toEqual([]);
    await client.create(CONFIG_MAPS, {
      metadata: { namespace: 'team', name: 'm', labels: { wanted: 'yes' } },
      data: { a: '2' },
    });
    expect(calls.map(({ path }) => path)).toEqual(['objects', 'namespaces', 'conditions']);
  });

  it('refuse the request where they cannot be called, unless failures are ignored', async () => {
    const { client } = await clusterWith({});
    await register(client, MUTATING, hook('gone', { timeoutSeconds: 3 }));
    await expect(client.create(CONFIG_MAPS, MAP)).rejects.toMatchObject({
      httpStatus: 500,
      message: expect.stringContaining(
        'Internal error occurred: failed calling webhook "gone.example.com": failed to call webhook: ' +
          'Post "https://hooks.example.com/gone?timeout=3s": connection refused',
      ) as string,
    });
    await client.delete(MUTATING, { name: 'test' });
    await register(client, MUTATING, hook('gone', { failurePolicy: 'Ignore' }));
    await client.create(CONFIG_MAPS, MAP);
  });

  it('do not see requests that are about webhooks', async () => {
    const { client, calls } = await clusterWith({ all: () => ({ allowed: false }) });
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }];
    await register(client, MUTATING, hook('all', { rules }));
    await client.delete(MUTATING, { name: 'test' });
    expect(calls).toEqual([]);
  });
});

describe('validating webhooks', () => {
  it('refuse with what they say, and pass warnings on', async () => {
    const { client } = await clusterWith({
      no: ({ object }) => ({
        allowed: object?.data?.['a'] !== 'bad',
        status: { code: 403, reason: 'Forbidden', message: 'that is bad' },
      }),
    });
    await register(client, VALIDATING, hook('no'));
    await client.create(CONFIG_MAPS, MAP);
    const bad = { ...MAP, metadata: { ...MAP.metadata, name: 'bad' }, data: { a: 'bad' } };
    await expect(client.create(CONFIG_MAPS, bad)).rejects.toMatchObject({
      httpStatus: 403,
      message: expect.stringContaining(
        'admission webhook "no.example.com" denied the request: that is bad',
      ) as string,
    });
  });

  it('see deletions with the object that is about to go', async () => {
    const { client, calls } = await clusterWith({ see: () => ({}) });
    await client.create(CONFIG_MAPS, MAP);
    await register(client, VALIDATING, hook('see'));
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'm' });
    expect(calls.map(({ request }) => [request.operation, request.object, request.oldObject?.data])).toEqual([
      ['DELETE', null, { a: '1' }],
    ]);
  });

  it('see an eviction as an eviction', async () => {
    const { client, calls } = await clusterWith({ evictions: () => ({ allowed: false }) });
    const rules = [
      { apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['pods/eviction'] },
    ];
    await register(client, VALIDATING, hook('evictions', { rules }));
    await client.create(PODS, {
      metadata: { namespace: 'default', name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    await expect(client.evict({ namespace: 'default', name: 'p' })).rejects.toMatchObject({
      httpStatus: 400,
    });
    expect(calls[0]?.request).toMatchObject({
      kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      subResource: 'eviction',
      object: { kind: 'Eviction', metadata: { name: 'p' } },
    });
  });
});
