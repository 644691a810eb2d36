import { beforeEach, describe, expect, it } from 'vitest';
import { type KubeObject } from '#apis/kubernetes/object.ts';
import { isConflict } from '#kube/client/api-error.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { FakeApiServer } from '#kube/testing/fake-api-server.ts';
import { patchStatus } from './status-patch.ts';

interface Widget extends KubeObject {
  readonly status?: { readonly phase?: string; readonly count?: number };
}

const WIDGETS: ResourceType<Widget> = {
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};
const key = { namespace: 'shop', name: 'w' };
let server: FakeApiServer;
let client: KubeClient;
let widget: Widget;

beforeEach(async () => {
  server = new FakeApiServer();
  client = new KubeClient(server);
  widget = await client.create(WIDGETS, { metadata: key });
});

function write(status: object, object = widget, lock = true) {
  return patchStatus(client, { type: WIDGETS, object, status, fieldManager: 'me', lock });
}

describe('patchStatus', () => {
  it('writes only what differs', async () => {
    const first = await write({ phase: 'Pending', count: 1 });
    expect(first.status).toEqual({ phase: 'Pending', count: 1 });
    const second = await write({ phase: 'Ready' }, first);
    expect(second.status).toEqual({ phase: 'Ready' });
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({
      metadata: { resourceVersion: first.metadata?.resourceVersion },
      status: { phase: 'Ready', count: null },
    });
  });

  it('writes nothing where nothing changed', async () => {
    const first = await write({ phase: 'Pending' });
    const requests = server.requests.length;
    expect(await write({ phase: 'Pending', count: undefined }, first)).toBe(first);
    expect(server.requests.length).toBe(requests);
  });

  it('is refused where the object changed meanwhile, unless it need not care', async () => {
    await client.patch(WIDGETS, key, { patch: 'merge', body: { metadata: { labels: { a: 'b' } } } });
    await expect(write({ phase: 'Ready' })).rejects.toSatisfy(isConflict);
    expect((await write({ phase: 'Ready' }, widget, false)).status).toEqual({ phase: 'Ready' });
  });
});
