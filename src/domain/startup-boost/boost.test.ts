import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerPolicy } from '#apis/optimization.k8s.io/v1/container-policy.ts';
import { readDesiredPodFields } from '../change/pod-objects.ts';
import { readPod } from '../workload/pod-facts.ts';
import { beneathBoost, boostOf, wantedBoost } from './boost.ts';
import { LIMIT, REQUEST, startingPod, type StartingPod } from './testing.ts';

function wanted(
  pod: StartingPod,
  startupBoost: ContainerPolicy['startupBoost'],
  more: Partial<ContainerPolicy> = {},
) {
  const made = startingPod(pod);
  const policy = { name: '*', ...more, ...(startupBoost === undefined ? {} : { startupBoost }) };
  return wantedBoost(made, readDesiredPodFields(made), [policy]);
}

describe('the boost that a policy asks for', () => {
  it('multiplies the request, and the limit alike where there is one', () => {
    expect(wanted({}, { cpuFactor: 3 })).toEqual({
      original: { [REQUEST]: '500m' },
      boosted: { [REQUEST]: '1500m' },
    });
    expect(wanted({ limit: '1' }, { cpuFactor: 2 })?.boosted).toEqual({ [REQUEST]: '1', [LIMIT]: '2' });
  });

  it('adds an amount', () => {
    expect(wanted({ limit: '1' }, { cpuExtra: '250m' })?.boosted).toEqual({
      [REQUEST]: '750m',
      [LIMIT]: '1250m',
    });
  });

  it('is none for containers that are off, that have no policy, or that a resize would restart', () => {
    expect(wanted({}, { cpuFactor: 3 }, { mode: 'Off' })).toBeUndefined();
    expect(wanted({}, undefined)).toBeUndefined();
    expect(wanted({}, { cpuFactor: 3 }, { name: 'other' })).toBeUndefined();
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
    const containers = [{ name: 'app', resources: { requests: { cpu: '1' } }, resizePolicy }];
    expect(wanted({ pod: { spec: { containers } } }, { cpuFactor: 3 })).toBeUndefined();
  });

  it('adds no size where there is none: the class of a pod cannot change in place', () => {
    const containers = [{ name: 'app', resources: {} }];
    expect(wanted({ pod: { spec: { containers } } }, { cpuFactor: 3 })).toBeUndefined();
  });
});

describe('the sizes beneath a boost', () => {
  it('are those that were there before, whatever they were', () => {
    const millicores = fc.integer({ min: 1, max: 64_000 }).map((count) => `${count}m`);
    fc.assert(
      fc.property(millicores, millicores, fc.integer({ min: 2, max: 10 }), (request, limit, cpuFactor) => {
        const before = readDesiredPodFields(startingPod({ request, limit }));
        const boost = wanted({ request, limit }, { cpuFactor });
        expect(beneathBoost({ ...before, ...boost?.boosted }, boost)).toEqual(before);
      }),
    );
  });

  it('leave a field alone that somebody has changed since', () => {
    const boost = { original: { [REQUEST]: '500m' }, boosted: { [REQUEST]: '1500m' } };
    expect(beneathBoost({ [REQUEST]: '800m' }, boost)).toEqual({ [REQUEST]: '800m' });
  });

  it('are what the rest of the operator sees of a pod', () => {
    const boost = { original: { [REQUEST]: '500m' }, boosted: { [REQUEST]: '1500m' } };
    const facts = readPod(startingPod({ request: '1500m', mark: boost }));
    expect([facts.asked[REQUEST], facts.actual[REQUEST]]).toEqual(['500m', '500m']);
  });
});

describe('the mark', () => {
  it('is read back as written, and is none where it cannot be read', () => {
    const boost = { original: { [REQUEST]: '500m' }, boosted: { [REQUEST]: '1500m' } };
    expect(boostOf(startingPod({ mark: boost }))).toEqual(boost);
    for (const mark of [
      'done',
      '',
      '{',
      '7',
      'null',
      '{"original":{}}',
      '{"original":{"a":1},"boosted":{}}',
    ]) {
      expect(boostOf(startingPod({ mark }))).toBeUndefined();
    }
  });
});
