import { describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { Analysis } from '../recommendation/analysis.ts';
import { propose } from '../recommendation/proposal.ts';
import { DEFAULT_PRICES } from '../cost/resource-prices.ts';
import { analyzeSpot } from './analyze-spot.ts';
import { CAPACITY_LABELS, customLabel } from './capacity-label.ts';
import { calmDayProbability } from './confidence.ts';
import { restUntilMs } from './cool-down.ts';
import { obstaclesOf } from './obstacles.ts';
import type { SpotQuestion } from './spot-question.ts';
import { KEY, node, NOW, policy, question, workload } from './testing.ts';

const DAY = 86_400_000;
const HOUR = DAY / 24;

type Wanted = Extract<Analysis, { outcome: 'wanted' }>;
type Spec = Partial<CostOptimization['spec']>;

function wanted(more: Partial<SpotQuestion> = {}): Wanted {
  const analysis = analyzeSpot(question(more));
  if (analysis.outcome !== 'wanted') throw new Error(`${analysis.outcome}: ${analysis.message}`);
  return analysis;
}

/** The next step of what is wanted; undefined where nothing is left to do. */
function proposed(more: Partial<SpotQuestion> = {}) {
  const { present, policy: asked, replicas } = question(more);
  const { wanted: fields, step, monthlyUsdOf } = wanted(more);
  const { maxChangePercent } = asked;
  const fixed = { hpaFields: {}, original: {}, prices: DEFAULT_PRICES };
  return propose({ ...fixed, present, wanted: fields, step, monthlyUsdOf, maxChangePercent, replicas });
}

/** The proposal, where there must be one. */
function proposal(more: Partial<SpotQuestion> = {}) {
  const found = proposed(more);
  if (found === undefined) throw new Error('nothing is proposed');
  return found;
}

const spread = (fields: Readonly<Record<string, unknown>>) =>
  JSON.parse(String(fields[`placement/spread/${KEY}`])) as { maxSkew: number };

describe('a workload that suits spot nodes', () => {
  it('is moved but for its floor, by a preference, a constraint and nothing else', () => {
    const { type, wanted: fields, reasons } = wanted();
    expect(type).toBe('spot_migration');
    expect(Object.keys(fields)).toEqual([`placement/preference/${KEY}`, `placement/spread/${KEY}`]);
    expect(JSON.parse(String(fields[`placement/preference/${KEY}`]))).toEqual({
      weight: 100,
      preference: { matchExpressions: [{ key: KEY, operator: 'In', values: ['spot'] }] },
    });
    expect(spread(fields)).toEqual({
      maxSkew: 6,
      topologyKey: KEY,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
      matchLabelKeys: ['pod-template-hash'],
      nodeTaintsPolicy: 'Honor',
    });
    expect(reasons[0]).toMatch(/8 of 10 pods on spot nodes/);
  });

  it('saves what its pods on spot nodes cost less, and no more', () => {
    const { currentMonthlyUsd, stepMonthlyUsd } = proposal();
    const pod = (0.04 + 2 * 0.005) * 730;
    expect(currentMonthlyUsd).toBeCloseTo(10 * pod, 6);
    expect(stepMonthlyUsd).toBeCloseTo((2 + 8 * 0.3) * pod, 6);
  });

  it('is moved in steps of maxChangePercent', () => {
    const careful = { policy: policy({ maxChangePercent: 40 }) };
    const first = proposal(careful);
    expect(first.reachesTarget).toBe(false);
    expect(spread(first.step).maxSkew).toBe(2);
    expect(first.step[`placement/preference/${KEY}`]).toContain('NotIn');
    const next = proposal({
      ...careful,
      present: { ...question().present, ...first.step },
      ours: first.step,
    });
    expect(next.reachesTarget).toBe(true);
    expect(spread(next.step).maxSkew).toBe(6);
  });

  it('is left alone once it is there', () => {
    const { wanted: fields } = wanted();
    const analysis = analyzeSpot(question({ present: { ...question().present, ...fields }, ours: fields }));
    expect(analysis).toMatchObject({ outcome: 'nothing' });
  });

  it('keeps its floor at the fewest replicas of its autoscaler', () => {
    expect(spread(wanted({ minReplicas: 4 }).wanted).maxSkew).toBe(2);
  });

  it('tolerates the taint that says "spot", and only that', () => {
    const aks = CAPACITY_LABELS.find(({ provider }) => provider === 'aks');
    const key = 'kubernetes.azure.com/scalesetpriority';
    const taint = { key, value: 'spot', effect: 'NoSchedule' };
    const nodes = [
      node('d1', 'on-demand', { labels: {} }),
      node('s1', 'spot', { labels: { [key]: 'spot' }, taints: [taint] }),
      node('s2', 'spot', {
        labels: { [key]: 'spot' },
        taints: [taint, { key: 'team', value: 'a', effect: 'NoSchedule' }],
      }),
    ];
    const free = policy({ maxChangePercent: 100, spot: { minOnDemand: 0 } });
    const { wanted: fields } = wanted({ label: aks, nodes, policy: free });
    expect(JSON.parse(String(fields[`placement/toleration/${key}`]))).toEqual({
      key,
      operator: 'Equal',
      value: 'spot',
      effect: 'NoSchedule',
    });
    expect(Object.keys(fields).filter((path) => path.includes('/toleration/'))).toHaveLength(1);
  });

  it('is spread over a label of the own cluster where the spec names one', () => {
    const label = customLabel({ key: 'tier', spot: 'cheap', onDemand: 'dear' });
    const nodes = [
      node('d1', 'on-demand', { labels: { tier: 'dear' } }),
      node('s1', 'spot', { labels: { tier: 'cheap' } }),
    ];
    expect(Object.keys(wanted({ label, nodes }).wanted)).toContain('placement/spread/tier');
  });

  it('goes without a floor where the user wants none: a preference is enough', () => {
    const { wanted: fields } = wanted({
      policy: policy({ maxChangePercent: 100, spot: { minOnDemand: 0 } }),
    });
    expect(Object.keys(fields)).toEqual([`placement/preference/${KEY}`]);
  });

  it('is surer where room was seen, and less sure after interruptions', () => {
    const of = (more: Partial<SpotQuestion> = {}) => {
      const found = wanted(more);
      return found.assess(found.wanted);
    };
    const calm = of();
    expect(calm.confidence).toBeGreaterThan(0.98);
    expect(calm.risk).toBe('LOW');
    const crowded = of({
      nodes: [
        node('d1', 'on-demand'),
        node('s1', 'spot', { allocatable: { cpu: 2, memory: 8 * 1024 ** 3 } }),
      ],
    });
    expect(crowded.confidence).toBeLessThan(calm.confidence);
    const interruptions = [1, 2, 3].map((hour) => ({
      atMs: NOW - hour * HOUR,
      node: 's',
      uid: String(hour),
      why: 'x',
    }));
    const shaken = of({ interruptions });
    expect(shaken.confidence).toBeLessThan(calm.confidence);
    expect(shaken.risk).toBe('MEDIUM');
  });

  it.each<[string, Partial<SpotQuestion>, string]>([
    ['calm', {}, 'LOW'],
    ['without floor', { policy: policy({ maxChangePercent: 100, spot: { minOnDemand: 0 } }) }, 'MEDIUM'],
    ['with GPUs and scratch data', { workload: workload({ containers: [{ name: 'app', resources: { limits: { 'nvidia.com/gpu': '1' } } }], volumes: [{ name: 'tmp', emptyDir: {} }] }), ...withGpus(), ...checkpointed() }, 'HIGH'],
    ['with everything against it', { ...checkpointed({ volumes: [{ name: 'tmp', emptyDir: {} }], terminationGracePeriodSeconds: 600 }), replicas: 2, hosts: ['d1', 'd2'], budgets: [], harmedAtMs: [NOW - 90 * DAY], interruptions: [{ atMs: NOW, node: 's', uid: 'u', why: 'x' }] }, 'CRITICAL'],
  ])('has a risk that grows with what it may cost: %s', (_name, more, expected) => {
    const found = wanted(more);
    expect(found.assess(found.wanted).risk).toBe(expected);
  }); // prettier-ignore
});

function withGpus(): Partial<SpotQuestion> {
  const allocatable = { cpu: 16, memory: 64 * 1024 ** 3, 'nvidia.com/gpu': 8 };
  return {
    nodes: [
      node('d1', 'on-demand', { allocatable }),
      node('s1', 'spot', { allocatable }),
      node('s2', 'spot', { allocatable }),
    ],
  };
}

function checkpointed(more: object = {}): Partial<SpotQuestion> {
  const gpu = { containers: [{ name: 'app', resources: { limits: { 'nvidia.com/gpu': '1' } } }], volumes: [{ name: 'tmp', emptyDir: {} }], ...more };
  const base = workload(gpu);
  const template = { metadata: { annotations: { 'optimization.k8s.io/checkpoints': 'true' } }, spec: gpu };
  return { workload: { ...base, spec: { ...base.spec, template } } as SpotQuestion['workload'], ...withGpus() };
} // prettier-ignore

describe('a workload that does not', () => {
  const required = {
    nodeSelectorTerms: [{ matchExpressions: [{ key: KEY, operator: 'In', values: ['on-demand'] }] }],
  };
  const marked = (key: string, value: string) => {
    const base = workload();
    return { ...base, spec: { ...base.spec, template: { metadata: { annotations: { [key]: value } }, spec: { containers: [] } } } } as SpotQuestion['workload'];
  }; // prettier-ignore

  it.each<[string, Partial<SpotQuestion>, RegExp]>([
    ['one replica', { replicas: 1, hosts: ['d1'], budgets: [] }, /no stand-in/],
    ['an autoscaler that goes down to one', { minReplicas: 1, budgets: [] }, /no stand-in/],
    ['a StatefulSet', { policy: policy({ targetWorkload: { kind: 'StatefulSet', name: 'db' } }) }, /keeps state/],
    ['strategy Recreate', { workload: workload({}, { strategy: { type: 'Recreate' } }) }, /Recreate/],
    ['pods that must not be evicted', { workload: marked('cluster-autoscaler.kubernetes.io/safe-to-evict', 'false') }, /safe-to-evict/],
    ['pods that Karpenter must not disturb', { workload: marked('karpenter.sh/do-not-disrupt', 'true') }, /do-not-disrupt/],
    ['a host path', { workload: workload({ volumes: [{ name: 'disk', hostPath: { path: '/data' } }] }) }, /volume disk/],
    ['a claim', { workload: workload({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }] }) }, /volume data is a claim/],
    ['a part of the system', { workload: workload({ priorityClassName: 'system-cluster-critical' }) }, /part of the system/],
    ['GPUs without checkpoints', { workload: workload({ containers: [{ name: 'app', resources: { limits: { 'nvidia.com/gpu': '1' } } }] }) }, /nvidia\.com\/gpu is lost/],
    ['a node selector on capacity', { workload: workload({ nodeSelector: { [KEY]: 'on-demand' } }) }, /its owner chose/],
    ['required affinity on capacity', { workload: workload({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }) }, /its owner chose/],
    ['a spread of its own over capacity', { present: { ...question().present, [`placement/spread/${KEY}`]: '{"maxSkew":1}' } }, /says itself/],
    ['a budget that allows no disruption', { budgets: [{ name: 'strict', minAvailable: '100%' }] }, /strict allows no disruption/],
    ['a floor above half', { policy: policy({ spot: { minOnDemand: '60%' } }) }, /cannot keep 6 of 10/],
    ['a floor, where the label has three values', { nodes: [...question().nodes, node('r1', 'on-demand', { labels: { [KEY]: 'reserved' } })] }, /has 3 values/],
    ['a floor, where on-demand nodes are not labelled', { label: CAPACITY_LABELS.find(({ provider }) => provider === 'aks') }, /some nodes carry no label/],
  ])('%s: is refused, with the reason', (_name, more, expected) => {
    const analysis = analyzeSpot(question(more));
    expect(analysis.outcome).not.toBe('wanted');
    if (analysis.outcome !== 'wanted') expect(analysis.message).toMatch(expected);
  }); // prettier-ignore

  it('is told everything that stands against it at once', () => {
    const all = obstaclesOf(
      question({
        replicas: 1,
        workload: workload({ volumes: [{ name: 'd', hostPath: { path: '/' } }] }),
        budgets: [],
      }),
    );
    expect(all.map(({ rule }) => rule)).toEqual(['singleton', 'volumes', 'floor']);
  });

  it.each<[string, Spec]>([
    ['optimization.k8s.io/spot-tolerant', { targetWorkload: { kind: 'StatefulSet', name: 'db' } }],
    ['optimization.k8s.io/checkpoints', { targetWorkload: { kind: 'StatefulSet', name: 'db' } }],
  ])('may say by %s that losing pods is harmless', (key, spec) => {
    const more = { policy: policy({ maxChangePercent: 100, ...spec }), workload: marked(key, 'true') };
    expect(obstaclesOf(question(more))).toEqual([]);
  });
});

