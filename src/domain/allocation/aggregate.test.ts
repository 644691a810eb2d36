import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../units/duration.ts';
import { aggregate, type AggregateOptions, type CostView, IDLE_MODES, sumUsd } from './aggregate.ts';
import { allocate } from './allocate.ts';
import { sumParts } from './allocation.ts';
import { type NodePowerFigure, type PowerFigure, type PowerView, powerView } from './power-view.ts';
import { anyCluster, GIB, nodeSpan, podSpan, START_MS } from './testing.ts';

const EVIDENCE = { origin: 'measured', sources: ['kepler'], atMs: START_MS } as const;

const CLUSTER = allocate({
  fromMs: START_MS,
  toMs: START_MS + HOUR_MS,
  nodes: [nodeSpan({ name: 'n1' }), nodeSpan({ name: 'n2' })],
  pods: [
    podSpan({
      name: 'a',
      labels: { team: 'red' },
      owner: { kind: 'Deployment', name: 'web' },
      requests: { cpu: 1 },
    }),
    podSpan({ name: 'b', namespace: 'ml', requests: { cpu: 2, memory: 8 * GIB } }),
    podSpan({ name: 'dns', namespace: 'kube-system', node: 'n2', requests: { cpu: 0.5 } }),
  ],
});

const BY_NAMESPACE: AggregateOptions = { grouping: { by: 'namespace' }, idle: 'separate' };
const BILL = 2 * (4 * 0.04 + 16 * 0.005);

function keys(view: CostView): readonly (string | undefined)[] {
  return view.rows.map(({ kind, key }) => (kind === 'idle' ? 'IDLE' : key));
}

describe('a bill', () => {
  it('has a row for each namespace, the dearest first, and one for idle', () => {
    const view = aggregate(CLUSTER, BY_NAMESPACE);
    expect(keys(view)).toEqual(['ml', 'shop', 'kube-system', 'IDLE']);
    expect(sumUsd(view.total)).toBeCloseTo(BILL, 12);
  });

  it('has rows for workloads, nodes and pods, and for a label with those that lack it', () => {
    const rows = (grouping: AggregateOptions['grouping']) =>
      keys(aggregate(CLUSTER, { grouping, idle: 'hidden' }));
    expect(rows({ by: 'workload' })).toEqual(['ml/Pod/b', 'shop/Deployment/web', 'kube-system/Pod/dns']);
    expect(rows({ by: 'node' })).toEqual(['n1', 'n2']);
    expect(rows({ by: 'pod' })).toEqual(['ml/b', 'shop/a', 'kube-system/dns']);
    expect(rows({ by: 'label', label: 'team' })).toEqual([undefined, 'red']);
  });

  it('shares the idle of a node among those who run on it, part by part', () => {
    const view = aggregate(CLUSTER, { ...BY_NAMESPACE, idle: 'share' });
    const dns = view.rows.find(({ key }) => key === 'kube-system');
    // All of n2's idle is the only pod's, its memory too, of which it asks for nothing.
    expect(sumUsd(dns?.total ?? view.total)).toBeCloseTo(BILL / 2, 12);
    expect(keys(view)).not.toContain('IDLE');
    expect(sumUsd(view.total)).toBeCloseTo(BILL, 12);
  });

  it('says how much idle it hides', () => {
    const view = aggregate(CLUSTER, { ...BY_NAMESPACE, idle: 'hidden' });
    expect(sumUsd(view.hiddenIdle)).toBeCloseTo(BILL - 3.5 * 0.04 - 8 * 0.005, 12);
    expect(sumUsd(view.total)).toBeCloseTo(BILL, 12);
  });

  it('spreads shared namespaces over the others in proportion to their own cost', () => {
    const view = aggregate(CLUSTER, { ...BY_NAMESPACE, sharedNamespaces: ['kube-system'] });
    const [ml, shop] = view.rows;
    expect(keys(view)).toEqual(['ml', 'shop', 'IDLE']);
    expect(sumUsd(ml?.shared ?? view.total)).toBeCloseTo(0.02 * (2 / 3), 12);
    expect(sumUsd(shop?.shared ?? view.total)).toBeCloseTo(0.02 / 3, 12);
  });

  it('shows one namespace with all others as one row', () => {
    const options: AggregateOptions = {
      grouping: { by: 'workload' },
      idle: 'separate',
      onlyNamespace: 'shop',
    };
    const { rows, total } = aggregate(CLUSTER, options);
    expect(rows.map(({ kind, key }) => key ?? kind)).toEqual(['shop/Deployment/web', 'others', 'idle']);
    expect(sumUsd(total)).toBeCloseTo(BILL, 12);
  });

  it('keeps the idle of an empty cluster: money does not vanish with the weights', () => {
    const empty = allocate({
      fromMs: START_MS,
      toMs: START_MS + HOUR_MS,
      nodes: [nodeSpan({ name: 'n1' })],
      pods: [],
    });
    const view = aggregate(empty, { ...BY_NAMESPACE, idle: 'share' });
    expect(keys(view)).toEqual(['IDLE']);
    expect(sumUsd(view.total)).toBeCloseTo(BILL / 2, 12);
  });
});

