import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '#kube/client/builtin-types.ts';
import { type FleetRig, NAMESPACE, deployment, startRig, template } from '../../testing/fleet-rig.ts';
import { isReady } from '../../resources.ts';
import { isActive } from '../pod-control.ts';

const WEB = { namespace: NAMESPACE, name: 'web' };

function isRolledOut(rig: FleetRig, name = 'web'): boolean {
  const { metadata, spec, status } = rig.deployment(name);
  const wished = spec?.replicas ?? 1;
  return (
    status?.observedGeneration === metadata?.generation &&
    [status?.replicas, status?.updatedReplicas, status?.availableReplicas].every(
      (count) => (count ?? 0) === wished,
    )
  );
}

async function deployed(made: Deployment = deployment('web')): Promise<FleetRig> {
  const rig = await startRig();
  await rig.create(DEPLOYMENTS, made);
  await rig.until('rolled out', () => isRolledOut(rig));
  return rig;
}

async function patch(rig: FleetRig, spec: object): Promise<void> {
  await rig.access.mergePatch(DEPLOYMENTS, WEB, { body: { spec } });
}

function condition(rig: FleetRig, type: string) {
  return rig.deployment('web').status?.conditions?.find((candidate) => candidate.type === type);
}

function sets(rig: FleetRig): readonly ReplicaSet[] {
  return rig.access.list(REPLICA_SETS);
}

function revisions(rig: FleetRig): Record<string, number> {
  return Object.fromEntries(
    sets(rig).map((set) => [
      set.metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? '',
      set.spec?.replicas ?? -1,
    ]),
  );
}

