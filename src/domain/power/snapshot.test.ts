import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerPower, PowerSnapshot } from './power.ts';
import type { NodeReading } from './readings.ts';
import { type ClusterFacts, clusterSnapshot, clusterWatts, podWatts } from './snapshot.ts';
import { AT_MS, clusterFacts } from './testing/arbitrary-cluster.ts';

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}

function parts(figure: { readonly parts: object }): readonly number[] {
  return Object.values(figure.parts) as number[];
}

/** Within 1e-9 of the larger. */
function expectEqual(a: number, b: number): void {
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(a), Math.abs(b)));
}

function all(figures: PowerSnapshot): readonly number[] {
  return [
    ...figures.containers.flatMap((each) => [each.activeWatts, each.idleWatts, ...parts(each)]),
    ...figures.nodes.flatMap((each) => [
      each.watts,
      each.activeWatts,
      each.idleWatts,
      each.systemWatts,
      ...parts(each),
    ]),
    ...figures.devices.flatMap((each) => [
      each.watts,
      each.idleWatts,
      ...each.sharers.map(({ watts }) => watts),
    ]),
  ];
}

describe('a cluster put together from any exporters, whatever they contradict', () => {
  const everywhere = (check: (snapshot: PowerSnapshot, facts: ClusterFacts) => void): void => {
    fc.assert(fc.property(clusterFacts, (facts) => { check(clusterSnapshot(facts), facts); }), { numRuns: 200 }); // prettier-ignore
  };

  it('has nodes whose parts, and whose containers with the system, are all that they draw', () => {
    everywhere(({ containers, nodes }) => {
      for (const node of nodes) {
        const own = containers.filter((each) => each.node === node.node);
        expectEqual(sum(own, (each) => each.activeWatts + each.idleWatts) + node.systemWatts, node.watts);
        expectEqual(
          sum(parts(node), (part) => part),
          node.watts,
        );
        expectEqual(node.activeWatts + node.idleWatts, node.watts);
        expect(sum(own, (each) => each.idleWatts)).toBeLessThanOrEqual(
          node.idleWatts + 1e-9 * Math.max(1, node.watts),
        );
      }
    });
  });

  it('has containers whose parts are what they do, and pods that are their containers', () => {
    everywhere(({ containers }) => {
      for (const each of containers)
        expectEqual(
          sum(parts(each), (part) => part),
          each.activeWatts,
        );
      const pods = podWatts(containers);
      expectEqual(
        sum([...pods.values()], (watts) => watts),
        sum(containers, (each) => each.activeWatts + each.idleWatts),
      );
    });
  });

  it('has devices whose sharers, with what nobody accounts for, are all that they draw', () => {
    everywhere(({ devices }) => {
      for (const device of devices) {
        expectEqual(sum(device.sharers, ({ watts }) => watts) + device.idleWatts, device.watts);
        expect(device.splitBy === undefined).toBe(device.sharers.length === 0);
      }
    });
  });

  it('is the sum of its nodes, and of its containers and systems', () => {
    everywhere(({ containers, nodes }) => {
      const whole = clusterWatts(nodes) ?? 0;
      expectEqual(
        sum(containers, (each) => each.activeWatts + each.idleWatts) + sum(nodes, (each) => each.systemWatts),
        whole,
      );
    });
  });

  it('has no figure below zero and none that is no number', () => {
    everywhere((snapshot) => {
      expect(all(snapshot).filter((value) => !Number.isFinite(value) || value < 0)).toEqual([]);
    });
  });

  it('tells every container, node and device once', () => {
    everywhere(({ containers, devices, nodes }) => {
      const names = [
        containers.map((each) => `${each.node ?? ''}/${each.namespace}/${each.pod}/${each.container}`),
        nodes.map(({ node }) => node),
        devices.map(({ node, uuid }) => `${node}/${uuid}`),
      ];
      for (const each of names) expect(new Set(each).size).toBe(each.length);
    });
  });

  it('says of every node that it knows why it knows no more', () => {
    everywhere(({ nodes, problems }, { inventory }) => {
      const told = new Set([...nodes.map(({ node }) => node), ...problems.map(({ subject }) => subject)]);
      for (const { node } of inventory.machines) expect(told).toContain(node);
    });
  });

  it('keeps its nodes whole where only a namespace is asked for', () => {
    fc.assert(
      fc.property(clusterFacts, (facts) => {
        const [whole, one] = [clusterSnapshot(facts), clusterSnapshot({ ...facts, namespace: 'team-a' })];
        expect(one.nodes).toEqual(whole.nodes);
        expect(one.containers).toEqual(whole.containers.filter(({ namespace }) => namespace === 'team-a'));
      }),
    );
  });
});

