/** A release of the Helm chart on a real control plane: checked, installed, upgraded, used, removed. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { whyNoControlPlane } from '../../testenv/binaries.ts';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import { type RealCluster, startRealCluster } from '../../testenv/fleet/real-cluster.ts';
import { whyNoHelm } from '../../testenv/modules/helm.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { CHART, helm, render, RELEASE_NAMESPACE, type Values } from './helm.ts';
import { OperatorProcess } from './operator-process.ts';
import { pastUsage } from './past-usage.ts';
import { VALUE_SETS } from './value-sets.ts';

const TITLE = 'a release of the Helm chart';

/** Definitions of others that the chart's objects belong to, as open as they can be. */
const FOREIGN = [
  ['monitoring.coreos.com', 'PodMonitor'],
  ['monitoring.coreos.com', 'ServiceMonitor'],
  ['monitoring.coreos.com', 'PrometheusRule'],
  ['cert-manager.io', 'Issuer'],
  ['cert-manager.io', 'Certificate'],
] as const;

function foreignDefinition([group, kind]: readonly [string, string]): object {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind, singular: kind.toLowerCase() },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

function podOf(objects: readonly KubeObject[]): object {
  const { spec } = objects.find(({ kind }) => kind === 'Deployment') as Deployment;
  const metadata = { name: 'as-deployed', namespace: RELEASE_NAMESPACE };
  // Whether there is such an account is not the question here.
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...spec?.template.spec, serviceAccountName: 'default' } }; // prettier-ignore
}

describe.skipIf(skipReason(TITLE, whyNoControlPlane() ?? whyNoHelm()))(TITLE, () => {
  let cluster: RealCluster;

  const apply = (objects: readonly object[], ...args: string[]): Promise<string> =>
    cluster.controlPlane.kubectl(['apply', ...args, '-f', '-'], {
      input: objects.map((object) => JSON.stringify(object)).join('\n---\n'),
    });
  const release = (verb: 'install' | 'upgrade', values: Values): Promise<string> =>
    helm({
      args: [verb, 'kcloud', CHART, '--namespace', RELEASE_NAMESPACE],
      values,
      kubeconfigPath: cluster.controlPlane.kubeconfigPath,
    });

  beforeAll(async () => {
    cluster = await startRealCluster({ nodes: nodesOf({ instanceType: 'm6i.8xlarge', count: 3 }) });
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: RELEASE_NAMESPACE, labels } };
    await apply([namespace, ...FOREIGN.map(foreignDefinition)]);
    await cluster.controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
    return () => cluster.stop();
  });

  it.each(Object.keys(VALUE_SETS))(
    'is accepted by the API server, restricted pods included: %s',
    async (name) => {
      const objects = await render(VALUE_SETS[name]);
      const answer = await apply(objects, '--dry-run=server', '--server-side');
      expect(answer.trim().split('\n')).toHaveLength(objects.length);
      expect(await apply([podOf(objects)], '--dry-run=server')).toContain('pod/as-deployed created');
    },
  );

  it('is installed, upgraded and rolled back', async () => {
    await release('install', {});
    const image = (): Promise<string> =>
      cluster.controlPlane.kubectl([
        ...['-n', RELEASE_NAMESPACE, 'get', 'deployment', 'cost-optimizer-operator'],
        ...['-o', 'jsonpath={.spec.template.spec.containers[0].image}'],
      ]);
    expect(await image()).toBe('cost-optimizer-operator:latest');
    await release('upgrade', { image: { tag: 'v2' }, monitoring: { podMonitor: { enabled: true } } });
    expect(await image()).toBe('cost-optimizer-operator:v2');
    const args = ['rollback', 'kcloud', '1', '--namespace', RELEASE_NAMESPACE];
    await helm({ args, kubeconfigPath: cluster.controlPlane.kubeconfigPath });
    expect(await image()).toBe('cost-optimizer-operator:latest');
  });

  it('gives the operator all the rights it needs: a change is applied and undone', async () => {
    const { controlPlane } = cluster;
    const past = { namespace: 'default', name: 'frontend-web', pods: 5, coresPerPod: 0.3, memoryBytes: 2 ** 29 }; // prettier-ignore
    const operator = await OperatorProcess.start(controlPlane, { history: [pastUsage(past, Date.now())] });
    try {
      await controlPlane.kubectl(['apply', '-f', `${CHART}/../../examples/test-workloads.yaml`]);
      await controlPlane.kubectl(['rollout', 'status', 'deployment/frontend-web', '--timeout=100s']);
      const spec = (): Promise<string> =>
        controlPlane.kubectl(['get', 'deployment', 'frontend-web', '-o', 'jsonpath={.spec}']);
      const before = await spec();
      await apply([AUTO_APPLY]);
      await controlPlane.kubectl(['wait', 'costopt/auto', '--for=jsonpath={.status.phase}=Applied', '--timeout=60s']); // prettier-ignore
      expect(await spec()).not.toBe(before);
      await controlPlane.kubectl(['delete', 'costopt', 'auto', '--timeout=60s']);
      expect(await spec()).toBe(before);
    } finally {
      await operator.stop();
    }
  });

  it('is removed but for definitions, data and the key of the originals', async () => {
    const { controlPlane } = cluster;
    await helm({
      args: ['uninstall', 'kcloud', '--namespace', RELEASE_NAMESPACE],
      kubeconfigPath: controlPlane.kubeconfigPath,
    });
    const kinds = 'deployments,services,roles,rolebindings,serviceaccounts,persistentvolumeclaims,secrets';
    const where = ['-n', RELEASE_NAMESPACE, 'get'];
    const left = await controlPlane.kubectl([...where, kinds, '-o', 'name']);
    expect(left.trim().split('\n').sort()).toEqual([
      'persistentvolumeclaim/cost-optimizer-data',
      'secret/kcloud-rollback-key',
      'serviceaccount/default',
    ]);
    const global = 'clusterroles,clusterrolebindings,validatingwebhookconfigurations,mutatingwebhookconfigurations'; // prettier-ignore
    const labelled = ['get', global, '-l', 'app=cost-optimizer-operator', '-o', 'name'];
    expect(await controlPlane.kubectl(labelled)).toBe('');
    expect(await controlPlane.kubectl(['get', 'crd', '-o', 'name'])).toContain('costoptimizations');
  });
});

const AUTO_APPLY = {
  apiVersion: 'optimization.k8s.io/v1',
  kind: 'CostOptimization',
  metadata: { name: 'auto', namespace: 'default' },
  spec: {
    targetWorkload: { kind: 'Deployment', name: 'frontend-web' },
    optimizationType: 'CPU',
    dryRun: false,
    autoApply: true,
    minConfidence: 0,
    verificationWindow: '1h',
    updateStrategy: 'Rollout',
  },
};
