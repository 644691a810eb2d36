import { describe, expect, it } from 'vitest';
import { openEntry, type RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { SeededRandom } from '#platform/random.ts';
import { ConfigMapRollbackStore } from './config-map-store.ts';
import { Sealer } from './sealer.ts';

const TARGET = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
const sealer = new Sealer({ current: 'k', keys: { k: Buffer.alloc(32, 7) } }, new SeededRandom(1));

/** One ConfigMap behind an API server that says no more than 200 and 404. */
class OneConfigMap implements Transport {
  held: unknown;

  send({ method, body }: WireRequest): Promise<WireResponse> {
    if (method === 'GET' && this.held === undefined) return Promise.resolve(answer(404, { code: 404 }));
    if (method === 'DELETE') this.held = undefined;
    else if (body !== undefined) this.held = JSON.parse(body);
    return Promise.resolve(answer(200, this.held ?? {}));
  }
}

function answer(status: number, body: unknown): WireResponse {
  const text = JSON.stringify(body);
  return {
    status,
    headers: {},
    text: () => Promise.resolve(text),
    chunks: async function* () {
      yield await Promise.resolve(text);
    },
  };
}

function entry(version: number): RollbackEntry {
  const owner = { uid: 'u1', namespace: 'shop', name: 'cpu' };
  return { ...openEntry({ owner, target: TARGET, targetUid: 'w', storedAtMs: 1 }), version };
}

function rig(): { readonly server: OneConfigMap; readonly store: ConfigMapRollbackStore } {
  const server = new OneConfigMap();
  return { server, store: new ConfigMapRollbackStore(new KubeClient(server), sealer) };
}

describe('originals in a ConfigMap', () => {
  it('are never overwritten by an older version, nor removed up to one', async () => {
    const { store } = rig();
    await store.save(entry(5));
    const superseded = { code: 'KC_ROLLBACK_STATE_SUPERSEDED' };
    await expect(store.save(entry(4))).rejects.toMatchObject(superseded);
    await expect(store.remove(TARGET, 'u1', 4)).rejects.toMatchObject(superseded);
    expect(await store.load(TARGET, 'u1')).toEqual(entry(5));
  });

  it('may be written again with the same version, as after a lost answer, and removed up to it', async () => {
    const { store, server } = rig();
    await store.save(entry(5));
    await store.save(entry(5));
    await store.save(entry(6));
    await store.remove(TARGET, 'u1', 6);
    expect(server.held).toBeUndefined();
  });

  it('are read where they were stored before there were versions', async () => {
    const { store, server } = rig();
    const { version: _none, resized: _neither, ...old } = entry(0);
    const original = { replicas: 2, 'containers/app/requests/cpu': '2' };
    const text = JSON.stringify({ version: 1, entries: { u1: { ...old, original } } });
    const metadata = {
      name: 'web-rollback-state',
      namespace: 'shop',
      labels: { 'app.kubernetes.io/managed-by': 'cost-optimizer-operator' },
    };
    server.held = { metadata, data: { Deployment: sealer.seal(text, 'shop/web-rollback-state/Deployment') } };
    const found = await store.load(TARGET, 'u1');
    // Which sizes pods were given in place nobody noted then: it may have been any.
    expect(found).toMatchObject({ version: 0, original, resized: ['containers/app/requests/cpu'] });
    await store.save(entry(1));
    expect((await store.load(TARGET, 'u1'))?.version).toBe(1);
  });
});
