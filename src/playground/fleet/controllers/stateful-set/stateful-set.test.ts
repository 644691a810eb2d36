import { describe, expect, it } from 'vitest';
import type { Pod, StatefulSet } from '#apis/kubernetes/builtin.ts';
import { PODS, STATEFUL_SETS } from '#kube/client/builtin-types.ts';
import { CONTROLLER_REVISIONS } from '../../fleet-indexes.ts';
import { isReady } from '../../resources.ts';
import { type FleetRig, NAMESPACE, startRig, template } from '../../testing/fleet-rig.ts';

const KEY = { namespace: NAMESPACE, name: 'db' };

function statefulSet(more: Partial<NonNullable<StatefulSet['spec']>> = {}): StatefulSet {
  return {
    metadata: { name: 'db', namespace: NAMESPACE },
    spec: {
      serviceName: 'db',
      replicas: 3,
      selector: { matchLabels: { app: 'db' } },
      template: template('db'),
      ...more,
    },
  };
}

function current(rig: FleetRig): StatefulSet {
  const set = rig.access.get(STATEFUL_SETS, KEY);
  if (set === undefined) throw new Error('the set is gone');
  return set;
}

function isRolledOut(rig: FleetRig): boolean {
  const { metadata, spec, status } = current(rig);
  if (status === undefined || status.observedGeneration !== metadata?.generation) return false;
  const isWhole = [status.readyReplicas, status.updatedReplicas].every((count) => count === spec?.replicas);
  return isWhole && status.currentRevision === status.updateRevision;
}

function names(pods: readonly Pod[]): readonly string[] {
  return pods.map((pod) => pod.metadata?.name ?? '').sort();
}

async function rolledOut(set = statefulSet()): Promise<FleetRig> {
  const rig = await startRig();
  await rig.create(STATEFUL_SETS, set);
  await rig.until('rolled out', () => isRolledOut(rig));
  return rig;
}

async function update(rig: FleetRig, spec: object): Promise<void> {
  await rig.access.mergePatch(STATEFUL_SETS, KEY, { body: { spec } });
}

describe('a StatefulSet', () => {
  it('creates its pods in order, each after the one before is ready, with stable identities', async () => {
    const rig = await startRig();
    const unready: number[] = [];
    rig.access.onChange(PODS, ({ type }) => {
      if (type === 'ADDED') unready.push(rig.pods('db').filter((pod) => !isReady(pod)).length);
    });
    await rig.create(STATEFUL_SETS, statefulSet());
    await rig.until('rolled out', () => isRolledOut(rig));
    expect(unready).toEqual([1, 1, 1]);
    expect(names(rig.pods('db'))).toEqual(['db-0', 'db-1', 'db-2']);
    const [first] = rig.pods('db');
    expect(first?.spec).toMatchObject({ hostname: 'db-0', subdomain: 'db' });
    expect(first?.metadata?.labels).toMatchObject({
      'statefulset.kubernetes.io/pod-name': 'db-0',
      'apps.kubernetes.io/pod-index': '0',
      'controller-revision-hash': current(rig).status?.updateRevision,
    });
    expect(rig.reasons('db')).toEqual(Array(3).fill('SuccessfulCreate'));
    expect(rig.events('SuccessfulCreate')[0]?.message).toBe('create Pod db-0 in StatefulSet db successful');
  });

  it('creates all pods at once where order does not matter', async () => {
    const rig = await startRig();
    await rig.create(STATEFUL_SETS, statefulSet({ podManagementPolicy: 'Parallel' }));
    await rig.clock.runFor(100);
    expect(rig.pods('db')).toHaveLength(3);
    await rig.until('rolled out', () => isRolledOut(rig));
  });

  it('updates from the highest ordinal down, one pod at a time', async () => {
    const rig = await rolledOut();
    const deleted: string[] = [];
    rig.access.onChange(PODS, ({ type, object }) => {
      if (type === 'DELETED') deleted.push(object.metadata?.name ?? '');
      expect(rig.pods('db').filter(isReady).length).toBeGreaterThanOrEqual(2);
    });
    await update(rig, { template: template('db', { image: 'db:2' }) });
    await rig.until('updated', () => isRolledOut(rig));
    expect(deleted).toEqual(['db-2', 'db-1', 'db-0']);
    expect(rig.access.list(CONTROLLER_REVISIONS).map((revision) => revision.revision)).toEqual([1, 2]);
  });

  it('leaves ordinals below the partition on the old revision', async () => {
    const rig = await rolledOut();
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
    await update(rig, { template: template('db', { image: 'db:2' }), updateStrategy });
    await rig.clock.runFor(120_000);
    const images = rig
      .pods('db')
      .map((pod) => `${pod.metadata?.name ?? ''} ${pod.spec?.containers[0]?.image ?? ''}`);
    expect(images.sort()).toEqual(['db-0 db:1', 'db-1 db:1', 'db-2 db:2']);
    await rig.access.delete(PODS, { namespace: NAMESPACE, name: 'db-0' }, { graceful: true });
    await rig.clock.runFor(30_000);
    expect(rig.access.get(PODS, { namespace: NAMESPACE, name: 'db-0' })?.spec?.containers[0]?.image).toBe(
      'db:1',
    );
    expect(current(rig).status).toMatchObject({ updatedReplicas: 1, currentReplicas: 2 });
  });

  it('waits for deletions by hand with OnDelete', async () => {
    const rig = await rolledOut(statefulSet({ updateStrategy: { type: 'OnDelete' } }));
    await update(rig, { template: template('db', { image: 'db:2' }) });
    await rig.clock.runFor(60_000);
    expect(rig.pods('db').every((pod) => pod.spec?.containers[0]?.image === 'db:1')).toBe(true);
    await rig.access.delete(PODS, { namespace: NAMESPACE, name: 'db-1' }, { graceful: true });
    await rig.clock.runFor(30_000);
    expect(rig.access.get(PODS, { namespace: NAMESPACE, name: 'db-1' })?.spec?.containers[0]?.image).toBe(
      'db:2',
    );
  });

  it('shrinks from the top and grows again', async () => {
    const rig = await rolledOut();
    await update(rig, { replicas: 1 });
    await rig.until('shrunk', () => rig.pods('db').length === 1);
    expect(names(rig.pods('db'))).toEqual(['db-0']);
    await update(rig, { replicas: 2 });
    await rig.until('grown', () => isRolledOut(rig));
    expect(names(rig.pods('db'))).toEqual(['db-0', 'db-1']);
  });

  it('returns to an old revision under its old name', async () => {
    const rig = await rolledOut();
    const first = current(rig).status?.currentRevision;
    await update(rig, { template: template('db', { image: 'db:2' }) });
    await rig.until('updated', () => isRolledOut(rig));
    await update(rig, { template: template('db') });
    await rig.until('back', () => isRolledOut(rig) && current(rig).status?.currentRevision === first);
    expect(rig.pods('db').every((pod) => pod.spec?.containers[0]?.image === 'db:1')).toBe(true);
  });
});
