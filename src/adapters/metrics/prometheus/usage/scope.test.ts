import { describe, expect, it } from 'vitest';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { type Scope, containerSelector, scopesOf } from './scope.ts';

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

  it('of many workloads names their namespaces only', () => {
    const scope = only(scopesOf(refs(200, 3), []));
    expect(containerSelector('m', scope, NAMES)).toBe(
      'm{namespace=~"team-0|team-1|team-2",container!="",container!="POD"}',
    );
  });

  it('has whole namespaces, fifty at most, and together they have every workload once', () => {
    const workloads = refs(500, 120);
    const scopes = scopesOf(workloads, []);
    expect(scopes.map(({ namespaces }) => namespaces.length)).toEqual([50, 50, 20]);
    expect(new Set(scopes.flatMap((scope) => scope.workloads))).toEqual(new Set(workloads));
    expect(new Set(scopes.flatMap(({ namespaces }) => namespaces)).size).toBe(120);
  });

  it('leaves out pods that only look like ours', () => {
    const scope = { ...only(scopesOf(refs(1, 1), [])), foreignPods: ['agent-x7k2p', 'agent-b9v4w'] };
    expect(containerSelector('m', scope, NAMES)).toContain('pod!~"agent-x7k2p|agent-b9v4w"');
  });
});