describe('what is not known is not claimed', () => {
  it.each<[string, Partial<SpotQuestion>, string]>([
    ['no spot node', { label: undefined, nodes: [node('d1', 'on-demand')] }, 'NoSpotCapacity'],
    ['no spot node that takes its pods', { nodes: [node('d1', 'on-demand'), node('s1', 'spot', { usable: false })] }, 'NoSpotCapacity'],
    ['no spot node that is large enough', { nodes: [node('d1', 'on-demand'), node('s1', 'spot', { allocatable: { cpu: 0.5, memory: 1e12 } })] }, 'NoSpotCapacity'],
    ['a spot node without a price', { nodes: [node('d1', 'on-demand'), node('s1', 'spot', { prices: undefined })] }, 'SpotPriceUnknown'],
    ['an on-demand node without a price', { nodes: [node('d1', 'on-demand', { prices: undefined }), node('s1', 'spot')], hosts: ['d1'] }, 'SpotPriceUnknown'],
  ])('%s: unknown', (_name, more, reason) => {
    expect(analyzeSpot(question(more))).toMatchObject({ outcome: 'unknown', reason });
  }); // prettier-ignore

  it('spot nodes that cost more: nothing to do', () => {
    const dear = { cpuUsdPerCoreHour: 0.05, memoryUsdPerGibHour: 0.01, source: 'node-price-list' as const };
    const nodes = [node('d1', 'on-demand'), node('s1', 'spot', { prices: dear })];
    expect(analyzeSpot(question({ nodes }))).toMatchObject({
      outcome: 'nothing',
      message: expect.stringContaining('no cheaper') as string,
    });
  });
});