describe('the watts of a bill', () => {
  const power = powerView({
    atMs: START_MS,
    containers: [
      { namespace: 'shop', pod: 'a', container: 'x', activeWatts: 10, idleWatts: 5, parts: { cpu: 10 }, ...EVIDENCE },
      { namespace: 'shop', pod: 'a', container: 'y', activeWatts: 1, idleWatts: 0, parts: { cpu: 1 }, ...EVIDENCE, origin: 'modelled' },
    ],
    nodes: [{ node: 'n1', watts: 100, activeWatts: 60, idleWatts: 40, systemWatts: 84, parts: { cpu: 100 }, ...EVIDENCE }],
    devices: [],
    problems: [{ subject: 'node n2', reason: 'Missing', message: 'no exporter' }],
  }); // prettier-ignore

  it('are those of its containers; what no pod accounts for stands with idle', () => {
    const view = aggregate(CLUSTER, { ...BY_NAMESPACE, power });
    expect(view.rows.map(({ total }) => total.watts)).toEqual([0, 16, 0, 84]);
    expect(view.total.watts).toBe(100);
    expect(view.rows.map(({ podsWithoutPower }) => podsWithoutPower)).toEqual([1, 0, 1, 0]);
  });

  it('carry the weakest origin, and none where nobody looked', () => {
    const [ml, shop] = aggregate(CLUSTER, { ...BY_NAMESPACE, power }).rows;
    expect(shop?.evidence?.origin).toBe('modelled');
    expect(ml?.evidence).toBeUndefined();
    expect(power.problems).toEqual(['node n2: no exporter']);
  });
});

describe('whatever the view', () => {
  const watts = fc.double({ min: 0, max: 1000, noNaN: true });
  const grouping = fc.constantFrom<AggregateOptions['grouping']>(
    { by: 'namespace' }, { by: 'workload' }, { by: 'node' }, { by: 'pod' }, { by: 'label', label: 'team' },
  ); // prettier-ignore

  /** Watts for the first pods; the nodes draw those and something more. */
  function viewOf(pods: readonly { readonly name: string; readonly namespace: string; readonly node: string }[], [each, rest]: readonly [number, number]): PowerView {
    const known = pods.slice(0, Math.ceil(pods.length / 2));
    const figures = new Map<string, PowerFigure>(known.map(({ namespace, name }) => [`${namespace}/${name}`, { ...EVIDENCE, watts: each }]));
    const nodes = new Map<string, NodePowerFigure>(['n0', 'n1', 'n2', 'n3', 'n4'].map((node) => {
      const count = known.filter((pod) => pod.node === node).length;
      return [node, { ...EVIDENCE, watts: count * each + rest, systemWatts: rest }];
    }));
    return { pods: figures, nodes, problems: [] };
  } // prettier-ignore

  it('rows and hidden idle sum to the bill, in money and in watts', () => {
    fc.assert(
      fc.property(anyCluster, grouping, fc.constantFrom(...IDLE_MODES), fc.tuple(watts, watts), fc.boolean(), (input, by, idle, draws, share) => {
        const allocation = allocate(input);
        const billed = allocation.pods.map(({ pod }) => pod);
        const power = viewOf(billed, draws);
        const sharedNamespaces = share ? ['kube-system'] : [];
        const { rows, hiddenIdle, total } = aggregate(allocation, { grouping: by, idle, power, sharedNamespaces });
        const bill = allocation.nodes.reduce((sum, { usd }) => sum + sumParts(usd), 0);
        const drawn = [...power.nodes.values()].reduce((sum, node) => sum + node.watts, 0);
        const kwh = allocation.nodes.reduce((sum, { node, hours }) => sum + ((power.nodes.get(node.name)?.watts ?? 0) * hours) / 1000, 0);
        for (const [whole, read] of [[bill, sumUsd], [drawn, (amounts: typeof total) => amounts.watts], [kwh, (amounts: typeof total) => amounts.kwh]] as const) {
          const parts = rows.reduce((sum, row) => sum + read(row.total), read(hiddenIdle));
          expect(Math.abs(parts - whole)).toBeLessThanOrEqual(1e-9 * Math.max(1, whole));
          expect(Math.abs(read(total) - whole)).toBeLessThanOrEqual(1e-9 * Math.max(1, whole));
        }
        for (const row of rows) {
          expect(sumUsd(row.own) + sumUsd(row.idle) + sumUsd(row.shared)).toBeCloseTo(sumUsd(row.total), 9);
        }
      }),
      { numRuns: 300 },
    );
  }); // prettier-ignore
});
