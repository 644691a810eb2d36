import { beforeEach, describe, expect, it } from 'vitest';
import { FakeApiServer, failure, response, success } from '../testing/fake-api-server.ts';
import type { WireRequest } from '../transport/transport.ts';
import {
  ApiError,
  isConflict,
  isGone,
  isInvalid,
  isNotFound,
  isTooManyRequests,
  isTransient,
} from './api-error.ts';
import { CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, NODES, PODS } from './builtin-types.ts';
import { KubeClient } from './kube-client.ts';

let server: FakeApiServer;
let client: KubeClient;
const key = { namespace: 'shop', name: 'web' };

beforeEach(() => {
  server = new FakeApiServer();
  client = new KubeClient(server);
});

/** What the last request looked like on the wire. */
function wire(): [string, string, string | undefined, unknown] {
  const { method, path, headers, body } = server.requests.at(-1) as WireRequest;
  return [method, path, headers['content-type'], body === undefined ? undefined : JSON.parse(body)];
}

/** Lets the server answer anything with an empty object. */
function echo(): void {
  server.intercept = () => success({});
}

describe('a client on the wire', () => {
  beforeEach(echo);

  const deployments = '/apis/apps/v1/namespaces/shop/deployments';

  it('reads objects and collections, with selectors, across and within namespaces', async () => {
    server.intercept = () => success({ metadata: {}, items: [] });
    await client.get(NODES, { name: 'n 1' });
    expect(wire()[1]).toBe('/api/v1/nodes/n%201');
    await client.listPage(PODS, { labelSelector: 'a=b,c!=d', fieldSelector: 'spec.nodeName=x', limit: 5 });
    expect(wire()[1]).toBe(
      '/api/v1/pods?labelSelector=a%3Db%2Cc%21%3Dd&fieldSelector=spec.nodeName%3Dx&limit=5',
    );
    await client.listPage(PODS, { namespace: 'shop' });
    expect(wire()[1]).toBe('/api/v1/namespaces/shop/pods');
    await client.get(NAMESPACES, { name: 'shop' });
    expect(wire()[1]).toBe('/api/v1/namespaces/shop');
  });

  it('names kind and version of what it writes', async () => {
    await client.create(CONFIG_MAPS, { metadata: key }, { fieldManager: 'me', dryRun: true });
    expect(wire()).toEqual([
      'POST',
      '/api/v1/namespaces/shop/configmaps?fieldManager=me&dryRun=All',
      'application/json',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: key },
    ]);
    await client.update(DEPLOYMENTS, { metadata: key }, { subresource: 'status' });
    expect(wire().slice(0, 2)).toEqual(['PUT', `${deployments}/web/status`]);
  });

  it.each([
    ['merge', 'application/merge-patch+json'],
    ['strategic', 'application/strategic-merge-patch+json'],
    ['json', 'application/json-patch+json'],
    ['apply', 'application/apply-patch+yaml'],
  ] as const)('sends a %s patch as %s', async (patch, type) => {
    await client.patch(DEPLOYMENTS, key, { patch, body: {}, fieldManager: 'me' });
    expect(wire()).toEqual(['PATCH', `${deployments}/web?fieldManager=me`, type, {}]);
  });

  it('applies without what the server keeps for itself', async () => {
    const metadata = { ...key, resourceVersion: '5', managedFields: [{}], labels: { a: 'b' } };
    await client.apply(DEPLOYMENTS, { metadata }, { fieldManager: 'me', force: true });
    expect(wire()).toEqual([
      'PATCH',
      `${deployments}/web?fieldManager=me&force=true`,
      'application/apply-patch+yaml',
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...key, labels: { a: 'b' } } },
    ]);
  });

  it('reaches the subresources', async () => {
    await client.scale(DEPLOYMENTS, key);
    expect(wire()[1]).toBe(`${deployments}/web/scale`);
    await client.setScale(DEPLOYMENTS, key, { replicas: 3, resourceVersion: '7' });
    expect(wire()).toEqual([
      'PATCH',
      `${deployments}/web/scale`,
      'application/merge-patch+json',
      { spec: { replicas: 3 }, metadata: { resourceVersion: '7' } },
    ]);
    await client.evict(key, { gracePeriodSeconds: 5 });
    expect(wire()).toEqual([
      'POST',
      '/api/v1/namespaces/shop/pods/web/eviction',
      'application/json',
      {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: key,
        deleteOptions: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 5 },
      },
    ]);
    await client.resizePod(key, { spec: { containers: [] } });
    expect(wire().slice(0, 3)).toEqual([
      'PATCH',
      '/api/v1/namespaces/shop/pods/web/resize',
      'application/strategic-merge-patch+json',
    ]);
    await client.logs(key, { container: 'c', tailLines: 10, previous: true });
    expect(wire()[1]).toBe('/api/v1/namespaces/shop/pods/web/log?container=c&tailLines=10&previous=true');
  });

  it('deletes with its preconditions', async () => {
    await client.delete(PODS, key, { uid: 'u', propagation: 'Foreground', dryRun: true });
    expect(wire()).toEqual([
      'DELETE',
      '/api/v1/namespaces/shop/pods/web',
      'application/json',
      {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Foreground',
        dryRun: ['All'],
        preconditions: { uid: 'u' },
      },
    ]);
  });
});