describe('a Deployment', () => {
  it('gets a ReplicaSet with its pods and says that it is available and has progressed', async () => {
    const rig = await deployed();
    expect(condition(rig, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
    expect(condition(rig, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
    const [set] = sets(rig);
    const hash = set?.metadata?.labels?.['pod-template-hash'] ?? '';
    expect(set?.metadata?.name).toBe(`web-${hash}`);
    expect(rig.pods('web').every((pod) => pod.metadata?.labels?.['pod-template-hash'] === hash)).toBe(true);
    expect(rig.events('ScalingReplicaSet')[0]?.message).toBe(`Scaled up replica set web-${hash} from 0 to 3`);
    expect(rig.deployment('web').metadata?.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
  });

  it('settles: nothing is written once it has rolled out', async () => {
    const rig = await deployed();
    await rig.clock.runFor(60_000);
    const { writes } = rig.access;
    await rig.clock.runFor(24 * 3_600_000);
    expect(rig.access.writes).toBe(writes);
  });

  it('never has more pods than its surge nor fewer available than it may, whatever its strategy', async () => {
    const strategies = fc.record({
      replicas: fc.integer({ min: 1, max: 8 }),
      maxSurge: fc.constantFrom<number | string>(0, 1, 3, '25%', '100%'),
      maxUnavailable: fc.constantFrom<number | string>(0, 1, 2, '25%', '50%'),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(strategies, async ({ replicas, maxSurge, maxUnavailable, seed }) => {
        fc.pre(
          !(Number.parseInt(String(maxSurge), 10) === 0 && Number.parseInt(String(maxUnavailable), 10) === 0),
        );
        const rig = await startRig({ seed });
        const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
        await rig.create(DEPLOYMENTS, deployment('web', { replicas, more: { strategy } }));
        await rig.until('rolled out', () => isRolledOut(rig));
        const most = replicas + count(maxSurge, replicas, Math.ceil);
        const surge = count(maxSurge, replicas, Math.ceil);
        const unavailable = count(maxUnavailable, replicas, Math.floor);
        const least = replicas - (surge === 0 && unavailable === 0 ? 1 : unavailable);
        rig.access.onChange(PODS, () => {
          const active = rig.pods('web').filter(isActive);
          expect(active.length).toBeLessThanOrEqual(most);
          expect(active.filter(isReady).length).toBeGreaterThanOrEqual(Math.min(least, replicas));
        });
        await patch(rig, { template: template('web', { image: 'web:2' }) });
        await rig.until('rolled over', () => isRolledOut(rig));
        expect(
          rig
            .pods('web')
            .filter(isActive)
            .every((pod) => pod.spec?.containers[0]?.image === 'web:2'),
        ).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('counts revisions and revives the old ReplicaSet on a rollback', async () => {
    const rig = await deployed();
    await patch(rig, { template: template('web', { image: 'web:2' }) });
    await rig.until('second', () => isRolledOut(rig));
    expect(revisions(rig)).toEqual({ '1': 0, '2': 3 });
    const [first] = sets(rig);
    await patch(rig, { template: template('web') });
    await rig.until('back', () => isRolledOut(rig));
    expect(revisions(rig)).toEqual({ '2': 0, '3': 3 });
    expect(sets(rig)[0]?.metadata?.uid).toBe(first?.metadata?.uid);
    expect(sets(rig)[0]?.metadata?.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1');
  });

  it('keeps as many old ReplicaSets as it is told', async () => {
    const rig = await deployed(deployment('web', { more: { revisionHistoryLimit: 2 } }));
    for (let version = 2; version <= 6; version += 1) {
      await patch(rig, { template: template('web', { image: `web:${version}` }) });
      await rig.until(`version ${version}`, () => isRolledOut(rig));
    }
    await rig.clock.runFor(10_000);
    expect(revisions(rig)).toEqual({ '4': 0, '5': 0, '6': 3 });
  });

  it('gives up on a rollout that does not progress, and keeps the old pods', async () => {
    const rig = await deployed(deployment('web', { more: { progressDeadlineSeconds: 60 } }));
    await patch(rig, { template: template('web', { image: 'web:missing' }) });
    await rig.until('gave up', () => condition(rig, 'Progressing')?.status === 'False');
    expect(condition(rig, 'Progressing')?.reason).toBe('ProgressDeadlineExceeded');
    expect(condition(rig, 'Progressing')?.message).toMatch(
      /^ReplicaSet "web-\w+" has timed out progressing\.$/,
    );
    expect(condition(rig, 'Available')?.status).toBe('True');
    expect(rig.readyPods('web').length).toBe(3);
    await patch(rig, { template: template('web') });
    await rig.until('back', () => isRolledOut(rig));
    expect(condition(rig, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  });

  it('recreates: no new pod before the last old one is gone', async () => {
    const rig = await deployed(deployment('web', { more: { strategy: { type: 'Recreate' } } }));
    const mixed: number[] = [];
    rig.access.onChange(PODS, () => {
      mixed.push(new Set(rig.pods('web').map((pod) => pod.spec?.containers[0]?.image)).size);
    });
    await patch(rig, { template: template('web', { image: 'web:2' }) });
    await rig.until(
      'recreated',
      () => isRolledOut(rig) && rig.pods('web').some((pod) => pod.spec?.containers[0]?.image === 'web:2'),
    );
    expect(Math.max(...mixed)).toBe(1);
  });

  it('scales without touching its template', async () => {
    const rig = await deployed();
    await patch(rig, { replicas: 5 });
    await rig.until('grown', () => isRolledOut(rig));
    await patch(rig, { replicas: 1 });
    await rig.until('shrunk', () => isRolledOut(rig) && rig.pods('web').length === 1);
    expect(sets(rig)).toHaveLength(1);
    expect(rig.events('ScalingReplicaSet').map((event) => event.message?.split('from')[1])).toEqual([
      ' 0 to 3',
      ' 3 to 5',
      ' 5 to 1',
    ]);
  });

  it('shares a change of size between its ReplicaSets in the middle of a rollout', async () => {
    const rig = await deployed(deployment('web', { replicas: 4, cpu: '100m' }));
    await patch(rig, {
      template: template('web', { cpu: '100m', usage: 'lifecycle: { startupSeconds: 3600 }' }),
    });
    await rig.clock.runFor(20_000);
    await patch(rig, { replicas: 8 });
    await rig.clock.runFor(20_000);
    const sizes = sets(rig).map((set) => set.spec?.replicas ?? 0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(8 + 2);
    expect(Math.min(...sizes)).toBeGreaterThan(1);
  });

  it('waits while it is paused, and goes on when it is resumed', async () => {
    const rig = await deployed();
    await patch(rig, { paused: true, template: template('web', { image: 'web:2' }) });
    await rig.clock.runFor(60_000);
    expect(sets(rig)).toHaveLength(1);
    expect(condition(rig, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
    await patch(rig, { paused: false });
    await rig.until('resumed', () => isRolledOut(rig) && sets(rig).length === 2);
    expect(condition(rig, 'Progressing')?.reason).toBe('NewReplicaSetAvailable');
  });

  it('counts a pod as available only after minReadySeconds', async () => {
    const rig = await startRig();
    await rig.create(DEPLOYMENTS, deployment('web', { more: { minReadySeconds: 30 } }));
    await rig.until('ready', () => rig.readyPods('web').length === 3);
    expect(rig.deployment('web').status?.availableReplicas).toBeUndefined();
    const readyMs = rig.clock.now();
    await rig.until('available', () => isRolledOut(rig));
    expect(rig.clock.now() - readyMs).toBeGreaterThan(25_000);
    expect(rig.clock.now() - readyMs).toBeLessThan(35_000);
  });

  it('replaces a pod that somebody deletes', async () => {
    const rig = await deployed();
    const [victim] = rig.pods('web');
    await rig.access.delete(
      PODS,
      { namespace: NAMESPACE, name: victim?.metadata?.name ?? '' },
      { graceful: true },
    );
    await rig.until(
      'replaced',
      () => isRolledOut(rig) && rig.pods('web').every((pod) => pod.metadata?.name !== victim?.metadata?.name),
    );
    expect(rig.readyPods('web')).toHaveLength(3);
  });

  it('takes its ReplicaSets and pods with it', async () => {
    const rig = await deployed();
    await rig.access.delete(DEPLOYMENTS, WEB);
    await rig.clock.runFor(10_000);
    expect(sets(rig)).toEqual([]);
    expect(rig.pods('web')).toEqual([]);
  });
});

function count(value: number | string, total: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) * total) / 100);
}
