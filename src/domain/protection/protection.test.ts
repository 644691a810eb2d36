import { describe, expect, it } from 'vitest';
import type { WorkloadKind } from '../workload/workload-ref.ts';
import { gitOpsOwner } from './gitops.ts';
import { type ProtectionFacts, protectionOf } from './protected.ts';

function facts(namespace: string, name: string, more: Partial<ProtectionFacts> = {}): ProtectionFacts {
  return {
    target: { kind: 'Deployment' satisfies WorkloadKind, namespace, name },
    labels: {},
    annotations: {},
    namespaceAnnotations: {},
    operatorNamespace: 'cost-optimizer',
    ...more,
  };
}

describe('protection', () => {
  it.each(['kube-system', 'kube-public', 'kube-node-lease'])('covers everything in %s', (namespace) => {
    expect(protectionOf(facts(namespace, 'web'))).toContain(namespace);
  });

  it.each(['kube-dns', 'coredns', 'kube-proxy', 'metrics-server', 'kube-dashboard', 'kubernetes-dashboard'])(
    'covers %s in any namespace',
    (name) => {
      expect(protectionOf(facts('shop', name))).toContain('protected system workload');
    },
  );

  it('covers controllers, our own parts, and who opted out', () => {
    expect(protectionOf(facts('shop', 'web', { labels: { 'app.kubernetes.io/component': 'controller' } }))).toContain('controller');
    expect(protectionOf(facts('cost-optimizer', 'x', { labels: { 'app.kubernetes.io/part-of': 'kcloud' } }))).toContain('KCloud itself');
    expect(protectionOf(facts('shop', 'web', { annotations: { 'kcloud.io/optimization-disabled': 'true' } }))).toContain('opted out');
    expect(protectionOf(facts('shop', 'web', { namespaceAnnotations: { 'kcloud.io/optimization-disabled': 'true' } }))).toContain('opted out');
  }); // prettier-ignore

  it('leaves ordinary workloads alone, known or not', () => {
    expect(protectionOf(facts('shop', 'web'))).toBeUndefined();
    expect(protectionOf(facts('shop', 'web', { labels: undefined, annotations: undefined }))).toBeUndefined();
  });
});

describe('GitOps ownership', () => {
  it.each([
    [{ 'argocd.argoproj.io/instance': 'shop' }, {}, 'Argo CD (shop)'],
    [{}, { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' }, 'Argo CD (shop)'],
    [{ 'kustomize.toolkit.fluxcd.io/name': 'apps' }, {}, 'Flux Kustomization apps'],
    [{ 'helm.toolkit.fluxcd.io/name': 'web' }, {}, 'Flux HelmRelease web'],
    [{ 'app.kubernetes.io/instance': 'web' }, undefined, undefined],
    [undefined, undefined, undefined],
  ])('of labels %j and annotations %j is %s', (labels, annotations, owner) => {
    expect(gitOpsOwner(labels as Record<string, string>, annotations as Record<string, string>)).toBe(owner);
  });
});
