import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '#apis/kubernetes/builtin.ts';
import { DAEMON_SETS, NODES, PODS } from '#kube/client/builtin-types.ts';
import { nodesOf } from '../../nodes/node-shape.ts';
import { isReady } from '../../resources.ts';
import {
  type FleetRig,
  NAMESPACE,
  type TemplateOptions,
  startRig,
  template,
} from '../../testing/fleet-rig.ts';

const KEY = { namespace: NAMESPACE, name: 'agent' };

function daemonSet(
  options: TemplateOptions = {},
  more: Partial<NonNullable<DaemonSet['spec']>> = {},
): DaemonSet {
  return {
    metadata: { name: 'agent', namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: template('agent', { cpu: '100m', ...options }),
      ...more,
    },
  };
}

function status(rig: FleetRig): NonNullable<DaemonSet['status']> {
  const found = rig.access.get(DAEMON_SETS, KEY)?.status;
  if (found === undefined) throw new Error('no status');
  return found;
}

async function started(set = daemonSet()): Promise<FleetRig> {
  const rig = await startRig();
  await rig.create(DAEMON_SETS, set);
  await rig.until('up', () => rig.readyPods('agent').length === 3);
  await rig.clock.runFor(100);
  return rig;
}

async function update(rig: FleetRig, image: string): Promise<void> {
  const body = { spec: { template: template('agent', { cpu: '100m', image }) } };
  await rig.access.mergePatch(DAEMON_SETS, KEY, { body });
}

function images(rig: FleetRig): readonly (string | undefined)[] {
  return rig.pods('agent').map((pod) => pod.spec?.containers[0]?.image);
}

describe('a DaemonSet', () => {
  it('runs one pod on every node, new ones too, and none where it does not belong', async () => {
    const rig = await started();
    expect(new Set(rig.pods('agent').map((pod) => pod.spec?.nodeName)).size).toBe(3);
    expect(status(rig)).toMatchObject({
      desiredNumberScheduled: 3,
      numberReady: 3,
      numberAvailable: 3,
      updatedNumberScheduled: 3,
    });
    await rig.clock.settle(rig.fleet.nodes.add(nodesOf({ instanceType: 'm6i.large', count: 1 })), 1000);
    await rig.until('on the new node', () => rig.readyPods('agent').length === 4);
    await rig.clock.settle(rig.fleet.nodes.add(nodesOf({ instanceType: 'g4dn.xlarge', count: 1 })), 1000);
    await rig.clock.runFor(30_000);
    expect(rig.pods('agent')).toHaveLength(4);
    expect(rig.pods('agent')[0]?.spec?.tolerations?.map(({ key }) => key)).toContain(
      'node.kubernetes.io/not-ready',
    );
  });

  it('goes where its selector says, and leaves when labels change', async () => {
    const rig = await startRig();
    await rig.create(DAEMON_SETS, daemonSet({ spec: { nodeSelector: { disk: 'ssd' } } }));
    await rig.clock.runFor(5000);
    expect(rig.pods('agent')).toEqual([]);
    await rig.access.mergePatch(
      NODES,
      { name: 'm6i-xlarge-2' },
      { body: { metadata: { labels: { disk: 'ssd' } } } },
    );
    await rig.until('there', () => rig.readyPods('agent').length === 1);
    expect(rig.pods('agent')[0]?.spec?.nodeName).toBe('m6i-xlarge-2');
    await rig.access.mergePatch(
      NODES,
      { name: 'm6i-xlarge-2' },
      { body: { metadata: { labels: { disk: null } } } },
    );
    await rig.until('gone', () => rig.pods('agent').length === 0);
  });

  it('updates node by node within maxUnavailable', async () => {
    const rig = await started();
    rig.access.onChange(PODS, () => {
      expect(rig.readyPods('agent').length).toBeGreaterThanOrEqual(2);
    });
    await update(rig, 'agent:2');
    await rig.until(
      'updated',
      () => rig.readyPods('agent').length === 3 && images(rig).every((image) => image === 'agent:2'),
    );
    await rig.clock.runFor(100);
    expect(status(rig)).toMatchObject({
      updatedNumberScheduled: 3,
      numberAvailable: 3,
      observedGeneration: 2,
    });
  });

  it('starts the new pod first with maxSurge', async () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    const rig = await started(daemonSet({}, { updateStrategy }));
    rig.access.onChange(PODS, () => {
      const covered = new Set(
        rig
          .pods('agent')
          .filter(isReady)
          .map((pod) => pod.spec?.nodeName),
      );
      expect(covered.size).toBe(3);
    });
    await update(rig, 'agent:2');
    await rig.until(
      'updated',
      () => rig.pods('agent').length === 3 && images(rig).every((image) => image === 'agent:2'),
    );
  });

  it('leaves old pods alone with OnDelete', async () => {
    const rig = await started(daemonSet({}, { updateStrategy: { type: 'OnDelete' } }));
    await update(rig, 'agent:2');
    await rig.clock.runFor(60_000);
    expect(images(rig)).toEqual(Array(3).fill('agent:1'));
    await rig.access.delete(
      PODS,
      { namespace: NAMESPACE, name: rig.pods('agent')[0]?.metadata?.name ?? '' },
      { graceful: true },
    );
    await rig.until('replaced', () => images(rig).includes('agent:2') && rig.readyPods('agent').length === 3);
    expect(images(rig).filter((image) => image === 'agent:1')).toHaveLength(2);
  });

  it('gives up the pods of a node that is taken away', async () => {
    const rig = await started();
    await rig.clock.settle(rig.fleet.removeNode('m6i-xlarge-1'), 1000);
    await rig.until('gone', () => rig.pods('agent').length === 2);
    await rig.until('counted', () => status(rig).desiredNumberScheduled === 2);
  });
});
