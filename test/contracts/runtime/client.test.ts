/** What only a whole API server can show of the client: apply, subresources, dry run, discovery, validation. */
import { expect, it } from 'vitest';
import { isConflict, isInvalid, isNotFound } from '#kube/client/api-error.ts';
import { CONFIG_MAPS, DEPLOYMENTS, LEASES, PODS, SERVICES } from '#kube/client/builtin-types.ts';
import { Discovery } from '#kube/discovery/discovery.ts';
import { SystemClock } from '#platform/clock.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { configMap, freshNamespace } from './api-contract.ts';

describeTargets('the client', (target) => {
  const client = () => target().client;
  const pod = {
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }] },
  };

  async function makePod(namespace: string, name: string) {
    // Admission wants the default service account, which a controller makes a moment after the namespace.
    return eventually('a pod to be admitted', async () =>
      client()
        .create(PODS, { metadata: { namespace, name }, ...pod })
        .catch(() => undefined),
    );
  }

  it('applies, owns what it applied, and meets a conflict with others unless it insists', async () => {
    const namespace = await freshNamespace(client());
    const object = { ...configMap(namespace, 'a'), data: { mine: '1', gone: '1' } };
    const first = await client().apply(CONFIG_MAPS, object, { fieldManager: 'one' });
    expect(first.data).toEqual({ mine: '1', gone: '1' });
    const second = await client().apply(
      CONFIG_MAPS,
      { ...first, data: { mine: '2' } },
      { fieldManager: 'one' },
    );
    expect(second.data).toEqual({ mine: '2' });
    const theirs = { ...configMap(namespace, 'a'), data: { mine: '3' } };
    await expect(client().apply(CONFIG_MAPS, theirs, { fieldManager: 'two' })).rejects.toSatisfy(isConflict);
    const forced = await client().apply(CONFIG_MAPS, theirs, { fieldManager: 'two', force: true });
    expect(forced.data).toEqual({ mine: '3' });
  });

  it('patches with JSON and strategic patches', async () => {
    const namespace = await freshNamespace(client());
    const key = { namespace, name: 's' };
    const ports = [
      { name: 'a', port: 80 },
      { name: 'b', port: 81 },
    ];
    await client().create(SERVICES, { metadata: key, spec: { selector: { a: 'b' }, ports } });
    const strategic = { spec: { ports: [{ port: 80, name: 'renamed' }] } };
    const merged = await client().patch(SERVICES, key, { patch: 'strategic', body: strategic });
    expect(merged.spec?.ports?.map(({ name }) => name)).toEqual(['renamed', 'b']);
    const steps = [
      { op: 'test', path: '/spec/ports/1/name', value: 'b' },
      { op: 'remove', path: '/spec/ports/1' },
    ];
    const removed = await client().patch(SERVICES, key, { patch: 'json', body: steps });
    expect(removed.spec?.ports).toHaveLength(1);
  });

  it('scales any scalable kind', async () => {
    const namespace = await freshNamespace(client());
    const key = { namespace, name: 'd' };
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await client().create(DEPLOYMENTS, {
      metadata: key,
      spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template },
    });
    expect(await client().scale(DEPLOYMENTS, key)).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } });
    await client().setScale(DEPLOYMENTS, key, { replicas: 3 });
    expect((await client().get(DEPLOYMENTS, key)).spec?.replicas).toBe(3);
    await expect(
      client().setScale(DEPLOYMENTS, key, { replicas: 4, resourceVersion: '1' }),
    ).rejects.toSatisfy(isConflict);
  });

  it('evicts a pod', async () => {
    const namespace = await freshNamespace(client());
    await makePod(namespace, 'p');
    await client().evict({ namespace, name: 'p' });
    await eventually(
      'the pod to go',
      async () => (await client().find(PODS, { namespace, name: 'p' })) === undefined,
    );
    await expect(client().evict({ namespace, name: 'p' })).rejects.toSatisfy(isNotFound);
  });

  it('does nothing in a dry run', async () => {
    const namespace = await freshNamespace(client());
    await client().create(CONFIG_MAPS, configMap(namespace, 'dry'), { dryRun: true });
    expect(await client().find(CONFIG_MAPS, { namespace, name: 'dry' })).toBeUndefined();
  });

  it('deletes only the very object that was meant', async () => {
    const namespace = await freshNamespace(client());
    const created = await client().create(CONFIG_MAPS, configMap(namespace, 'a'));
    const key = { namespace, name: 'a' };
    await expect(client().delete(CONFIG_MAPS, key, { uid: 'another' })).rejects.toSatisfy(isConflict);
    await client().delete(CONFIG_MAPS, key, { uid: created.metadata?.uid ?? '' });
    expect(await client().find(CONFIG_MAPS, key)).toBeUndefined();
  });

  it('tells what is invalid, field by field', async () => {
    const namespace = await freshNamespace(client());
    const error: unknown = await client()
      .create(LEASES, { metadata: { namespace, name: 'x' }, spec: { leaseDurationSeconds: -1 } })
      .catch((caught: unknown) => caught);
    expect(isInvalid(error)).toBe(true);
    expect(String(error)).toContain('spec.leaseDurationSeconds');
  });

  it('selects by labels and by fields', async () => {
    const namespace = await freshNamespace(client());
    await client().create(CONFIG_MAPS, {
      ...configMap(namespace, 'a'),
      metadata: { namespace, name: 'a', labels: { tier: 'x' } },
    });
    await client().create(CONFIG_MAPS, {
      ...configMap(namespace, 'b'),
      metadata: { namespace, name: 'b', labels: { tier: 'y' } },
    });
    const names = async (options: object) =>
      (await client().list(CONFIG_MAPS, { namespace, ...options })).items.map(
        ({ metadata }) => metadata?.name,
      );
    expect(await names({ labelSelector: 'tier in (x,z)' })).toEqual(['a']);
    expect(await names({ labelSelector: 'tier,tier!=x' })).toEqual(['b']);
    expect(await names({ fieldSelector: 'metadata.name=b' })).toEqual(['b']);
  });

  it('discovers what the server offers', async () => {
    const discovery = new Discovery(client(), new SystemClock());
    expect((await discovery.serverVersion()).minor).toBeGreaterThanOrEqual(30);
    expect(await discovery.offers(PODS, 'resize')).toBe(true);
    expect(await discovery.offers(PODS, 'teleport')).toBe(false);
    expect((await discovery.versions('autoscaling'))[0]).toBe('v2');
    expect(await discovery.versions('no.such.group')).toEqual([]);
  });
});
