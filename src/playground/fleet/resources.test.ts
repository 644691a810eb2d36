import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Pod } from '#apis/kubernetes/builtin.ts';
import {
  addAmounts,
  allocatedRequests,
  mostAmounts,
  podRequests,
  qosClassOf,
  specRequests,
  subtractAmounts,
  units,
} from './resources.ts';

const amounts = fc.dictionary(fc.constantFrom('cpu', 'memory', 'nvidia.com/gpu'), fc.nat(1000));

function podOf(requests: Record<string, string>, status: Pod['status'] = {}): Pod {
  return { spec: { containers: [{ name: 'app', resources: { requests } }] }, status };
}

function held(allocated: Record<string, string>, actual: Record<string, string>): ContainerStatus[] {
  return [
    {
      name: 'app',
      image: '',
      imageID: '',
      ready: true,
      restartCount: 0,
      allocatedResources: allocated,
      resources: { requests: actual },
    },
  ];
}

describe('amounts', () => {
  it('add up and go back', () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        const back = subtractAmounts(addAmounts(a, b), b);
        for (const [name, value] of Object.entries(a)) expect(back[name]).toBe(value);
        for (const [name, value] of Object.entries(mostAmounts(a, b)))
          expect(value).toBe(Math.max(a[name] ?? 0, b[name] ?? 0));
      }),
    );
  });

  it('remember texts without mixing them up', () => {
    expect([units('250m'), units('1Gi'), units(2), units('250m')]).toEqual([0.25, 2 ** 30, 2, 0.25]);
  });
});

describe('what a pod occupies', () => {
  it('is the sum of its containers or its largest init container, with sidecars beside both', () => {
    const container = (cpu: string) => ({ name: cpu, resources: { requests: { cpu } } });
    const sidecar = { ...container('1'), restartPolicy: 'Always' };
    const spec = {
      containers: [container('2'), container('3')],
      initContainers: [container('4'), sidecar, container('7')],
    };
    expect(specRequests({ spec })).toEqual({ cpu: 8 });
    expect(specRequests({ spec: { ...spec, initContainers: [sidecar] } })).toEqual({ cpu: 6 });
    expect(specRequests({ spec: { containers: [container('1')], overhead: { cpu: '250m' } } })).toEqual({
      cpu: 1.25,
    });
  });

  it('is the most of wish, promise and effect while it is resized', () => {
    expect(podRequests(podOf({ cpu: '1' }, { containerStatuses: held({ cpu: '2' }, { cpu: '3' }) }))).toEqual(
      { cpu: 3 },
    );
    expect(podRequests(podOf({ cpu: '4' }, { containerStatuses: held({ cpu: '2' }, { cpu: '2' }) }))).toEqual(
      { cpu: 4 },
    );
    const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }];
    const infeasible = podOf(
      { cpu: '400' },
      { conditions, containerStatuses: held({ cpu: '2' }, { cpu: '2' }) },
    );
    expect(podRequests(infeasible)).toEqual({ cpu: 2 });
    expect(allocatedRequests(infeasible)).toEqual({ cpu: 2 });
  });

  it('counts a limit as a request where there is none', () => {
    const pod: Pod = {
      spec: {
        containers: [{ name: 'app', resources: { limits: { cpu: '2' }, requests: { memory: '1Gi' } } }],
      },
    };
    expect(specRequests(pod)).toEqual({ cpu: 2, memory: 2 ** 30 });
  });
});

describe('the QoS class', () => {
  const of = (resources: object): string =>
    qosClassOf({ spec: { containers: [{ name: 'app', resources }] } });
  it('follows from requests and limits of CPU and memory', () => {
    const size = { cpu: '1', memory: '1Gi' };
    expect(of({ requests: size, limits: size })).toBe('Guaranteed');
    expect(of({ limits: size })).toBe('Guaranteed');
    expect(of({ requests: size })).toBe('Burstable');
    expect(of({ requests: { cpu: '1' }, limits: { cpu: '1' } })).toBe('Burstable');
    expect(of({ requests: { 'nvidia.com/gpu': '1' } })).toBe('BestEffort');
    expect(of({})).toBe('BestEffort');
  });
});