/** One node of 10 cores and 100 GB with two containers, as Kepler saw it. */
function facts(reading: Partial<NodeReading>, others: readonly Partial<NodeReading>[] = []): ClusterFacts {
  const container = (name: string, cpuRequestCores: number) =>
    ({
      container: name,
      cpuRequestCores,
      memoryRequestBytes: 10e9,
      gpus: 0,
      npus: 0,
      allocations: [],
    }) as const;
  const pod = { namespace: 'team-a', pod: 'web', uid: 'u1', node: 'n1', startedMs: 0 };
  const machine = {
    node: 'n1',
    instanceType: 'm6i.large',
    cpuCores: 10,
    memoryBytes: 100e9,
    accelerators: [],
    aliases: [],
  };
  const base = { node: 'n1', origin: 'measured', sources: ['kepler'], atMs: AT_MS } as const;
  return {
    atMs: AT_MS,
    staleAfterMs: 150_000,
    inventory: {
      machines: [machine],
      pods: [{ ...pod, containers: [container('app', 2), container('db', 1)] }],
    },
    readings: { nodes: [reading, ...others].map((each) => ({ ...base, ...each })), devices: [] },
    use: undefined,
    problems: [],
  };
}

const app = { namespace: 'team-a', pod: 'web', container: 'app' };
const db = { ...app, container: 'db' };

function byName(containers: readonly ContainerPower[]): Readonly<Record<string, ContainerPower>> {
  return Object.fromEntries(containers.map((each) => [each.container, each]));
}

