import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { nodeGpus } from '../cost/gpu-share.ts';
import { DEFAULT_PRICES } from '../cost/resource-prices.ts';
import { nodeSpanOf, podSpanOf } from './cluster-spans.ts';

const NOW_MS = Date.parse('2026-06-01T12:00:00Z');

const NODE: Node = {
  metadata: {
    name: 'gpu-1',
    creationTimestamp: '2026-06-01T08:00:00Z',
    labels: {
      'node.kubernetes.io/instance-type': 'p4d.24xlarge',
      'topology.kubernetes.io/zone': 'us-east-1a',
      'topology.kubernetes.io/region': 'us-east-1',
      'karpenter.sh/capacity-type': 'spot',
      'nvidia.com/gpu.product': 'A100-SXM4-40GB',
      'nvidia.com/gpu.replicas': '4',
    },
  },
  spec: { providerID: 'aws:///us-east-1a/i-1' },
  status: { capacity: { cpu: '96', memory: '1152Gi', 'nvidia.com/gpu': '32' } },
};

const POD: Pod = {
  metadata: {
    name: 'chat-7d9f-x', namespace: 'ml', uid: 'u1', creationTimestamp: '2026-06-01T08:30:00Z',
    labels: { 'pod-template-hash': '7d9f', team: 'red' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'chat-7d9f', uid: 'r', controller: true }],
  },
  spec: {
    nodeName: 'gpu-1',
    containers: [{ name: 'c', resources: { requests: { cpu: '1500m', 'nvidia.com/gpu': '2' } } }],
  },
  status: { phase: 'Running', conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-06-01T09:00:00Z' }] },
}; // prettier-ignore

describe('a node', () => {
  it('is priced by its key, as long as it was there', () => {
    const prices = { base: DEFAULT_PRICES, nodes: { 'p4d.24xlarge/spot@us-east-1a': 8, 'p4d.24xlarge': 22 } };
    expect(nodeSpanOf(NODE, prices, NOW_MS)).toMatchObject({
      name: 'gpu-1',
      id: 'aws:///us-east-1a/i-1',
      fromMs: Date.parse('2026-06-01T08:00:00Z'),
      toMs: NOW_MS,
      capacity: { cpu: 96, memory: 1152 * 2 ** 30, gpu: 8 },
      priceKey: 'p4d.24xlarge/spot@us-east-1a',
      region: 'us-east-1',
      isSpot: true,
      prices: { source: 'node-price-list' },
    });
    expect(nodeSpanOf(NODE, { ...prices, nodes: {} }, NOW_MS)).toMatchObject({ priceKey: undefined, id: expect.any(String) as string });
  }); // prettier-ignore
});

describe('a pod', () => {
  const gpus = nodeGpus(NODE);
  const span = (pod: Pod) => podSpanOf(pod, { gpus, untilMs: NOW_MS });

  it('belongs to its Deployment, and holds its fraction of a GPU from when it was scheduled', () => {
    expect(span(POD)).toMatchObject({
      uid: 'u1',
      owner: { kind: 'Deployment', name: 'chat' },
      fromMs: Date.parse('2026-06-01T09:00:00Z'),
      toMs: NOW_MS,
      requests: { cpu: 1.5, gpu: 0.5 },
    });
    expect(span(POD)?.requests).not.toHaveProperty('memory');
  });

  it('that has ended held its place until its last container did', () => {
    const ended = (finishedAt: string) => ({ name: 'c', state: { terminated: { exitCode: 0, finishedAt } } });
    const containerStatuses = [ended('2026-06-01T10:00:00Z'), ended('2026-06-01T11:00:00Z')] as never[];
    const pod = { ...POD, status: { ...POD.status, phase: 'Succeeded', containerStatuses } };
    expect(span(pod)?.toMs).toBe(Date.parse('2026-06-01T11:00:00Z'));
    expect(span({ ...pod, status: { phase: 'Failed' } })).toMatchObject({ fromMs: Date.parse('2026-06-01T08:30:00Z'), toMs: Date.parse('2026-06-01T08:30:00Z') });
  }); // prettier-ignore

  it('without a place costs nothing yet', () => {
    expect(span({ ...POD, spec: { containers: [] } })).toBeUndefined();
  });
});
