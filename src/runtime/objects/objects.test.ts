import { beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { isConflict } from '#kube/client/api-error.ts';
import { CONFIG_MAPS, PODS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer } from '#kube/testing/fake-api-server.ts';
import { addFinalizer, hasFinalizer, isBeingDeleted, removeFinalizer } from './finalizers.ts';
import { isOwnedBy, ownedBy, ownerReference } from './owner-references.ts';

const key = { namespace: 'shop', name: 'a' };
let server: FakeApiServer;
let client: KubeClient;
let object: ConfigMap;

beforeEach(async () => {
  server = new FakeApiServer();
  client = new KubeClient(server);
  object = await client.create(CONFIG_MAPS, { metadata: { ...key, finalizers: ['other/one'] } });
});

const options = () => ({ client, type: CONFIG_MAPS, finalizer: 'example.com/mine', fieldManager: 'me' });

describe('finalizers', () => {
  it('hold an object until they are removed, and leave those of others alone', async () => {
    const held = await addFinalizer(object, options());
    expect(held.metadata?.finalizers).toEqual(['other/one', 'example.com/mine']);
    await client.delete(CONFIG_MAPS, key);
    const going = await client.get(CONFIG_MAPS, key);
    expect([isBeingDeleted(going), hasFinalizer(going, 'example.com/mine')]).toEqual([true, true]);
    const freed = await removeFinalizer(going, options());
    expect(freed?.metadata?.finalizers).toEqual(['other/one']);
  });

  it('write nothing where nothing is to be done', async () => {
    const held = await addFinalizer(object, options());
    const requests = server.requests.length;
    expect(await addFinalizer(held, options())).toBe(held);
    expect(await removeFinalizer(object, options())).toBe(object);
    expect(server.requests.length).toBe(requests);
  });

  it('are never added to an object that is going, and removed in peace from one that is gone', async () => {
    const held = await addFinalizer(object, options());
    await client.delete(CONFIG_MAPS, key);
    const going = await client.get(CONFIG_MAPS, key);
    expect(await addFinalizer(going, { ...options(), finalizer: 'late/one' })).toBe(going);
    await client.patch(CONFIG_MAPS, key, { patch: 'merge', body: { metadata: { finalizers: null } } });
    expect(await removeFinalizer(held, options())).toBeUndefined();
  });

  it('meet a conflict rather than overwrite what somebody else has just added', async () => {
    await client.patch(CONFIG_MAPS, key, {
      patch: 'merge',
      body: { metadata: { finalizers: ['other/one', 'new/one'] } },
    });
    await expect(addFinalizer(object, options())).rejects.toSatisfy(isConflict);
  });
});

describe('owner references', () => {
  it('name the owner by uid, once', () => {
    const owner = ownerReference(CONFIG_MAPS, object);
    expect(owner).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'a',
      uid: object.metadata?.uid,
      controller: true,
      blockOwnerDeletion: true,
    });
    const pod = ownedBy(
      ownedBy<KubeObject>({ metadata: { name: 'p' } }, owner),
      ownerReference(CONFIG_MAPS, object, { controller: false }),
    );
    expect(pod.metadata?.ownerReferences).toHaveLength(1);
    expect(isOwnedBy(pod, object)).toBe(true);
    expect(isOwnedBy(pod, { metadata: { ...object.metadata, uid: 'another' } })).toBe(false);
    expect(() => ownerReference(PODS, {})).toThrow(RangeError);
  });
});