describe('a node that is measured', () => {
  it('gives its idle watts to what was requested of it, and the rest to the system', () => {
    const { containers, nodes, problems } = clusterSnapshot(
      facts({
        cpu: { watts: 100, idleWatts: 40 },
        dram: { watts: 20, idleWatts: 10 },
        containers: [
          { ...app, parts: { cpu: 50, dram: 8 } },
          { ...db, parts: { cpu: 5, dram: 2 } },
        ],
      }),
    );
    const found = byName(containers);
    expect(found['app']).toMatchObject({
      activeWatts: 58,
      idleWatts: 0.2 * 40 + 0.1 * 10,
      parts: { cpu: 50, dram: 8 },
    });
    expect(found['db']).toMatchObject({ activeWatts: 7, idleWatts: 0.1 * 40 + 0.1 * 10 });
    expect(nodes[0]).toMatchObject({
      watts: 120,
      activeWatts: 70,
      idleWatts: 50,
      parts: { cpu: 100, dram: 20 },
    });
    expect(nodes[0]?.systemWatts).toBeCloseTo(120 - 58 - 7 - 9 - 5, 9);
    expect(problems).toEqual([]);
  });

  it('scales containers of 147 W on a platform of 83 W down to it, and says so (kepler#2149)', () => {
    const { containers, nodes, problems } = clusterSnapshot(
      facts({
        cpu: { watts: 150, idleWatts: 30 },
        platform: { watts: 83, idleWatts: 33, includesDevices: true },
        containers: [
          { ...app, parts: { cpu: 98 } },
          { ...db, parts: { cpu: 49 } },
        ],
      }),
    );
    expect(nodes[0]?.watts).toBe(83);
    const found = byName(containers);
    expect((found['app']?.activeWatts ?? 0) + (found['db']?.activeWatts ?? 0)).toBeCloseTo(53, 9);
    expect(found['app']?.activeWatts).toBeCloseTo(2 * (found['db']?.activeWatts ?? 0), 9);
    expect(problems.map(({ reason, subject }) => [subject, reason])).toEqual([['n1', 'Inconsistent'], ['n1', 'Inconsistent']]); // prettier-ignore
    expect(problems[1]?.message).toContain('147.0 W of 53.0 W');
  });

  it('keeps its watts where nothing splits them (kepler#1653)', () => {
    const { containers, nodes, problems } = clusterSnapshot(
      facts({ platform: { watts: 200, includesDevices: true } }),
    );
    expect(nodes[0]).toMatchObject({
      watts: 200,
      origin: 'measured',
      parts: { other: 200 },
      splitOrigin: 'modelled',
    });
    expect(nodes[0]?.idleWatts).toBeGreaterThan(0);
    expect(
      containers.every(({ activeWatts, parts: own }) => activeWatts === 0 && Object.keys(own).length === 0),
    ).toBe(true);
    expect(problems.map(({ reason }) => reason)).toEqual(['Missing', 'Missing']);
  });

  it('is split by what its containers use where its exporter does not, and that is a model', () => {
    const use = {
      source: 'cadvisor',
      atMs: AT_MS,
      containers: [
        { ...app, cpuCores: 3 },
        { ...db, cpuCores: 1 },
      ],
    };
    const { containers, nodes } = clusterSnapshot({ ...facts({ cpu: { watts: 100, idleWatts: 20 } }), use });
    expect(nodes[0]?.origin).toBe('measured');
    expect(byName(containers)['app']).toMatchObject({ activeWatts: 60, origin: 'modelled' });
    expect(byName(containers)['db']?.activeWatts).toBe(20);
  });

  it('is one node, whichever exporters measure it during a migration', () => {
    const legacy = { sources: ['kepler-legacy'], cpu: { watts: 90, idleWatts: 30 }, containers: [] };
    const { nodes, problems } = clusterSnapshot(
      facts({ cpu: { watts: 100, idleWatts: 30 }, containers: [] }, [legacy]),
    );
    expect(nodes.map(({ watts, sources }) => [watts, sources])).toEqual([[100, ['kepler']]]);
    expect(problems.map(({ reason }) => reason)).toContain('Ambiguous');
  });

  it('is told by the exporter that is left where the better one has stopped', () => {
    const legacy = { sources: ['kepler-legacy'], cpu: { watts: 90, idleWatts: 30 }, containers: [] };
    const { nodes, problems } = clusterSnapshot(
      facts({ cpu: { watts: 100 }, atMs: AT_MS - 600_000 }, [legacy]),
    );
    expect(nodes.map(({ watts, sources }) => [watts, sources])).toEqual([[90, ['kepler-legacy']]]);
    expect(problems.map(({ reason }) => reason)).toContain('Stale');
  });

  it('that tells zero for everything is not measured: a virtual machine (kepler#352)', () => {
    const use = {
      source: 'cadvisor',
      atMs: AT_MS,
      containers: [
        { ...app, cpuCores: 1 },
        { ...db, cpuCores: 0 },
      ],
    };
    const zero = facts({ cpu: { watts: 0, idleWatts: 0 }, containers: [{ ...app, parts: { cpu: 0 } }] });
    const { nodes, problems } = clusterSnapshot({ ...zero, use });
    expect(nodes[0]).toMatchObject({ origin: 'modelled', sources: ['utilisation-model'] });
    expect(nodes[0]?.watts).toBeGreaterThan(0);
    expect(problems[0]).toMatchObject({ subject: 'n1', reason: 'Missing' });
    expect(problems[0]?.message).toContain('not measured');
  });

  it('is not believed beyond what a machine can draw', () => {
    const { nodes, problems } = clusterSnapshot(facts({ cpu: { watts: 9e15 } }));
    expect(nodes).toEqual([]);
    expect(problems.map(({ reason }) => reason)).toEqual(['Inconsistent', 'Missing']);
  });
});
