/** The Helm chart without a cluster: what it makes of its values, and that it is the plain manifests by default. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import { ESTIMATOR, estimatorManifests } from '#commands/manifests/estimator.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { whyNoHelm } from '../../testenv/modules/helm.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { CHART, helm, isHook, objectsIn, render } from './helm.ts';
import { REFUSED, VALUE_SETS } from './value-sets.ts';

const MANIFESTS = join(CHART, '../../manifests');
/** What Helm adds so that its users can find what a release made. */
const HELM_LABELS = ['app.kubernetes.io/instance', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/version', 'helm.sh/chart']; // prettier-ignore

type Marks = Readonly<Record<string, string>>;

function without(marks: Marks | undefined, names: readonly string[]): Marks | undefined {
  const kept = Object.entries(marks ?? {}).filter(([name]) => !names.includes(name));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function plain(object: KubeObject): unknown {
  const labels = without(object.metadata?.labels, HELM_LABELS);
  const annotations = without(object.metadata?.annotations, ['helm.sh/resource-policy']);
  return JSON.parse(JSON.stringify({ ...object, metadata: { ...object.metadata, labels, annotations } }));
}

function manifestsIn(...files: readonly string[]): readonly KubeObject[] {
  const objects = files.flatMap((file) => objectsIn(readFileSync(join(MANIFESTS, file), 'utf8')));
  return objects.filter(({ kind }) => kind !== 'Namespace');
}

const idOf = ({ kind = '', metadata }: KubeObject): string => `${kind}/${metadata?.name ?? ''}`;

function byId(objects: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(objects.map((object) => [idOf(object), plain(object)]));
}

const OPERATOR = 'cost-optimizer-operator';

function deploymentIn(objects: readonly KubeObject[], name = OPERATOR): Deployment {
  return objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata?.name === name) as Deployment;
}

function environmentIn(objects: readonly KubeObject[], name = OPERATOR): Readonly<Record<string, unknown>> {
  const env = deploymentIn(objects, name).spec?.template.spec?.containers[0]?.env ?? [];
  return Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

const TITLE = 'the Helm chart';

describe.skipIf(skipReason(TITLE, whyNoHelm()))(TITLE, () => {
  it('passes the strict lint of Helm, with each set of values', async () => {
    for (const values of Object.values(VALUE_SETS)) {
      expect(await helm({ args: ['lint', '--strict', CHART], values })).toContain('0 chart(s) failed');
    }
  });

  it('makes the plain manifests by default, but for the namespace', async () => {
    const made = (await render()).filter((object) => !isHook(object));
    expect(byId(made)).toEqual(byId(manifestsIn('crds.yaml', 'operator.yaml')));
  });

  it('makes those of the optimizer API where it is enabled, and hands its address to the operator', async () => {
    const made = await render({ optimizerApi: { enabled: true } });
    const api = made.filter(({ metadata }) => metadata?.name === 'optimizer-api');
    expect(byId(api)).toEqual(byId(manifestsIn('optimizer-api.yaml')));
    expect(environmentIn(made)).toMatchObject({
      OPTIMIZER_API_URL: 'http://optimizer-api.cost-optimizer.svc.cluster.local:8000',
    });
    const alone = await render({ optimizerApi: { enabled: true, forOperator: false } });
    expect(environmentIn(alone)).not.toHaveProperty('OPTIMIZER_API_URL');
  });

  it('makes those of the estimator where it is enabled', async () => {
    const made = await render({ estimator: { enabled: true } });
    const own = made.filter(({ metadata }) => metadata?.name?.startsWith(ESTIMATOR) === true);
    const declared = estimatorManifests({
      namespace: 'cost-optimizer',
      image: 'cost-optimizer-operator:latest',
    });
    expect(byId(own)).toEqual(byId(declared.filter(({ kind }) => kind !== 'Namespace')));
    const grown = await render({ estimator: { enabled: true, settings: { REDIS_URL: 'redis://redis' } } });
    const settings = grown.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata?.name === `${ESTIMATOR}-config`,
    );
    expect(settings).toMatchObject({ data: { REDIS_URL: 'redis://redis', ELECTRICITY_RATE: '0.12' } });
  });

  it('restores every workload before it goes, with the right to do that alone', async () => {
    const hooks = (await render({ operator: { watchNamespace: 'shop' } })).filter(isHook);
    expect(hooks.map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'ClusterRole',
      'ClusterRoleBinding',
      'Job',
    ]);
    expect(hooks.every(({ metadata }) => metadata?.annotations?.['helm.sh/hook'] === 'pre-delete')).toBe(
      true,
    );
    const rules = [
      { apiGroups: ['optimization.k8s.io'], resources: ['costoptimizations'], verbs: ['list', 'delete'] },
    ];
    expect(hooks.find(({ kind }) => kind === 'ClusterRole')).toMatchObject({ rules });
    const args = ['restore', '--timeout-seconds=240', '--namespace=shop'];
    expect(hooks.at(-1)).toMatchObject({ spec: { template: { spec: { containers: [{ args }] } } } });
    expect((await render({ uninstall: { restore: false } })).filter(isHook)).toEqual([]);
  });

  it.each(REFUSED)('refuses %j', async (values, message) => {
    await expect(render(values)).rejects.toThrow(message);
  });

  it('documents each value in the schema, and each of the schema in the values', async () => {
    const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as {
      properties: Marks;
    };
    const shown = await helm({ args: ['show', 'values', CHART] });
    const named = [...shown.matchAll(/^(\w+):/gm)].map(([, name]) => name);
    expect(new Set([...named, 'global'])).toEqual(new Set(Object.keys(schema.properties)));
  });

  it('hands the settings of the seed to the operator', async () => {
    const environment = environmentIn(await render(VALUE_SETS['with everything beside it']));
    expect(environment).toMatchObject({
      OPTIMIZER_API_URL: 'http://optimizer-api.cost-optimizer.svc.cluster.local:8000',
      REDIS_HOST: 'redis.cost-optimizer.svc.cluster.local',
      REDIS_PORT: '6379',
      REDIS_PASSWORD: { secretKeyRef: { name: 'redis', key: 'password' } },
      PROMETHEUS_PORT: '8080',
      PROMETHEUS_LABELS: 'cluster=prod,region=eu',
      MEMORY_USD_PER_GIB_HOUR: '0',
    });
  });

  it('hands the way to Prometheus to each component that reads usage', async () => {
    const values = VALUE_SETS['with the optimizer API and a store that asks who one is'];
    const objects = await render(values);
    const way = {
      PROMETHEUS_URL: 'https://mimir.example/prometheus',
      PROMETHEUS_USERNAME: 'kcloud',
      PROMETHEUS_PASSWORD_FILE: '/etc/kcloud/prometheus/password',
      PROMETHEUS_CA_FILE: '/etc/kcloud/prometheus/ca.crt',
      PROMETHEUS_CERTIFICATE_FILE: '/etc/kcloud/prometheus/tls.crt',
      PROMETHEUS_KEY_FILE: '/etc/kcloud/prometheus/tls.key',
    };
    for (const name of [OPERATOR, 'optimizer-api']) {
      expect(environmentIn(objects, name)).toMatchObject(way);
      const { volumes, containers } = deploymentIn(objects, name).spec?.template.spec ?? {};
      expect(volumes).toContainEqual({ name: 'prometheus', secret: { secretName: 'mimir' } });
      expect(containers?.[0]?.volumeMounts?.map(({ mountPath }) => mountPath)).toContain(
        '/etc/kcloud/prometheus',
      );
    }
    expect(environmentIn(objects, 'optimizer-api')).toMatchObject({
      API_READERS: 'finops,system:serviceaccounts',
      API_WRITERS: 'platform',
      API_TOKEN_AUDIENCES: 'money',
      CLUSTER_NAME: 'prod',
    });
  });

  it('keeps definitions and data when the release goes, unless told otherwise', async () => {
    const kept = (objects: readonly KubeObject[]): string[] =>
      objects
        .filter(({ metadata }) => metadata?.annotations?.['helm.sh/resource-policy'] === 'keep')
        .map(({ kind = '' }) => kind);
    expect(new Set(kept(await render()))).toEqual(
      new Set(['CustomResourceDefinition', 'PersistentVolumeClaim']),
    );
    expect(kept(await render({ crds: { keep: false }, persistence: { keep: false } }))).toEqual([]);
  });

  it('points everything at the namespace of the release', async () => {
    const args = ['template', 'kcloud', CHART, '--namespace', 'elsewhere'];
    const text = await helm({ args });
    expect(text).not.toContain('namespace: cost-optimizer');
    const objects = objectsIn(text).filter(({ kind = '' }) => kind.endsWith('WebhookConfiguration'));
    expect(JSON.stringify(objects)).toContain('"namespace":"elsewhere"');
  });

  it('restarts the operator when the price list changes, and only then', async () => {
    const template = async (nodes: Readonly<Record<string, number>>): Promise<unknown> =>
      deploymentIn(await render({ prices: { nodes } })).spec?.template;
    const [first, same, other] = [
      await template({ a: 1 }),
      await template({ a: 1 }),
      await template({ a: 2 }),
    ];
    expect(same).toEqual(first);
    expect(other).not.toEqual(first);
  });
});
