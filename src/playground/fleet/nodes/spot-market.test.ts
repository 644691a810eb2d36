import { describe, expect, it } from 'vitest';
import type { Node, PodDisruptionBudget } from '#apis/kubernetes/builtin.ts';
import { DAEMON_SETS, DEPLOYMENTS, NODES, POD_DISRUPTION_BUDGETS } from '#kube/client/builtin-types.ts';
import type { FleetOptions } from '../fleet.ts';
import { nameOf } from '../meta.ts';
import { type FleetRig, NAMESPACE, deployment, startRig, template } from '../testing/fleet-rig.ts';
import { type InstanceType } from './instance-types.ts';
import { nodesOf } from './node-shape.ts';

const DAY_MS = 86_400_000;

async function rigOf(instanceType: InstanceType, options: Partial<FleetOptions> = {}): Promise<FleetRig> {
  const nodes = nodesOf({ instanceType, count: 3, capacityType: 'spot', namePrefix: 'spot' });
  return startRig({ nodes, ...options });
}

async function running(rig: FleetRig, replicas: number): Promise<void> {
  const spec = { terminationGracePeriodSeconds: 5 };
  await rig.create(DEPLOYMENTS, deployment('web', { replicas, spec }));
  await rig.until('ready', () => rig.readyPods('web').length === replicas);
}

function nodes(rig: FleetRig): readonly Node[] {
  return rig.access.list(NODES);
}

function podsOn(rig: FleetRig, nodeName: string): readonly string[] {
  return rig.pods('web').filter(({ spec }) => spec?.nodeName === nodeName).map(nameOf); // prettier-ignore
}

describe('spot interruptions', () => {
  it('give notice, close and empty the node, end it after two minutes, and bring another', async () => {
    const rig = await rigOf('m6i.large');
    await running(rig, 6);
    const [victim = ''] = podsOn(rig, 'spot-1');
    rig.fleet.interruptNode('spot-1');
    await rig.clock.runFor(5000);
    expect(rig.access.get(NODES, { name: 'spot-1' })?.spec?.taints).toMatchObject([
      { key: 'karpenter.sh/disrupted', effect: 'NoSchedule' },
    ]);
    expect(rig.reasons('spot-1')).toEqual(
      expect.arrayContaining(['SpotInterrupted', 'TerminatingOnInterruption']),
    );
    expect(rig.reasons(victim)).toContain('SpotInterrupted');
    await rig.until('the rest to serve alone', () => rig.readyPods('web').length === 6, 60_000);
    expect(podsOn(rig, 'spot-1')).toEqual([]);
    expect(nodes(rig).map(nameOf)).toContain('spot-1');
    await rig.clock.runFor(120_000);
    expect(nodes(rig).map(nameOf)).toEqual(['spot-2', 'spot-3']);
    await rig.clock.runFor(90_000);
    expect(nodes(rig).map(nameOf)).toEqual(['spot-2', 'spot-3', 'spot-1-r1']);
    expect(rig.access.get(NODES, { name: 'spot-1-r1' })?.metadata?.labels).toMatchObject({
      'karpenter.sh/capacity-type': 'spot',
      'karpenter.sh/nodepool': 'spot',
    });
  });

  it('ask the budgets for as long as the machine lives; then it is gone all the same', async () => {
    const rig = await rigOf('m6i.large');
    const selector = { matchLabels: { app: 'web' } };
    const budget: PodDisruptionBudget = {
      metadata: { name: 'web', namespace: NAMESPACE },
      spec: { minAvailable: 3, selector },
    };
    await rig.create(POD_DISRUPTION_BUDGETS, budget);
    await running(rig, 3);
    const onNode = podsOn(rig, 'spot-1');
    expect(onNode).toHaveLength(1);
    rig.fleet.interruptNode('spot-1');
    await rig.clock.runFor(110_000);
    expect(podsOn(rig, 'spot-1')).toEqual(onNode);
    await rig.clock.runFor(20_000);
    expect(podsOn(rig, 'spot-1')).toEqual([]);
    await rig.until('a replacement', () => rig.readyPods('web').length === 3);
  });

  it.each([
    ['n2-standard-4', 30_000, ['cloud.google.com/impending-node-termination']],
    ['Standard_D4s_v5', 30_000, ['kubernetes.azure.com/scalesetpriority']],
  ] as const)('of type %s come with the notice of their cloud', async (instanceType, noticeMs, taints) => {
    const rig = await rigOf(instanceType);
    rig.fleet.interruptNode('spot-2');
    await rig.clock.runFor(1000);
    const node = rig.access.get(NODES, { name: 'spot-2' });
    expect(node?.spec?.taints?.map(({ key }) => key)).toEqual(taints);
    expect(node?.spec?.unschedulable === true).toBe(instanceType.startsWith('Standard'));
    await rig.clock.runFor(noticeMs - 2000);
    expect(nodes(rig).map(nameOf)).toContain('spot-2');
    await rig.clock.runFor(2000);
    expect(nodes(rig).map(nameOf)).not.toContain('spot-2');
  });

  it("leave DaemonSets' pods to the end", async () => {
    const rig = await rigOf('m6i.large');
    const metadata = { name: 'agent', namespace: NAMESPACE };
    const spec = { selector: { matchLabels: { app: 'agent' } }, template: template('agent') };
    await rig.create(DAEMON_SETS, { metadata, spec });
    await rig.until('ready', () => rig.readyPods('agent').length === 3);
    rig.fleet.interruptNode('spot-1');
    await rig.clock.runFor(100_000);
    expect(rig.readyPods('agent')).toHaveLength(3);
    await rig.clock.runFor(30_000);
    expect(rig.readyPods('agent')).toHaveLength(2);
    await rig.until('one on the new node', () => rig.readyPods('agent').length === 3);
  });

  it('come by the seed, about as often as they are said to', async () => {
    const spot = { interruptionsPerDay: 2, replaceAfterMs: 60_000 };
    const story = async (seed: number): Promise<readonly string[]> => {
      const rig = await rigOf('m6i.large', { seed, spot, events: false });
      await rig.clock.runFor(30 * DAY_MS);
      const names = nodes(rig).map(nameOf).sort();
      rig.fleet.stop();
      return names;
    };
    const names = await story(1);
    expect(await story(1)).toEqual(names);
    expect(await story(2)).not.toEqual(names);
    const generations = names.map((name) => Number(name.split('-r')[1]));
    // Three Poisson processes of 60 each: 180 in all, give or take four standard deviations.
    const total = generations.reduce((sum, count) => sum + count, 0);
    expect(Math.abs(total - 180)).toBeLessThan(4 * Math.sqrt(180));
  });

  it('happen to spot nodes only, and never where nobody asks for them', async () => {
    const onDemand = nodesOf({ instanceType: 'm6i.large', count: 2 });
    const rig = await startRig({ nodes: onDemand, spot: { interruptionsPerDay: 100 } });
    const quiet = await rigOf('m6i.large');
    await rig.clock.runFor(DAY_MS);
    await quiet.clock.runFor(DAY_MS);
    expect(nodes(rig)).toHaveLength(2);
    expect(nodes(quiet).map(nameOf)).toEqual(['spot-1', 'spot-2', 'spot-3']);
  });
});
