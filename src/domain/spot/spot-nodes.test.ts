import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '#apis/kubernetes/builtin.ts';
import { CAPACITY_LABELS, capacityOf, customLabel, detectLabel } from './capacity-label.ts';
import { NO_MEMORY, remember, type SpotMemory } from './interruptions.ts';
import { repellingTaints, suits } from './node-match.ts';
import { interruptionOf, readSpotNode } from './spot-node.ts';
import { node, NOW } from './testing.ts';

const DAY = 86_400_000;

describe('the kind of a node', () => {
  it.each<[string, Record<string, string>, 'spot' | 'on-demand']>([
    ['Karpenter spot', { 'karpenter.sh/capacity-type': 'spot' }, 'spot'],
    ['Karpenter on-demand', { 'karpenter.sh/capacity-type': 'on-demand' }, 'on-demand'],
    ['Karpenter reserved', { 'karpenter.sh/capacity-type': 'reserved' }, 'on-demand'],
    ['EKS spot', { 'eks.amazonaws.com/capacityType': 'SPOT' }, 'spot'],
    ['EKS on-demand', { 'eks.amazonaws.com/capacityType': 'ON_DEMAND' }, 'on-demand'],
    ['GKE spot', { 'cloud.google.com/gke-spot': 'true' }, 'spot'],
    ['GKE spot by provisioning', { 'cloud.google.com/gke-provisioning': 'spot' }, 'spot'],
    ['GKE standard', { 'cloud.google.com/gke-provisioning': 'standard' }, 'on-demand'],
    ['AKS spot', { 'kubernetes.azure.com/scalesetpriority': 'spot' }, 'spot'],
    ['AKS regular', {}, 'on-demand'],
    ['kOps spot', { 'node.kubernetes.io/lifecycle': 'spot' }, 'spot'],
    ['a label of the own cluster', { tier: 'cheap' }, 'spot'],
  ])('is read from the labels of %s', (_name, labels, expected) => {
    expect(capacityOf(labels, customLabel({ key: 'tier', spot: 'cheap' }))).toBe(expected);
  });

  it.each<[string, Record<string, string>[], string | undefined]>([
    ['no node is spot', [{ 'karpenter.sh/capacity-type': 'on-demand' }], undefined],
    ['Karpenter and EKS both speak: Karpenter', [{ 'karpenter.sh/capacity-type': 'spot', 'eks.amazonaws.com/capacityType': 'SPOT' }, { 'karpenter.sh/capacity-type': 'on-demand', 'eks.amazonaws.com/capacityType': 'ON_DEMAND' }], 'karpenter.sh/capacity-type'],
    ['the label that classes more nodes', [{ 'cloud.google.com/gke-spot': 'true', 'cloud.google.com/gke-provisioning': 'spot' }, { 'cloud.google.com/gke-provisioning': 'standard' }], 'cloud.google.com/gke-provisioning'],
    ['AKS', [{ 'kubernetes.azure.com/scalesetpriority': 'spot' }, {}], 'kubernetes.azure.com/scalesetpriority'],
  ])('is told by one label where %s', (_name, labels, expected) => {
    expect(detectLabel(labels.map((each) => ({ labels: each })))?.key).toBe(expected);
  }); // prettier-ignore

  it('is told by the label that the user names, and by no other then', () => {
    const nodes = [{ labels: { tier: 'cheap', 'karpenter.sh/capacity-type': 'spot' } }];
    expect(detectLabel(nodes, customLabel({ key: 'tier', spot: 'cheap', onDemand: 'dear' }))).toEqual({
      provider: 'generic', key: 'tier', spot: ['cheap'], onDemand: ['dear'],
    }); // prettier-ignore
    expect(detectLabel(nodes, customLabel({ key: 'other', spot: 'x' }))).toBeUndefined();
  });

  it('is never both, whatever the labels', () => {
    for (const label of CAPACITY_LABELS)
      expect(label.spot.some((value) => label.onDemand.includes(value))).toBe(false);
  });
});

