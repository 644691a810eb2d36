import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { type Scope, containerSelector, halvesOf, scopesOf } from './scope.ts';

const NAMES = { namespace: 'namespace', pod: 'pod', container: 'container' };

function refs(count: number, namespaces: number): readonly WorkloadRef[] {
  return Array.from({ length: count }, (_, index) => {
    return {
      kind: 'Deployment',
      namespace: `team-${String(index % namespaces)}`,
      name: `app-${String(index)}`,
    };
  });
}

function only(scopes: readonly Scope[]): Scope {
  const [scope, ...others] = scopes;
  if (scope === undefined || others.length > 0) throw new Error('one scope was expected');
  return scope;
}

describe('a scope', () => {
  it('names few workloads in its selector', () => {
    const workloads: WorkloadRef[] = [
      { kind: 'Deployment', namespace: 'shop', name: 'web.v1' },
      { kind: 'StatefulSet', namespace: 'shop', name: 'd'.repeat(60) },
    ];
    const scope = only(scopesOf(workloads, ['cluster="prod"']));
    expect(containerSelector('m', scope, NAMES)).toBe(
      `m{cluster="prod",namespace="shop",pod=~"web\\\\.v1-.*|${'d'.repeat(58)}.*",container!="",container!="POD"}`,
    );
  });

  it('names fifty namespaces and 250 workloads at most, and together they have every workload once', () => {
    fc.assert(
      fc.property(fc.nat({ max: 900 }), fc.integer({ min: 1, max: 130 }), (count, namespaces) => {
        const workloads = refs(count, namespaces);
        const scopes = scopesOf(workloads, ['cluster="prod"']);
        for (const scope of scopes) {
          expect(scope.workloads.length).toBeLessThanOrEqual(250);
          expect(scope.namespaces.length).toBeLessThanOrEqual(50);
          expect(scope.namespaces).toEqual([...new Set(scope.workloads.map(({ namespace }) => namespace))]);
          expect(scope.extra).toEqual(['cluster="prod"']);
        }
        const all = scopes.flatMap((scope) => scope.workloads);
        expect(all).toHaveLength(count);
        expect(new Set(all)).toEqual(new Set(workloads));
        // No more of them than the limits ask for, and a namespace that was left is not come back to.
        expect(scopes.length).toBeLessThanOrEqual(Math.ceil(count / 250) + Math.ceil(namespaces / 50));
      }),
    );
  });

  it('is halved until it is one workload', () => {
    const scope = only(scopesOf(refs(5, 2), []));
    const halves = halvesOf(scope);
    expect(halves?.map(({ workloads }) => workloads.length)).toEqual([3, 2]);
    expect(halves?.flatMap(({ workloads }) => workloads)).toEqual(scope.workloads);
    expect(halvesOf(only(scopesOf(refs(1, 1), [])))).toBeUndefined();
  });

  it('leaves out pods that only look like ours', () => {
    const scope = { ...only(scopesOf(refs(1, 1), [])), foreignPods: ['agent-x7k2p', 'agent-b9v4w'] };
    expect(containerSelector('m', scope, NAMES)).toContain('pod!~"agent-x7k2p|agent-b9v4w"');
  });
});
