import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment, HorizontalPodAutoscaler, Pod } from '#apis/kubernetes/builtin.ts';
import { hpaPatch, readHpaFields } from './hpa-objects.ts';
import {
  desiredPodFields,
  qosClassOf,
  readActualPodFields,
  removesResource,
  resizePatch,
} from './pod-objects.ts';
import { readWorkloadFields, workloadPatch } from './workload-objects.ts';

const deployment: Deployment = {
  spec: {
    replicas: 5,
    selector: {},
    template: {
      spec: {
        initContainers: [
          { name: 'migrate', resources: { requests: { cpu: '9' } } },
          { name: 'mesh', restartPolicy: 'Always', resources: { requests: { cpu: '100m' } } },
        ],
        containers: [
          { name: 'app', resources: { requests: { cpu: '2', memory: '4Gi' }, limits: { memory: '4Gi' } } },
        ],
      },
    },
  },
};

const APP = {
  'containers/app/requests/cpu': '2',
  'containers/app/requests/memory': '4Gi',
  'containers/app/limits/cpu': null,
  'containers/app/limits/memory': '4Gi',
};

describe('the fields of a workload', () => {
  it('are its sizes, absent ones included, its sidecars and its replicas', () => {
    expect(readWorkloadFields(deployment, 'Deployment')).toEqual({
      ...APP,
      'initContainers/mesh/requests/cpu': '100m',
      'initContainers/mesh/requests/memory': null,
      'initContainers/mesh/limits/cpu': null,
      'initContainers/mesh/limits/memory': null,
      replicas: 5,
    });
  });

  it('have no replicas for a DaemonSet, and one where a Deployment says none', () => {
    expect(readWorkloadFields(deployment, 'DaemonSet')).not.toHaveProperty('replicas');
    const { replicas: _stated, ...spec } = deployment.spec ?? { selector: {}, template: {} };
    const silent: Deployment = { ...deployment, spec };
    expect(readWorkloadFields(silent, 'Deployment')).toHaveProperty('replicas', 1);
  });

  it('are written by container name, removed with null, under an optimistic lock', () => {
    const changes = { 'containers/app/requests/cpu': '1', 'containers/app/limits/memory': null, replicas: 4 };
    expect(workloadPatch(changes, { resourceVersion: '7', annotations: { a: 'b' } })).toEqual({
      metadata: { resourceVersion: '7', annotations: { a: 'b' } },
      spec: {
        replicas: 4,
        template: {
          spec: {
            containers: [{ name: 'app', resources: { requests: { cpu: '1' }, limits: { memory: null } } }],
          },
        },
      },
    });
  });

  it('leave the template alone when only replicas change', () => {
    expect(workloadPatch({ replicas: 4 }, { resourceVersion: '7' })).toEqual({
      metadata: { resourceVersion: '7' },
      spec: { replicas: 4 },
    });
  });
});

const pod: Pod = {
  spec: { containers: deployment.spec?.template.spec?.containers ?? [] },
  status: {
    containerStatuses: [
      {
        name: 'app',
        image: 'app',
        imageID: '',
        ready: true,
        restartCount: 0,
        resources: { requests: { cpu: '1', memory: '4Gi' } },
      },
    ],
  },
};

describe('the fields of a pod', () => {
  it('are what the kubelet put in force, not what the spec wishes', () => {
    expect(readActualPodFields(pod)).toMatchObject({
      'containers/app/requests/cpu': '1',
      'containers/app/limits/memory': null,
    });
  });

  it('should be the template overlaid with what is resized in place', () => {
    const overlay = {
      'containers/app/requests/cpu': '500m',
      'containers/gone/requests/cpu': '1',
      replicas: 3,
    };
    expect(desiredPodFields({ ...APP, replicas: 5 }, overlay)).toEqual({
      ...APP,
      'containers/app/requests/cpu': '500m',
    });
  });

  it('are resized only where they differ', () => {
    expect(resizePatch(pod, APP)).toBeUndefined();
    expect(resizePatch(pod, { ...APP, 'containers/app/requests/cpu': '500m' })).toEqual({
      spec: { containers: [{ name: 'app', resources: { requests: { cpu: '500m' } } }] },
    });
  });
});

describe('what a resize in place may not do', () => {
  it.each([
    [{}, 'BestEffort'],
    [{ 'containers/a/requests/cpu': null, 'containers/a/limits/cpu': null }, 'BestEffort'],
    [APP, 'Burstable'],
    [{ ...APP, 'containers/app/limits/cpu': '2' }, 'Guaranteed'],
    [{ ...APP, 'containers/app/limits/cpu': '2000m', 'containers/app/requests/cpu': null }, 'Guaranteed'],
    [{ ...APP, 'containers/app/limits/cpu': '3' }, 'Burstable'],
  ] as const)('is to change the class of %j, which is %s', (sizes, qos) => {
    expect(qosClassOf(sizes)).toBe(qos);
  });

  it('is to remove a request or limit', () => {
    expect(removesResource(APP, { 'containers/app/limits/memory': null })).toBe(true);
    expect(removesResource(APP, { 'containers/app/limits/cpu': null })).toBe(false);
  });
});

describe('the fields of an autoscaler', () => {
  const hpa: HorizontalPodAutoscaler = {
    metadata: { name: 'web', resourceVersion: '3' },
    spec: {
      maxReplicas: 10,
      minReplicas: 3,
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
        },
        {
          type: 'Resource',
          resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
        },
        {
          type: 'Pods',
          pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '5' } },
        },
        {
          type: 'ContainerResource',
          containerResource: {
            name: 'cpu',
            container: 'app',
            target: { type: 'Utilization', averageUtilization: 70 },
          },
        },
      ],
    },
  };

  it('are its minimum and its utilization targets; absolute targets do not follow sizes', () => {
    expect(readHpaFields(hpa)).toEqual({
      'hpa/web/minReplicas': 3,
      'hpa/web/target/cpu': 60,
      'hpa/web/target/cpu/app': 70,
    });
  });

  it('are written without touching any other metric', () => {
    const patch = hpaPatch(hpa, {
      'hpa/web/target/cpu': 120,
      'hpa/web/minReplicas': 2,
      'hpa/other/minReplicas': 1,
    });
    const metrics = structuredClone(hpa.spec?.metrics ?? []);
    Object.assign(metrics[0]?.resource?.target ?? {}, { averageUtilization: 120 });
    expect(patch).toEqual({ metadata: { resourceVersion: '3' }, spec: { minReplicas: 2, metrics } });
  });

  it('leave the metrics out of the patch when only the minimum changes', () => {
    expect(hpaPatch(hpa, { 'hpa/web/minReplicas': 2 })).toEqual({
      metadata: { resourceVersion: '3' },
      spec: { minReplicas: 2 },
    });
  });

  it('read back what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 }), (whole, container) => {
        const changes = { 'hpa/web/target/cpu': whole, 'hpa/web/target/cpu/app': container };
        const { spec } = hpaPatch(hpa, changes) as { spec: { metrics: [] } };
        const after = { ...hpa, spec: { ...hpa.spec, ...spec } } as HorizontalPodAutoscaler;
        expect(readHpaFields(after)).toMatchObject(changes);
      }),
    );
  });
});