function raw(
  more: {
    taints?: string[];
    conditions?: object[];
    deletionTimestamp?: string;
    unschedulable?: boolean;
  } = {},
): Node {
  const {
    taints = [],
    conditions = [{ type: 'Ready', status: 'True' }],
    deletionTimestamp,
    unschedulable,
  } = more;
  return {
    metadata: { name: 's1', uid: 'u1', labels: { 'karpenter.sh/capacity-type': 'spot' }, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { taints: taints.map((key) => ({ key, effect: 'NoSchedule' })), ...(unschedulable === undefined ? {} : { unschedulable }) },
    status: { allocatable: { cpu: '2', memory: '7Gi' }, conditions: conditions as never },
  }; // prettier-ignore
}

describe('the loss of a node', () => {
  const since = (ms: number) => new Date(NOW - ms).toISOString();

  it.each<[string, Node, RegExp | undefined]>([
    ['all is well', raw(), undefined],
    ['AWS announces it', raw({ taints: ['aws-node-termination-handler/spot-itn'] }), /spot-itn/],
    ['AWS recommends to leave', raw({ taints: ['aws-node-termination-handler/rebalance-recommendation'] }), /rebalance/],
    ['Karpenter disrupts it', raw({ taints: ['karpenter.sh/disrupted'] }), /disrupted/],
    ['GKE shuts it down', raw({ taints: ['cloud.google.com/impending-node-termination'] }), /impending/],
    ['AKS preempts it', raw({ conditions: [{ type: 'PreemptScheduled', status: 'True' }] }), /PreemptScheduled/],
    ['its machine is off', raw({ taints: ['node.cloudprovider.kubernetes.io/shutdown'] }), /shutdown/],
    ['it is being deleted', raw({ deletionTimestamp: since(0) }), /deleted/],
    ['it is silent for long', raw({ conditions: [{ type: 'Ready', status: 'Unknown', lastTransitionTime: since(61_000) }] }), /not ready/],
    ['it is silent for a moment', raw({ conditions: [{ type: 'Ready', status: 'Unknown', lastTransitionTime: since(10_000) }] }), undefined],
    ['somebody cordons it', raw({ taints: ['node.kubernetes.io/unschedulable'], unschedulable: true }), undefined],
    ['it has a taint of another meaning', raw({ taints: ['nvidia.com/gpu'] }), undefined],
  ])('is seen where %s', (_name, found, expected) => {
    const why = interruptionOf(found, NOW);
    if (expected === undefined) expect(why).toBeUndefined();
    else expect(why).toMatch(expected);
  }); // prettier-ignore

  it('and a cordon make it take no pods', () => {
    const context = { nowMs: NOW, label: undefined, pricesOf: () => undefined };
    expect(readSpotNode(raw(), context)).toMatchObject({
      usable: true,
      capacity: 'spot',
      allocatable: { cpu: 2 },
    });
    expect(readSpotNode(raw({ unschedulable: true }), context).usable).toBe(false);
    expect(readSpotNode(raw({ taints: ['karpenter.sh/disrupted'] }), context).usable).toBe(false);
    expect(readSpotNode(raw({ conditions: [] }), context).usable).toBe(false);
  });
});

describe('interruptions', () => {
  const see = (memory: SpotMemory, nodes: ReturnType<typeof node>[], hosts: string[], nowMs = NOW) =>
    remember(memory, { nowMs, nodes: new Map(nodes.map((each) => [each.name, each])), hosts });

  it('are counted once, however often one looks and however the node goes', () => {
    let memory = see(NO_MEMORY, [node('s1', 'spot')], ['s1']);
    expect(memory.interruptions).toEqual([]);
    const going = node('s1', 'spot', { trouble: 'taint x' });
    memory = see(memory, [going], ['s1']);
    memory = see(memory, [going], ['s1']);
    memory = see(memory, [], ['s1']);
    memory = see(memory, [], []);
    expect(memory.interruptions.map(({ node: name, why }) => [name, why])).toEqual([['s1', 'taint x']]);
    expect(memory.nodes).toEqual({});
  });

  it('are seen where a node went without a word, and where its name came back', () => {
    const before = see(NO_MEMORY, [node('s1', 'spot'), node('s2', 'spot')], ['s1', 's2']);
    const after = see(before, [node('s2', 'spot', { uid: 'another' })], ['s2']);
    expect(after.interruptions.map(({ node: name }) => name)).toEqual(['s1', 's2']);
    expect(after.nodes).toEqual({ s2: 'another' });
  });

  it('do not count on-demand nodes, nor nodes that pods left in peace', () => {
    const before = see(NO_MEMORY, [node('d1', 'on-demand'), node('s1', 'spot')], ['d1', 's1']);
    const after = see(before, [node('s1', 'spot')], []);
    expect(after.interruptions).toEqual([]);
    expect(see(after, [], []).interruptions).toEqual([]);
  });

  it('are forgotten after a day', () => {
    const before = see(NO_MEMORY, [node('s1', 'spot')], ['s1']);
    const gone = see(before, [], [], NOW);
    expect(see(gone, [], [], NOW + DAY - 1).interruptions).toHaveLength(1);
    expect(see(gone, [], [], NOW + DAY).interruptions).toHaveLength(0);
  });

  it('are never counted twice for one node, in any story', () => {
    const states = fc.array(
      fc.tuple(
        fc.subarray(['s1', 's2', 's3']),
        fc.subarray(['s1', 's2', 's3']),
        fc.subarray(['s1', 's2', 's3']),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(states, (story) => {
        let memory = NO_MEMORY;
        for (const [present, troubled, hosts] of story) {
          const nodes = present.map((name) =>
            node(name, 'spot', troubled.includes(name) ? { trouble: 'x' } : {}),
          );
          memory = see(memory, nodes, hosts);
        }
        const uids = memory.interruptions.map(({ uid }) => uid);
        expect(new Set(uids).size).toBe(uids.length);
      }),
    );
  });
});

describe('a node suits a template', () => {
  const place = { name: 'n1', labels: { arch: 'arm64', cores: '16' } };
  const required = (matchExpressions: object[], matchFields?: object[]) => ({
    containers: [],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions, ...(matchFields === undefined ? {} : { matchFields }) },
          ] as never,
        },
      },
    },
  });

  it.each<[string, Parameters<typeof suits>[1], boolean]>([
    ['without wishes', { containers: [] }, true],
    ['by its selector', { containers: [], nodeSelector: { arch: 'arm64' } }, true],
    ['not by another', { containers: [], nodeSelector: { arch: 'amd64' } }, false],
    ['In', required([{ key: 'arch', operator: 'In', values: ['arm64'] }]), true],
    ['NotIn, absent', required([{ key: 'gpu', operator: 'NotIn', values: ['x'] }]), true],
    ['Exists', required([{ key: 'gpu', operator: 'Exists' }]), false],
    ['DoesNotExist', required([{ key: 'gpu', operator: 'DoesNotExist' }]), true],
    ['Gt', required([{ key: 'cores', operator: 'Gt', values: ['8'] }]), true],
    ['Lt', required([{ key: 'cores', operator: 'Lt', values: ['8'] }]), false],
    ['by name', required([], [{ key: 'metadata.name', operator: 'In', values: ['n1'] }]), true],
    ['never by an empty term', required([]), false],
  ])('%s', (_name, spec, expected) => {
    expect(suits(place, spec)).toBe(expected);
  });

  it.each<[string, object[], number]>([
    ['no toleration', [], 1],
    ['the same key and value', [{ key: 'spot', operator: 'Equal', value: 'true', effect: 'NoSchedule' }], 0],
    ['another value', [{ key: 'spot', operator: 'Equal', value: 'no' }], 1],
    ['another effect', [{ key: 'spot', operator: 'Exists', effect: 'NoExecute' }], 1],
    ['any value', [{ key: 'spot', operator: 'Exists' }], 0],
    ['everything', [{ operator: 'Exists' }], 0],
  ])('but for its taints, with %s', (_name, tolerations, repelling) => {
    const taints = [
      { key: 'spot', value: 'true', effect: 'NoSchedule' },
      { key: 'soft', effect: 'PreferNoSchedule' },
    ];
    expect(repellingTaints(taints, { containers: [], tolerations: tolerations })).toHaveLength(repelling);
  });
});
