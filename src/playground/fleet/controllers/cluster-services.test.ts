import { describe, expect, it } from 'vitest';
import type { PodDisruptionBudget } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { DEPLOYMENTS, NODES, PODS, POD_DISRUPTION_BUDGETS, SERVICES } from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { type FleetRig, NAMESPACE, deployment, startRig } from '../testing/fleet-rig.ts';

const SLICES: ResourceType = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
};
const ENDPOINTS: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'endpoints',
  kind: 'Endpoints',
  namespaced: true,
};

async function web(replicas = 3): Promise<FleetRig> {
  const rig = await startRig();
  await rig.create(DEPLOYMENTS, deployment('web', { replicas }));
  await rig.until('ready', () => rig.readyPods('web').length === replicas);
  return rig;
}

async function budget(
  rig: FleetRig,
  spec: NonNullable<PodDisruptionBudget['spec']>,
): Promise<PodDisruptionBudget['status']> {
  const metadata = { name: 'web', namespace: NAMESPACE };
  await rig.create(POD_DISRUPTION_BUDGETS, {
    metadata,
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
  await rig.clock.runFor(100);
  return rig.access.get(POD_DISRUPTION_BUDGETS, metadata)?.status;
}

describe('a PodDisruptionBudget', () => {
  it.each([
    [{ minAvailable: 2 }, { desiredHealthy: 2, disruptionsAllowed: 1 }],
    [{ minAvailable: '50%' }, { desiredHealthy: 2, disruptionsAllowed: 1 }],
    [{ maxUnavailable: 1 }, { desiredHealthy: 2, disruptionsAllowed: 1 }],
    [{ maxUnavailable: '34%' }, { desiredHealthy: 1, disruptionsAllowed: 2 }],
    [{ maxUnavailable: 0 }, { desiredHealthy: 3, disruptionsAllowed: 0 }],
    [{ minAvailable: 5 }, { desiredHealthy: 5, disruptionsAllowed: 0 }],
  ])('of %o allows what is left', async (spec, expected) => {
    const status = await budget(await web(), spec);
    expect(status).toMatchObject({ ...expected, currentHealthy: 3, expectedPods: 3 });
    expect(status?.conditions?.[0]).toMatchObject({
      type: 'DisruptionAllowed',
      status: expected.disruptionsAllowed > 0 ? 'True' : 'False',
    });
  });

  it('follows its pods and counts promised evictions', async () => {
    const rig = await web();
    await budget(rig, { minAvailable: 2 });
    const key = { namespace: NAMESPACE, name: 'web' };
    const allowed = (): number | undefined =>
      rig.access.get(POD_DISRUPTION_BUDGETS, key)?.status?.disruptionsAllowed;
    const victim = rig.pods('web')[0]?.metadata?.name ?? '';
    const disruptedPods = { [victim]: new Date(rig.clock.now()).toISOString() };
    await rig.access.mergePatch(POD_DISRUPTION_BUDGETS, key, {
      body: { status: { disruptedPods } },
      subresource: 'status',
    });
    await rig.clock.runFor(1000);
    expect(allowed()).toBe(0);
    await rig.clock.runFor(150_000);
    expect(allowed()).toBe(1);
    await rig.access.delete(PODS, { namespace: NAMESPACE, name: victim }, { graceful: true });
    await rig.clock.runFor(50);
    expect(allowed()).toBe(0);
    await rig.until('whole again', () => allowed() === 1);
  });
});

describe('a Service', () => {
  it('lists the pods behind it, ready or not, and forgets those that end', async () => {
    const rig = await web(2);
    const metadata = { name: 'web', namespace: NAMESPACE };
    const ports = [{ port: 80, targetPort: 8080 }];
    await rig.create(SERVICES, { metadata, spec: { selector: { app: 'web' }, ports } });
    await rig.clock.runFor(100);
    const slice = (): SliceObject => rig.access.list(SLICES)[0] as SliceObject;
    expect(slice().endpoints.map(({ conditions }) => conditions.ready)).toEqual([true, true]);
    expect(slice().ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
    expect(slice().metadata?.labels?.['kubernetes.io/service-name']).toBe('web');
    expect(
      slice()
        .endpoints.map(({ addresses }) => addresses[0])
        .sort(),
    ).toEqual(
      rig
        .pods('web')
        .map((pod) => pod.status?.podIP)
        .sort(),
    );
    await rig.access.mergePatch(DEPLOYMENTS, metadata, { body: { spec: { replicas: 1 } } });
    await rig.until('one left', () => slice().endpoints.length === 1);
    const endpoints = rig.access.get(ENDPOINTS, metadata) as
      { subsets?: { addresses?: unknown[] }[] } | undefined;
    expect(endpoints?.subsets?.[0]?.addresses).toHaveLength(1);
  });
});

interface SliceObject extends KubeObject {
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { readonly ready: boolean };
  }[];
  readonly ports: readonly unknown[];
}

describe('a node that dies', () => {
  it('is marked, and its pods are replaced elsewhere after their toleration', async () => {
    const rig = await web();
    rig.fleet.failNode('m6i-xlarge-1');
    const node = (): { status?: string } | undefined =>
      rig.access
        .get(NODES, { name: 'm6i-xlarge-1' })
        ?.status?.conditions?.find(({ type }) => type === 'Ready');
    await rig.clock.runFor(40_000);
    expect(node()?.status).toBe('True');
    await rig.clock.runFor(20_000);
    expect(node()?.status).toBe('Unknown');
    expect(rig.readyPods('web')).toHaveLength(2);
    expect(
      rig.access.get(NODES, { name: 'm6i-xlarge-1' })?.spec?.taints?.map(({ effect }) => effect),
    ).toEqual(['NoSchedule', 'NoExecute']);
    await rig.until('replaced', () => rig.readyPods('web').length === 3);
    expect(rig.readyPods('web').some((pod) => pod.spec?.nodeName === 'm6i-xlarge-1')).toBe(false);
    expect(rig.pods('web')).toHaveLength(4);
    await rig.clock.settle(rig.fleet.removeNode('m6i-xlarge-1'), 1000);
    await rig.clock.runFor(1000);
    expect(rig.pods('web')).toHaveLength(3);
  });
});
