import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '#apis/kubernetes/builtin.ts';
import type { KubeObject, ObjectKey } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { TraceLibrary } from '../../traces/trace-library.ts';
import { FleetUsage } from './fleet-usage.ts';
import { USAGE_ANNOTATION } from './usage-schema.ts';
import { workloadOf } from './workload-identity.ts';

const START_MS = Date.UTC(2026, 0, 5, 8);
const NO_LIMITS = { cpuCores: undefined, memoryBytes: undefined };

function owner(kind: string, name: string): KubeObject['metadata'] {
  return { ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `${name}-uid`, controller: true }] };
}

const objects: Record<string, KubeObject> = {
  'replicasets/web-5d8': { metadata: { name: 'web-5d8', uid: 'web-5d8-uid', ...owner('Deployment', 'web') } },
  'deployments/web': {
    metadata: { name: 'web', uid: 'web-uid', creationTimestamp: '2026-01-05T07:00:00Z' },
    ...{ spec: { replicas: 2 } },
  },
};

const access = {
  get: <T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): T | undefined =>
    objects[`${type.plural}/${key.name}`] as T | undefined,
};

function pod(name: string, usage?: string): Pod {
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `${name}-uid`,
      ...(owner('ReplicaSet', 'web-5d8') as { ownerReferences: [] }),
      ...(usage === undefined ? {} : { annotations: { [USAGE_ANNOTATION]: usage } }),
    },
    spec: { nodeName: 'n1', containers: [container('500m')] },
  };
}

function container(cpu: string): Container {
  return { name: 'app', resources: { requests: { cpu, memory: '256Mi' } } };
}

function fleetUsage(): FleetUsage {
  return new FleetUsage({ access, traces: new TraceLibrary({ seed: 1 }), seed: 1 });
}

function start(usage: FleetUsage, started: Pod, cpu = '500m'): void {
  usage.start({ pod: started, container: container(cpu), limits: NO_LIMITS, atMs: START_MS });
}

function cores(usage: FleetUsage, name: string): number {
  return (
    usage
      .pod(`${name}-uid`)
      ?.meters.get('app')
      ?.read(START_MS + 60_000).cpuCores ?? NaN
  );
}

describe('FleetUsage', () => {
  it('divides the demand of a workload over its ready pods, whatever their number', () => {
    const usage = fleetUsage();
    const profile = 'cpu: { cores: 3, noise: 0 }';
    for (const name of ['a', 'b', 'c']) start(usage, pod(name, profile));
    usage.setReady('a-uid', true, START_MS);
    expect(cores(usage, 'a')).toBeCloseTo(3, 9);
    expect(usage.setReady('b-uid', true, START_MS)).toEqual(['a-uid', 'b-uid', 'c-uid']);
    usage.setReady('c-uid', true, START_MS);
    expect(cores(usage, 'a') + cores(usage, 'b') + cores(usage, 'c')).toBeCloseTo(3, 9);
    expect(cores(usage, 'a')).not.toBe(cores(usage, 'b'));
    usage.remove('b-uid', START_MS + 60_000);
    expect(cores(usage, 'a') + cores(usage, 'c')).toBeCloseTo(3, 9);
    expect([...usage.pods()].map((each) => each.name)).toEqual(['a', 'c']);
  });

  it('keeps the generated demand of a workload when its requests shrink', () => {
    const before = fleetUsage();
    start(before, pod('a'));
    before.setReady('a-uid', true, START_MS);
    const share = cores(before, 'a') / (2 * 0.5);
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.5);
    before.remove('a-uid', START_MS);
    start(before, pod('a'), '100m');
    before.setReady('a-uid', true, START_MS);
    expect(cores(before, 'a') / (2 * 0.5)).toBeCloseTo(share, 9);
  });

  it('gives the first container the declared usage and the others a default of their own', () => {
    const usage = fleetUsage();
    const two = pod('a', 'cpu: { cores: 3, noise: 0 }');
    const sidecar: Container = { name: 'proxy', resources: { requests: { cpu: '100m' } } };
    start(usage, two);
    usage.start({ pod: two, container: sidecar, limits: NO_LIMITS, atMs: START_MS });
    usage.setReady('a-uid', true, START_MS);
    const proxy =
      usage
        .pod('a-uid')
        ?.meters.get('proxy')
        ?.read(START_MS + 60_000).cpuCores ?? NaN;
    expect(cores(usage, 'a')).toBeCloseTo(3, 9);
    expect(proxy).toBeGreaterThan(0);
    expect(proxy).toBeLessThan(0.2);
  });

  it('lets a container start in the middle of its life', () => {
    const past = { sinceMs: START_MS - 10 * 3_600_000, beforeMs: START_MS + 1 };
    const usage = new FleetUsage({ access, traces: new TraceLibrary({ seed: 1 }), seed: 1, past });
    start(usage, pod('a', 'memory: { base: 100Mi, growthPerHour: 10Mi, noise: 0 }'));
    const bytes = usage.pod('a-uid')?.meters.get('app')?.read(START_MS).memoryBytes ?? NaN;
    expect(bytes / 1024 / 1024).toBeCloseTo(200, 0);
  });

  it('reports an annotation that cannot be used', () => {
    expect(() => { start(fleetUsage(), pod('a', 'cpu: 1')); }).toThrow('pod shop/a'); // prettier-ignore
  });
});

describe('workloadOf', () => {
  it('climbs to the topmost owner, and guesses it where the owner is not to be seen', () => {
    expect(workloadOf(access, pod('a'))).toMatchObject({ kind: 'Deployment', name: 'web', replicas: 2 });
    const blind = { get: () => undefined };
    const labelled: Pod = { ...pod('a') };
    labelled.metadata = { ...labelled.metadata, labels: { 'pod-template-hash': '5d8' } };
    expect(workloadOf(blind, labelled)).toMatchObject({ kind: 'Deployment', name: 'web' });
    expect(workloadOf(access, { metadata: { name: 'solo', namespace: 'x' } })).toMatchObject({
      kind: 'Pod',
      name: 'solo',
    });
  });
});
