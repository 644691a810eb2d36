import { describe, expect, it } from 'vitest';
import type { Container, Pod, ResourceRequirements } from '#apis/kubernetes/builtin.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import { type FleetRig, NAMESPACE, pod, startRig } from '../testing/fleet-rig.ts';

const KEY = { namespace: NAMESPACE, name: 'web' };

async function running(made: Pod): Promise<FleetRig> {
  const rig = await startRig();
  await rig.create(PODS, made);
  await rig.until('running', () => rig.readyPods(made.metadata?.name ?? '').length === 1);
  return rig;
}

function current(rig: FleetRig): Pod {
  const found = rig.access.get(PODS, KEY);
  if (found === undefined) throw new Error('the pod is gone');
  return found;
}

async function resize(
  rig: FleetRig,
  resources: ResourceRequirements,
  policy?: Container['resizePolicy'],
): Promise<void> {
  const [container] = current(rig).spec?.containers ?? [];
  const changed = { ...container, resources, ...(policy === undefined ? {} : { resizePolicy: policy }) };
  await rig.access.mergePatch(PODS, KEY, {
    body: { spec: { containers: [changed] } },
    subresource: 'resize',
  });
}

function condition(rig: FleetRig, type: string) {
  return current(rig).status?.conditions?.find((candidate) => candidate.type === type);
}

function container(rig: FleetRig) {
  return current(rig).status?.containerStatuses?.[0];
}

const SMALLER = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '200m', memory: '256Mi' } };

describe('an in-place resize', () => {
  it('is allocated, shown as in progress, put into effect and forgotten, without a restart', async () => {
    const rig = await running(pod('web', { usage: 'cpu: { cores: 1, noise: 0 }\nmemory: { base: 50Mi }' }));
    await resize(rig, SMALLER);
    await rig.until('in progress', () => condition(rig, 'PodResizeInProgress')?.status === 'True');
    expect(container(rig)?.allocatedResources).toEqual({ cpu: '100m', memory: '128Mi' });
    expect(container(rig)?.resources?.limits).toEqual({ cpu: '400m', memory: '512Mi' });
    await rig.until('done', () => condition(rig, 'PodResizeInProgress') === undefined);
    expect(container(rig)?.resources).toEqual(SMALLER);
    expect(container(rig)?.restartCount).toBe(0);
    expect(current(rig).status).toMatchObject({ observedGeneration: 2 });
    const meter = rig.fleet.usage.pod(current(rig).metadata?.uid ?? '')?.meters.get('app');
    expect(meter?.read(rig.clock.now()).cpuCores).toBeCloseTo(0.2, 9);
    expect(rig.reasons('web').slice(-2)).toEqual(['ResizeStarted', 'ResizeCompleted']);
  });

  it('restarts the container where its policy says so', async () => {
    const rig = await running(pod('web'));
    await resize(rig, SMALLER, [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]);
    await rig.until('restarted', () => container(rig)?.restartCount === 1 && container(rig)?.ready === true);
    expect(container(rig)?.resources).toEqual(SMALLER);
    expect(rig.events('Killing')[0]?.message).toBe('Container app resize requires restart');
  });

  it('is infeasible where the node could never hold it, and mended by a smaller wish', async () => {
    const rig = await running(pod('web'));
    await resize(rig, { requests: { cpu: '100', memory: '128Mi' } });
    await rig.until('infeasible', () => condition(rig, 'PodResizePending')?.reason === 'Infeasible');
    expect(condition(rig, 'PodResizePending')?.message).toMatch(
      /^Node didn't have enough capacity: cpu, requested: 100000, capacity: \d+$/,
    );
    expect(container(rig)?.allocatedResources).toEqual({ cpu: '200m', memory: '256Mi' });
    await resize(rig, SMALLER);
    await rig.until('applied', () => container(rig)?.resources?.limits?.['cpu'] === '200m');
    expect(condition(rig, 'PodResizePending')).toBeUndefined();
  });

  it('is deferred until another pod makes room', async () => {
    const rig = await running(pod('web'));
    const nodeName = current(rig).spec?.nodeName ?? '';
    const filler = pod('filler', {
      cpu: '3',
      spec: { nodeSelector: { 'kubernetes.io/hostname': nodeName } },
    });
    await rig.create(PODS, filler);
    await rig.until('filled', () => rig.readyPods('filler').length === 1);
    await resize(rig, { requests: { cpu: '2', memory: '256Mi' }, limits: { cpu: '2', memory: '512Mi' } });
    await rig.until('deferred', () => condition(rig, 'PodResizePending')?.reason === 'Deferred');
    expect(condition(rig, 'PodResizePending')?.message).toMatch(
      /^Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: \d+$/,
    );
    await rig.clock.runFor(600_000);
    expect(condition(rig, 'PodResizePending')?.reason).toBe('Deferred');
    await rig.access.delete(PODS, { namespace: NAMESPACE, name: 'filler' }, { graceful: true });
    await rig.until('applied', () => container(rig)?.resources?.limits?.['cpu'] === '2');
    expect(condition(rig, 'PodResizePending')).toBeUndefined();
  });

  it('waits with a memory limit below what is in use, rather than kill', async () => {
    const usage = 'memory: { base: 400Mi, noise: 0 }';
    const rig = await running(pod('web', { usage }));
    await resize(rig, {
      requests: { cpu: '200m', memory: '256Mi' },
      limits: { cpu: '400m', memory: '300Mi' },
    });
    await rig.until('error', () => condition(rig, 'PodResizeInProgress')?.reason === 'Error');
    expect(condition(rig, 'PodResizeInProgress')?.message).toContain('below current usage');
    await rig.clock.runFor(600_000);
    expect(container(rig)?.restartCount).toBe(0);
    await resize(rig, {
      requests: { cpu: '200m', memory: '256Mi' },
      limits: { cpu: '400m', memory: '450Mi' },
    });
    await rig.until('done', () => condition(rig, 'PodResizeInProgress') === undefined);
    expect(container(rig)?.resources?.limits?.['memory']).toBe('450Mi');
  });

  it('of the memory limit moves the out-of-memory kill', async () => {
    const usage = 'memory: { base: 100Mi, growthPerHour: 60Mi, noise: 0 }';
    const rig = await running(pod('web', { memory: '100Mi', usage }));
    await resize(rig, {
      requests: { cpu: '200m', memory: '100Mi' },
      limits: { cpu: '400m', memory: '110Mi' },
    });
    await rig.until('killed', () => container(rig)?.restartCount === 1, 3_600_000);
    expect(rig.clock.now() - Date.UTC(2026, 0, 5, 8)).toBeLessThan(12 * 60_000);
  });
});