describe('after moves that were rolled back', () => {
  it('rests twice as long each time, for a month at most', () => {
    const restDays = (times: number) => (restUntilMs(Array.from({ length: times }, () => NOW)) - NOW) / DAY;
    expect([1, 2, 3, 6, 10].map(restDays)).toEqual([1, 2, 4, 32, 32]);
    expect(restUntilMs([])).toBe(-Infinity);
  });

  it('nothing is proposed while it rests', () => {
    expect(analyzeSpot(question({ harmedAtMs: [NOW - HOUR] }))).toMatchObject({
      outcome: 'nothing',
      message: expect.stringContaining('rests') as string,
    });
    expect(analyzeSpot(question({ harmedAtMs: [NOW - 2 * DAY] })).outcome).toBe('wanted');
  });
});

describe('the probability of a calm day', () => {
  const none = { interruptions: 0, nodeHours: 0 };

  it('falls with nodes and with interruptions seen, and rises with what is allowed', () => {
    expect(calmDayProbability(8, 3, none)).toBeGreaterThan(calmDayProbability(80, 3, none));
    expect(calmDayProbability(8, 3, { interruptions: 6, nodeHours: 192 })).toBeLessThan(
      calmDayProbability(8, 3, none),
    );
    expect(calmDayProbability(8, 0, none)).toBeLessThan(calmDayProbability(8, 1, none));
  });

  it('is that of the negative binomial distribution', () => {
    // Python: sum of the mass function with lgamma, k = 0…3; 6.1, (730+192)/(730+192+192))
    expect(calmDayProbability(8, 3, { interruptions: 6, nodeHours: 192 })).toBeCloseTo(0.9442876710878544, 9);
    expect(calmDayProbability(5, 10_000, none)).toBeCloseTo(1, 9);
  });
});
