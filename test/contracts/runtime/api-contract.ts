/**
 * What the client and the informers rely on: the same on the small fake of the unit tests, on the playground and on a
 * real API server. Times are the machine's own.
 */
import { expect, it } from 'vitest';
import type { ConfigMap, Deployment } from '#apis/kubernetes/builtin.ts';
import { isAlreadyExists, isConflict, isNotFound } from '#kube/client/api-error.ts';
import { CONFIG_MAPS, DEPLOYMENTS, NAMESPACES } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { Informers } from '#kube/watch/informers.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { addFinalizer, removeFinalizer } from '#runtime/objects/finalizers.ts';
import { eventually } from '../../testenv/processes/eventually.ts';

const clock = new SystemClock();

/** A namespace of its own for a test. */
export async function freshNamespace(client: KubeClient): Promise<string> {
  const name = `t-${systemRandom.uuid().slice(0, 8)}`;
  await client.create(NAMESPACES, { metadata: { name } });
  return name;
}

export function configMap(namespace: string, name: string, value = '1'): ConfigMap {
  return { metadata: { namespace, name }, data: { value } };
}

export function informersOf(client: KubeClient, options: { readonly watchList?: boolean } = {}): Informers {
  return new Informers({ client, clock, random: systemRandom, logger: silentLogger, ...options });
}

const DEPLOYMENT: Pick<Deployment, 'spec'> = {
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'x' } },
    template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
};

/** Tests of single objects. */
export function objectContract(client: () => KubeClient): void {
  it('creates once, reads, and tells what is missing', async () => {
    const namespace = await freshNamespace(client());
    const created = await client().create(CONFIG_MAPS, configMap(namespace, 'a'));
    expect(created).toMatchObject({
      kind: 'ConfigMap',
      metadata: { uid: expect.any(String) as string },
      data: { value: '1' },
    });
    await expect(client().create(CONFIG_MAPS, configMap(namespace, 'a'))).rejects.toSatisfy(isAlreadyExists);
    await expect(client().get(CONFIG_MAPS, { namespace, name: 'b' })).rejects.toSatisfy(isNotFound);
    expect(await client().find(CONFIG_MAPS, { namespace, name: 'b' })).toBeUndefined();
  });

  it('holds a write to the version that it was made from', async () => {
    const namespace = await freshNamespace(client());
    const created = await client().create(CONFIG_MAPS, configMap(namespace, 'a'));
    await client().update(CONFIG_MAPS, { ...created, data: { value: '2' } });
    await expect(client().update(CONFIG_MAPS, { ...created, data: { value: '3' } })).rejects.toSatisfy(
      isConflict,
    );
    const body = { metadata: { resourceVersion: created.metadata?.resourceVersion }, data: { value: '4' } };
    const patch = client().patch(CONFIG_MAPS, { namespace, name: 'a' }, { patch: 'merge', body });
    await expect(patch).rejects.toSatisfy(isConflict);
  });

  it('counts generations for the spec alone, and keeps status and spec apart', async () => {
    const namespace = await freshNamespace(client());
    const key = { namespace, name: 'd' };
    const made = await client().create(DEPLOYMENTS, { metadata: key, ...DEPLOYMENT });
    expect(made.metadata?.generation).toBe(1);
    const body = { status: { replicas: 7 }, spec: { replicas: 9 } };
    const reported = await client().patch(DEPLOYMENTS, key, { patch: 'merge', subresource: 'status', body });
    expect([reported.metadata?.generation, reported.spec?.replicas, reported.status?.replicas]).toEqual([
      1, 1, 7,
    ]);
    const scaled = await client().patch(DEPLOYMENTS, key, {
      patch: 'merge',
      body: { spec: { replicas: 2 }, status: { replicas: 0 } },
    });
    expect([scaled.metadata?.generation, scaled.spec?.replicas, scaled.status?.replicas]).toEqual([2, 2, 7]);
  });

  it('changes nothing, the version included, where a patch says what is so already', async () => {
    const namespace = await freshNamespace(client());
    const created = await client().create(CONFIG_MAPS, configMap(namespace, 'a'));
    const same = await client().patch(
      CONFIG_MAPS,
      { namespace, name: 'a' },
      { patch: 'merge', body: { data: { value: '1' } } },
    );
    expect(same.metadata?.resourceVersion).toBe(created.metadata?.resourceVersion);
  });

  it('holds an object until its finalizers are gone', async () => {
    const namespace = await freshNamespace(client());
    const key = { namespace, name: 'a' };
    const options = {
      client: client(),
      type: CONFIG_MAPS,
      finalizer: 'example.com/hold',
      fieldManager: 'test',
    };
    await addFinalizer(await client().create(CONFIG_MAPS, configMap(namespace, 'a')), options);
    await client().delete(CONFIG_MAPS, key);
    const going = await client().get(CONFIG_MAPS, key);
    expect(going.metadata?.deletionTimestamp).toBeDefined();
    await removeFinalizer(going, options);
    expect(await client().find(CONFIG_MAPS, key)).toBeUndefined();
    expect(await removeFinalizer(going, options)).toBeUndefined();
  });
}

