/** Spot questions for tests: a stateless Deployment on a Karpenter cluster, changed where a case needs it. */
import type { Deployment, PodSpec } from '#apis/kubernetes/builtin.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { ResourcePrices } from '../cost/resource-prices.ts';
import { readPolicy } from '../policy/optimization-policy.ts';
import { CAPACITY_LABELS } from './capacity-label.ts';
import type { SpotNode } from './spot-node.ts';
import type { SpotQuestion } from './spot-question.ts';

export const NOW = Date.parse('2026-11-21T10:30:00Z');
export const KEY = 'karpenter.sh/capacity-type';

const prices = (factor: number): ResourcePrices => ({
  cpuUsdPerCoreHour: 0.04 * factor,
  memoryUsdPerGibHour: 0.005 * factor,
  source: 'node-price-list',
});

export function node(name: string, capacity: SpotNode['capacity'], more: Partial<SpotNode> = {}): SpotNode {
  return {
    name,
    uid: `uid-${name}`,
    labels: { [KEY]: capacity },
    taints: [],
    capacity,
    usable: true,
    trouble: undefined,
    allocatable: { cpu: 16, memory: 64 * 1024 ** 3 },
    prices: prices(capacity === 'spot' ? 0.3 : 1),
    ...more,
  };
}

export function workload(
  podSpec: Partial<PodSpec> = {},
  spec: Partial<NonNullable<Deployment['spec']>> = {},
): Deployment {
  return {
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      replicas: 10,
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app' }], ...podSpec } },
      ...spec,
    },
  };
}

export function policy(spec: Partial<CostOptimization['spec']> = {}): SpotQuestion['policy'] {
  return readPolicy({
    metadata: { name: 'spot', namespace: 'shop' },
    spec: {
      targetWorkload: { kind: 'Deployment', name: 'web' },
      optimizationType: 'SPOT_INSTANCES',
      maxChangePercent: 100,
      ...spec,
    },
  });
}

export function question(more: Partial<SpotQuestion> = {}): SpotQuestion {
  const replicas = more.replicas ?? 10;
  return {
    nowMs: NOW,
    policy: policy(),
    workload: workload(),
    present: { 'containers/app/requests/cpu': '1', 'containers/app/requests/memory': '2Gi', replicas },
    replicas,
    minReplicas: replicas,
    budgets: [{ name: 'web', maxUnavailable: 1 }],
    label: CAPACITY_LABELS[0],
    nodes: [node('d1', 'on-demand'), node('d2', 'on-demand'), node('s1', 'spot'), node('s2', 'spot')],
    hosts: Array.from({ length: replicas }, (_, index) => `d${String((index % 2) + 1)}`),
    ours: {},
    interruptions: [],
    harmedAtMs: [],
    ...more,
  };
}