describe('what a client gets back', () => {
  it('is every page of a list as one, each object with its kind', async () => {
    for (let index = 0; index < 7; index += 1) {
      server.storage.create('api/v1/configmaps', { metadata: { namespace: 'shop', name: String(index) } }, 0);
    }
    const list = await client.list(CONFIG_MAPS, { limit: 3 });
    expect(list.items.map((item) => `${item.kind ?? ''} ${item.metadata?.name ?? ''}`)).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((index) => `ConfigMap ${String(index)}`),
    );
    expect(list.metadata).toEqual({ resourceVersion: String(server.storage.version) });
    expect(server.requests).toHaveLength(3);
  });

  it('is an empty list where the server writes null', async () => {
    server.intercept = () => success({ metadata: { resourceVersion: '1' }, items: null });
    expect((await client.list(CONFIG_MAPS)).items).toEqual([]);
  });

  it('is undefined for an object that does not exist, where asked that way', async () => {
    expect(await client.find(CONFIG_MAPS, key)).toBeUndefined();
    await expect(client.get(CONFIG_MAPS, key)).rejects.toSatisfy(isNotFound);
  });

  it.each([
    [409, 'Conflict', isConflict],
    [410, 'Expired', isGone],
    [422, 'Invalid', isInvalid],
    [429, 'TooManyRequests', isTooManyRequests],
    [500, 'InternalError', isTransient],
  ])('is an error that tells %i %s apart', async (code, reason, test) => {
    server.intercept = () => failure(code, reason, 'because');
    const call = client.get(CONFIG_MAPS, key);
    await expect(call).rejects.toSatisfy(test);
    await expect(call).rejects.toThrow(`get configmaps shop/web: ${String(code)} ${reason}: because`);
  });

  it.each([
    ['text', response(200, '<html>proxy</html>'), /not JSON: <html>/],
    ['an object that is no list', success({ kind: 'Pod' }), /not a list/],
  ])('is an error where a middleman answers %s with status 200', async (_name, answer, message) => {
    server.intercept = () => answer;
    const call = client.list(CONFIG_MAPS);
    await expect(call).rejects.toThrow(message);
    await expect(call).rejects.toMatchObject({ code: 'KC_API_UNREACHABLE' });
  });

  it('carries what the server said to a status that is not JSON', async () => {
    server.intercept = () => response(502, 'bad gateway', { 'retry-after': '3' });
    const error = await client.get(CONFIG_MAPS, key).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ httpStatus: 502, reason: '', retryAfterMs: 3000 });
    expect(String(error)).toContain('bad gateway');
  });
});
