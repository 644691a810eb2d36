/** The example, whole: CRD, controller, events, leader election, least privilege. */
import { beforeAll, expect, it } from 'vitest';
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  EVENTS,
  LEASES,
  NAMESPACES,
  SECRETS,
} from '#kube/client/builtin-types.ts';
import { isForbidden } from '#kube/client/api-error.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { connect } from '#kube/config/connect.ts';
import { loadConfig } from '#kube/config/load-config.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { isConditionTrue } from '#runtime/conditions/conditions.ts';
import { GREETINGS, GREETING_CRD } from '#runtime/example/greeting.ts';
import { allow } from '#runtime/rbac/permission.ts';
import { RecordingTransport, undeclared, unused } from '#runtime/rbac/permission-check.ts';
import { rbacManifests } from '#runtime/rbac/rbac-manifests.ts';
import { startControlPlane } from '../../testenv/control-plane/control-plane.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { freshNamespace } from './api-contract.ts';
import { clock, greeter, startGreeter } from './process.ts';

async function transportOf(kubeconfig: string) {
  return connect(await loadConfig({ clock, kubeconfig }), clock);
}

async function greeted(client: KubeClient, namespace: string, text: string): Promise<void> {
  await eventually(`the greeting "${text}"`, async () => {
    const configMap = await client.find(CONFIG_MAPS, { namespace, name: 'first' });
    return configMap?.data?.['text'] === text;
  });
}

/** What an informer uses only where the server does not stream the first state, which depends on the moment. */
const FALLBACKS: ReadonlySet<string> = new Set(['list greetings.example.kcloud.io', 'list configmaps']);

describeTargets('a manager', (target) => {
  const client = () => target().client;

  beforeAll(async () => {
    await installCrds([GREETING_CRD], { client: client(), clock, fieldManager: 'test' });
  });

  it('installs a definition that the server takes without a word, twice', async () => {
    await installCrds([GREETING_CRD], { client: client(), clock, fieldManager: 'test' });
    const { status } = await client().get(CUSTOM_RESOURCE_DEFINITIONS, {
      name: 'greetings.example.kcloud.io',
    });
    const problems = status?.conditions?.filter(({ type }) => type === 'NonStructuralSchema');
    expect(problems).toEqual([]);
  });

  it('runs the example: it greets, reports, tells and mends', async () => {
    const namespace = await freshNamespace(client());
    const process = startGreeter(await transportOf(target().kubeconfigPath), namespace, 'only');
    const key = { namespace, name: 'first' };
    await client().create(GREETINGS, { metadata: key, spec: { name: 'Ada' } });
    await greeted(client(), namespace, 'Hello, Ada!');
    await eventually('the status', async () => {
      const { status } = await client().get(GREETINGS, key);
      return isConditionTrue(status?.conditions, 'Ready') && status?.observedGeneration === 1;
    });
    await client().patch(CONFIG_MAPS, key, { patch: 'merge', body: { data: { text: 'graffiti' } } });
    await greeted(client(), namespace, 'Hello, Ada!');
    await eventually('one event that counts twice', async () => {
      const { items } = await client().list(EVENTS, { namespace });
      return items.some((event) => event.reason === 'Greeted' && event.count === 2);
    });
    // What the garbage collector goes by when the greeting is deleted.
    const owners = (await client().get(CONFIG_MAPS, key)).metadata?.ownerReferences;
    expect(owners).toMatchObject([{ kind: 'Greeting', name: 'first', controller: true }]);
    await process.stop();
  });

  it('hands over in order, and replaces a leader that vanished', async () => {
    const namespace = await freshNamespace(client());
    const leader = async () =>
      (await client().find(LEASES, { namespace, name: 'greeter' }))?.spec?.holderIdentity;
    const transport = await transportOf(target().kubeconfigPath);
    const first = startGreeter(transport, namespace, 'first');
    await eventually('the first to lead', async () => (await leader()) === 'first' && first.manager.leads);
    const second = startGreeter(await transportOf(target().kubeconfigPath), namespace, 'second');
    await first.stop();
    await eventually('the second to lead', () => second.manager.leads);
    const cut = await transportOf(target().kubeconfigPath);
    const isCut = { now: false };
    const severed = {
      send: (request: Parameters<typeof cut.send>[0]) =>
        isCut.now ? new Promise<never>(() => undefined) : cut.send(request),
    };
    await second.stop();
    const third = startGreeter(severed, namespace, 'third');
    await eventually('the third to lead', () => third.manager.leads);
    const fourth = startGreeter(await transportOf(target().kubeconfigPath), namespace, 'fourth');
    isCut.now = true;
    let both = false;
    await eventually('the fourth to lead', () => {
      both ||= third.manager.leads && fourth.manager.leads;
      return fourth.manager.leads;
    });
    expect([both, third.manager.leads]).toEqual([false, false]);
    await fourth.stop();
  });
});

describeTargets(
  'least privilege',
  () => {
    it('suffices for the example and leaves nothing over', async () => {
      const controlPlane = await startControlPlane({
        controllers: ['serviceaccount-controller'],
        scheduler: false,
      });
      const { client } = controlPlane;
      await installCrds([GREETING_CRD], { client, clock, fieldManager: 'test' });
      const namespace = 'greeter-system';
      await client.create(NAMESPACES, { metadata: { name: namespace } });
      const { permissions } = greeter(controlPlane.transport, namespace, 'never-runs');
      for (const object of Object.values(rbacManifests(permissions, { name: 'greeter', namespace }))) {
        await client.create<KubeObject>(typeOf(object as KubeObject), object as KubeObject);
      }
      const recording = new RecordingTransport(
        await transportOf(await controlPlane.serviceAccountKubeconfig(namespace, 'greeter')),
      );
      await expect(new KubeClient(recording).list(SECRETS, { namespace })).rejects.toSatisfy(isForbidden);
      const used = new RecordingTransport(recording);
      const process = startGreeter(used, namespace, 'pod');
      const key = { namespace, name: 'first' };
      await client.create(GREETINGS, { metadata: key, spec: { name: 'Ada' } });
      await greeted(client, namespace, 'Hello, Ada!');
      await client.patch(CONFIG_MAPS, key, { patch: 'merge', body: { data: { text: 'graffiti' } } });
      await greeted(client, namespace, 'Hello, Ada!');
      await process.stop();
      expect(undeclared(used.used, permissions, namespace)).toEqual([]);
      const withTooMuch = [...permissions, allow(LEASES, ['delete'])];
      const leftOver = unused(used.used, withTooMuch, namespace).filter((right) => !FALLBACKS.has(right));
      expect(leftOver).toEqual(['delete leases.coordination.k8s.io']);
      await controlPlane.stop();
    });
  },
  { only: 'real' },
);

function typeOf(object: KubeObject): ResourceType {
  const { kind = '', apiVersion = '' } = object;
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return { group, version, kind, plural: `${kind.toLowerCase()}s`, namespaced: !kind.startsWith('Cluster') };
}
