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
import { startInstalledApi } from './installed-api.ts';
import { OperatorProcess } from './operator-process.ts';
import { pastUsage } from './past-usage.ts';
import { removeRelease } from './restore-job.ts';
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

/** The pods of every Deployment and Job. */
function podsOf(objects: readonly KubeObject[]): readonly object[] {
  const owners = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
  return owners.map((owner: KubeObject & Pick<Deployment, 'spec'>) => {
    const metadata = { name: owner.metadata?.name, namespace: RELEASE_NAMESPACE };
    const { spec } = owner.spec?.template ?? {};
    // Whether there is such an account is not the question here.
    return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...spec, serviceAccountName: 'default' } };
  });
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
      const pods = podsOf(objects);
      const admitted = await apply(pods, '--dry-run=server');
      expect(admitted.trim().split('\n')).toEqual(
        pods.map(() => expect.stringMatching(/^pod\/.* created/) as string),
      );
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
    // Before a process of ours stands in for the webhooks' Service: Helm would not find its own address again.
    await release('upgrade', {
      ...PLAYED,
      optimizerApi: { enabled: true },
      uninstall: { timeoutSeconds: 15 },
    });
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
      await apply([optimization('auto', 'frontend-web')]);
      await controlPlane.kubectl(['wait', 'costopt/auto', '--for=jsonpath={.status.phase}=Applied', '--timeout=60s']); // prettier-ignore
      expect(await spec()).not.toBe(before);
      await controlPlane.kubectl(['delete', 'costopt', 'auto', '--timeout=60s']);
      expect(await spec()).toBe(before);
    } finally {
      await operator.stop();
    }
  });

  it('lets the operator ask the optimizer API of the release, each with an account of its own', async () => {
    const { controlPlane } = cluster;
    const past = { namespace: 'default', name: 'api-gateway', pods: 8, coresPerPod: 0.1, memoryBytes: 2 ** 28 }; // prettier-ignore
    const api = await startInstalledApi(controlPlane, [pastUsage(past, Date.now())]);
    const env = { OPTIMIZER_API_URL: api.service.url, OPTIMIZER_API_TOKEN_FILE: api.tokenFile };
    const operator = await OperatorProcess.start(controlPlane, { env });
    try {
      const asked = optimization('asked', 'api-gateway');
      await apply([{ ...asked, spec: { ...asked.spec, dryRun: true, autoApply: false } }]);
      await controlPlane.kubectl(['wait', 'costopt/asked', '--for=jsonpath={.status.phase}=Ready', '--timeout=60s']); // prettier-ignore
      const ask = async (path: string, token?: string): Promise<number> => {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
        return (await fetch(api.service.url + path, { headers })).status;
      };
      const forApiServer = await controlPlane.kubectl(['-n', RELEASE_NAMESPACE, 'create', 'token', 'cost-optimizer-operator']); // prettier-ignore
      expect(await ask('/workloads', api.token)).toBe(200);
      expect(await ask('/workloads', forApiServer.trim())).toBe(401);
      expect(await ask(api.livenessPath)).toBe(200);
      expect(api.service.log()).not.toContain('orbidden');
      await controlPlane.kubectl(['delete', 'costopt', 'asked', '--timeout=60s']);
    } finally {
      await Promise.all([operator.stop(), api.service.process.kill()]);
    }
  });

  it('does not go while a workload cannot be restored, and then leaves each as it was', async () => {
    const { controlPlane } = cluster;
    const past = { namespace: 'default', name: 'microservice-analytics', pods: 6, coresPerPod: 0.1, memoryBytes: 2 ** 28 }; // prettier-ignore
    const history = [pastUsage(past, Date.now())];
    const directory = OperatorProcess.directory();
    const first = await OperatorProcess.start(controlPlane, { history, directory });
    const spec = (): Promise<string> =>
      controlPlane.kubectl(['get', 'deployment', 'microservice-analytics', '-o', 'jsonpath={.spec}']);
    await controlPlane.kubectl(['rollout', 'status', 'deployment/microservice-analytics', '--timeout=100s']);
    const before = await spec();
    await apply([optimization('analytics', 'microservice-analytics')]);
    await controlPlane.kubectl(['wait', 'costopt/analytics', '--for=jsonpath={.status.phase}=Applied', '--timeout=60s']); // prettier-ignore
    const applied = await spec();
    expect(applied).not.toBe(before);
    await first.stop();

    const refused = await removeRelease(controlPlane);
    expect(refused.job).toMatchObject({
      code: 1,
      output: expect.stringContaining('default/analytics') as string,
    });
    expect(refused.helm.status).toBe('rejected');
    expect(await spec()).toBe(applied);
    expect(await controlPlane.kubectl(['-n', RELEASE_NAMESPACE, 'get', 'deployments', '-o', 'name'])).toContain('cost-optimizer-operator'); // prettier-ignore

    const second = await OperatorProcess.start(controlPlane, { directory });
    try {
      const removed = await removeRelease(controlPlane);
      expect(removed, second.tail()).toMatchObject({ job: { code: 0 }, helm: { status: 'fulfilled' } });
      expect(await spec()).toBe(before);
      expect(await controlPlane.kubectl(['get', 'costopt', '--all-namespaces', '-o', 'name'])).toBe('');
    } finally {
      await second.stop();
    }
  });

  it('is then gone but for definitions, data and the key of the originals', async () => {
    const { controlPlane } = cluster;
    const kinds = 'deployments,services,roles,rolebindings,serviceaccounts,persistentvolumeclaims,secrets';
    const where = ['-n', RELEASE_NAMESPACE, 'get'];
    const left = await controlPlane.kubectl([...where, kinds, '-o', 'name']);
    expect(left.trim().split('\n').sort()).toEqual([
      'persistentvolumeclaim/cost-optimizer-data',
      'secret/kcloud-rollback-key',
      'serviceaccount/default',
    ]);
    const global = 'clusterroles,clusterrolebindings,validatingwebhookconfigurations,mutatingwebhookconfigurations'; // prettier-ignore
    const labelled = ['get', global, '-l', 'app.kubernetes.io/part-of=kcloud', '-o', 'name'];
    expect(await controlPlane.kubectl(labelled)).toBe('');
    expect(await controlPlane.kubectl(['get', 'crd', '-o', 'name'])).toContain('costoptimizations');
  });
});

/** No node is labelled so: processes of ours do what the pods would. */
const PLAYED = { nodeSelector: { 'kcloud.io/played-by': 'the-test' } } as const;

const optimization = (name: string, workload: string) => ({
  apiVersion: 'optimization.k8s.io/v1',
  kind: 'CostOptimization',
  metadata: { name, namespace: 'default' },
  spec: {
    targetWorkload: { kind: 'Deployment', name: workload },
    optimizationType: 'CPU',
    dryRun: false,
    autoApply: true,
    minConfidence: 0,
    verificationWindow: '1h',
    updateStrategy: 'Rollout',
  },
});
