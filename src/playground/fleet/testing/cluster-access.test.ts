/** The contract of ClusterAccess, on the fake in memory and on the playground's API server alike. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { isAlreadyExists, isConflict, isNotFound, isTooManyRequests } from '#kube/client/api-error.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  NAMESPACES,
  PODS,
  POD_DISRUPTION_BUDGETS,
} from '#kube/client/builtin-types.ts';
import { SeededRandom } from '#platform/random.ts';
import { PlaygroundApiServer } from '../../api-server/playground-api-server.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { ClusterAccess } from '../cluster-access.ts';
import { deployment, pod } from './fleet-rig.ts';
import { MemoryCluster } from './memory-cluster.ts';

const KEY = { namespace: 'shop', name: 'web' };

interface Subject {
  readonly clock: VirtualClock;
  readonly access: ClusterAccess;
}

function memory(): Promise<Subject> {
  const clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 5) });
  return Promise.resolve({ clock, access: new MemoryCluster({ clock, random: new SeededRandom(1) }) });
}

async function playground(): Promise<Subject> {
  const clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 5) });
  const server = await PlaygroundApiServer.create({ clock, random: new SeededRandom(1) });
  const access = server.access();
  await access.create(NAMESPACES, { metadata: { name: KEY.namespace } });
  await clock.runFor(1000);
  return { clock, access };
}

describe.each([
  ['memory', memory],
  ['the playground', playground],
])('ClusterAccess on %s', (_, start) => {
  let clock: VirtualClock;
  let access: ClusterAccess;
  beforeEach(async () => {
    ({ clock, access } = await start());
  });

  async function refusal(call: Promise<unknown>): Promise<unknown> {
    return call.then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  it('gives what it creates a name, an identity and a generation, and refuses a second of that name', async () => {
    const made = await access.create(PODS, {
      ...pod('web'),
      metadata: { generateName: 'web-', namespace: 'shop' },
    });
    expect(made.metadata?.name).toMatch(/^web-[a-z0-9]{5}$/);
    expect(made).toMatchObject({ status: { phase: 'Pending' }, metadata: { generation: 1 } });
    await access.create(DEPLOYMENTS, deployment('web'));
    expect(isAlreadyExists(await refusal(access.create(DEPLOYMENTS, deployment('web'))))).toBe(true);
    expect(access.get(DEPLOYMENTS, KEY)?.metadata?.uid).toMatch(/-/);
    expect(access.list(DEPLOYMENTS, 'shop')).toHaveLength(1);
    expect(access.list(DEPLOYMENTS, 'elsewhere')).toEqual([]);
  });

  it('counts a generation for a change of the spec, none for status or annotations, nothing for no change', async () => {
    const made = await access.create(DEPLOYMENTS, deployment('web'));
    const same = await access.mergePatch(DEPLOYMENTS, KEY, { body: { spec: { replicas: 3 } } });
    expect(same.metadata?.resourceVersion).toBe(made.metadata?.resourceVersion);
    const body = { metadata: { annotations: { note: 'x' } }, status: { replicas: 1 } };
    const noted = await access.mergePatch(DEPLOYMENTS, KEY, { body, subresource: 'status' });
    expect(noted).toMatchObject({
      metadata: { generation: 1, annotations: { note: 'x' } },
      status: { replicas: 1 },
    });
    const scaled = await access.mergePatch(DEPLOYMENTS, KEY, { body: { spec: { replicas: 5 } } });
    expect(scaled).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 5 },
      status: { replicas: 1 },
    });
    const stale = { metadata: { resourceVersion: made.metadata?.resourceVersion }, spec: { replicas: 9 } };
    expect(isConflict(await refusal(access.mergePatch(DEPLOYMENTS, KEY, { body: stale })))).toBe(true);
    expect(
      isNotFound(await refusal(access.mergePatch(DEPLOYMENTS, { ...KEY, name: 'no' }, { body: {} }))),
    ).toBe(true);
  });

  it('keeps the spec out of a status patch and the status out of any other', async () => {
    await access.create(DEPLOYMENTS, deployment('web'));
    const both = { spec: { replicas: 7 }, status: { replicas: 7 } };
    await access.mergePatch(DEPLOYMENTS, KEY, { body: both, subresource: 'status' });
    expect(access.get(DEPLOYMENTS, KEY)).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 7 } });
    await access.mergePatch(DEPLOYMENTS, KEY, { body: { ...both, status: { replicas: 1 } } });
    expect(access.get(DEPLOYMENTS, KEY)).toMatchObject({ spec: { replicas: 7 }, status: { replicas: 7 } });
  });

  it('tells listeners what is there, then what changes, with the state before', async () => {
    await access.create(CONFIG_MAPS, { metadata: { namespace: 'shop', name: 'a' }, data: { x: '1' } });
    const told: string[] = [];
    const stop = access.onChange(CONFIG_MAPS, ({ type, object, previous }) => {
      if (object.metadata?.namespace !== 'shop' || object.data?.['x'] === undefined) return;
      told.push(`${type} ${previous?.data?.['x'] ?? '-'} ${object.data['x']}`);
    });
    const key = { namespace: 'shop', name: 'a' };
    await access.mergePatch(CONFIG_MAPS, key, { body: { data: { x: '2' } } });
    await access.delete(CONFIG_MAPS, key);
    stop();
    await access.create(CONFIG_MAPS, { metadata: { namespace: 'shop', name: 'b' }, data: { x: '3' } });
    expect(told).toEqual(['ADDED - 1', 'MODIFIED 1 2', 'DELETED 2 2']);
  });

  async function bound(): Promise<Pod> {
    await access.create(PODS, pod('web'));
    await access.bind(KEY, 'node-1');
    const found = access.get(PODS, KEY);
    if (found === undefined) throw new Error('the pod is gone');
    return found;
  }

  it('binds a pod: its node is set and it counts as scheduled', async () => {
    const { spec, status } = await bound();
    expect(spec?.nodeName).toBe('node-1');
    expect(status?.conditions?.find(({ type }) => type === 'PodScheduled')?.status).toBe('True');
  });

  it('lets a pod with a node end gracefully, and ends it at once where it is told to', async () => {
    const { metadata } = await bound();
    await access.delete(PODS, KEY, { graceful: true });
    expect(access.get(PODS, KEY)?.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
    await access.delete(PODS, KEY, { graceful: true });
    expect(isConflict(await refusal(access.delete(PODS, KEY, { uid: 'another' })))).toBe(true);
    await access.delete(PODS, KEY, { uid: metadata?.uid ?? '' });
    expect(access.get(PODS, KEY)).toBeUndefined();
    expect(isNotFound(await refusal(access.delete(PODS, KEY)))).toBe(true);
  });

  it('deletes a pod without a node at once, however gracefully', async () => {
    await access.create(PODS, pod('web'));
    await access.delete(PODS, KEY, { graceful: true });
    expect(access.get(PODS, KEY)).toBeUndefined();
  });

  it('keeps what has finalizers until the last is gone', async () => {
    const made = deployment('web');
    await access.create(DEPLOYMENTS, {
      ...made,
      metadata: { ...made.metadata, finalizers: ['example.com/hold'] },
    });
    await access.delete(DEPLOYMENTS, KEY);
    expect(access.get(DEPLOYMENTS, KEY)?.metadata?.deletionTimestamp).toBeDefined();
    await access.mergePatch(DEPLOYMENTS, KEY, { body: { metadata: { finalizers: [] } } });
    expect(access.get(DEPLOYMENTS, KEY)).toBeUndefined();
  });

  it('deletes what a deleted owner owned', async () => {
    const owner = await access.create(DEPLOYMENTS, deployment('web'));
    const { name = '', uid = '' } = owner.metadata ?? {};
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true }];
    await access.create(PODS, {
      ...pod('owned'),
      metadata: { name: 'owned', namespace: 'shop', ownerReferences },
    });
    await access.create(PODS, pod('free'));
    await access.delete(DEPLOYMENTS, KEY);
    await clock.runFor(10_000);
    expect(access.list(PODS, 'shop').map(({ metadata }) => metadata?.name)).toEqual(['free']);
  });

  it('evicts as the budgets allow: one pod, and then no other until somebody has counted again', async () => {
    const selector = { matchLabels: { app: 'web' } };
    const metadata = { name: 'web', namespace: 'shop' };
    const made = await access.create(POD_DISRUPTION_BUDGETS, {
      metadata,
      spec: { minAvailable: 1, selector },
    });
    for (const name of ['web-1', 'web-2']) {
      await access.create(PODS, {
        ...pod(name),
        metadata: { name, namespace: 'shop', labels: { app: 'web' } },
      });
      const key = { namespace: 'shop', name };
      await access.bind(key, 'n1');
      const conditions = [{ type: 'Ready', status: 'True' }];
      await access.mergePatch(PODS, key, {
        body: { status: { phase: 'Running', conditions } },
        subresource: 'status',
      });
    }
    const status = {
      observedGeneration: made.metadata?.generation,
      expectedPods: 2,
      currentHealthy: 2,
      desiredHealthy: 1,
      disruptionsAllowed: 1,
    };
    await access.mergePatch(POD_DISRUPTION_BUDGETS, metadata, { body: { status }, subresource: 'status' });
    await access.evict({ namespace: 'shop', name: 'web-1' });
    expect(access.get(PODS, { namespace: 'shop', name: 'web-1' })?.metadata?.deletionTimestamp).toBeDefined();
    expect(isTooManyRequests(await refusal(access.evict({ namespace: 'shop', name: 'web-2' })))).toBe(true);
    expect(access.get(POD_DISRUPTION_BUDGETS, metadata)?.status?.disruptionsAllowed ?? 0).toBe(0);
    expect(isNotFound(await refusal(access.evict({ namespace: 'shop', name: 'nobody' })))).toBe(true);
  });
});