/** Tests of collections. */
export function collectionContract(client: () => KubeClient): void {
  it('lists page by page what it lists at once', async () => {
    const namespace = await freshNamespace(client());
    const names = Array.from({ length: 7 }, (_, index) => `c${String(index)}`);
    for (const name of names) await client().create(CONFIG_MAPS, configMap(namespace, name));
    const paged = await client().list(CONFIG_MAPS, { namespace, limit: 3 });
    const own = paged.items.filter(({ metadata }) => metadata?.name?.startsWith('c'));
    expect(own.map(({ metadata }) => metadata?.name)).toEqual(names);
    expect(own[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  for (const watchList of [true, false]) {
    it(`follows a collection, ${watchList ? 'streaming' : 'listing'} its first state`, async () => {
      const namespace = await freshNamespace(client());
      const stop = new AbortController();
      const informers = informersOf(client(), { watchList });
      const labelled = (name: string, value: string): ConfigMap => {
        const object = configMap(namespace, name, value);
        return { ...object, metadata: { ...object.metadata, labels: { own: 'yes' } } };
      };
      await client().create(CONFIG_MAPS, labelled('a', '1'));
      const informer = informers.of(CONFIG_MAPS, { namespace, labelSelector: 'own=yes' });
      const told: string[] = [];
      informer.onChange(({ type, object, previous }) => {
        told.push(`${type} ${object.metadata?.name ?? ''} ${previous?.data?.['value'] ?? '-'}`);
      });
      const run = informers.run(stop.signal);
      await informer.whenSynced();
      await client().create(CONFIG_MAPS, labelled('b', '1'));
      await client().create(CONFIG_MAPS, configMap(namespace, 'not-ours'));
      await client().patch(
        CONFIG_MAPS,
        { namespace, name: 'a' },
        { patch: 'merge', body: { data: { value: '2' } } },
      );
      await client().delete(CONFIG_MAPS, { namespace, name: 'b' });
      await eventually('the changes', () => told.length >= 4);
      expect(told).toEqual(['ADDED a -', 'ADDED b -', 'MODIFIED a 1', 'DELETED b 1']);
      expect(informer.store.list()).toMatchObject([
        { kind: 'ConfigMap', metadata: { name: 'a' }, data: { value: '2' } },
      ]);
      stop.abort();
      await run;
    });
  }

  it('is told of nothing twice where the answer to a write comes first', async () => {
    const namespace = await freshNamespace(client());
    const stop = new AbortController();
    const informers = informersOf(client());
    const informer = informers.of(CONFIG_MAPS, { namespace });
    const versions: (string | undefined)[] = [];
    informer.onChange(({ object }) => {
      if (object.metadata?.name === 'a') versions.push(object.metadata.resourceVersion);
    });
    const run = informers.run(stop.signal);
    await informer.whenSynced();
    for (let value = 0; value < 20; value += 1) {
      const body = { data: { value: String(value) } };
      const written = await (value === 0
        ? client().create(CONFIG_MAPS, configMap(namespace, 'a', '0'))
        : client().patch(CONFIG_MAPS, { namespace, name: 'a' }, { patch: 'merge', body }));
      informer.observe(written);
      expect(informer.store.get({ namespace, name: 'a' })?.data?.['value']).toBe(String(value));
    }
    await client().create(CONFIG_MAPS, configMap(namespace, 'end'));
    await eventually('the last event', () => informer.store.get({ namespace, name: 'end' }) !== undefined);
    expect(versions).toHaveLength(20);
    expect(new Set(versions).size).toBe(20);
    stop.abort();
    await run;
  });
}
