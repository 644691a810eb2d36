import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowerInventory } from '#domain/power/inventory.ts';
import type { PowerSnapshot } from '#domain/power/power.ts';
import { clusterSnapshot } from '#domain/power/snapshot.ts';
import { EXPORTERS } from './exporters.ts';
import { NodeNames } from './node-names.ts';
import { PodNames } from './pod-names.ts';
import type { PowerSample } from './samples.ts';

const AT_MS = 1_800_000_000_000;
const machine = (node: string) =>
  ({
    node,
    instanceType: 'm6i.large',
    cpuCores: 8,
    memoryBytes: 32e9,
    accelerators: [],
    aliases: [],
  }) as const;
const pod = (name: string, node: string) => {
  const app = {
    container: 'app',
    cpuRequestCores: 1,
    gpus: 1,
    npus: 1,
    allocations: [{ uuid: 'u1', share: 0.5 }],
  };
  return { namespace: 'ns', pod: name, uid: `uid-${name}`, node, startedMs: 0, containers: [app] };
};
const inventory: PowerInventory = {
  machines: [machine('n1'), machine('n2')],
  pods: [pod('p1', 'n1'), pod('p2', 'n2')],
};
const naming = { inventory, nodes: new NodeNames(inventory), pods: new PodNames(inventory) };

const text = (...texts: readonly string[]) => fc.constantFrom(...texts, '');
const pods = text('p1', 'p2', 'dcgm-exporter-1', 'system_processes');

/** Labels of every exporter at once, each there or not. */
const labels = fc.record(
  {
    node_name: text('n1', 'n2', 'n9'),
    instance: text('n1', 'n2', '10.0.0.1:9100'),
    zone: text('package', 'package-1', 'core', 'dram', 'psys', 'nonsense'),
    path: text('a', 'b'),
    mode: text('dynamic', 'idle'),
    package: text('0', '1'),
    pod_id: text('uid-p1', 'uid-p2', 'uid-gone'),
    pod: pods,
    namespace: text('ns'),
    container: text('app', 'side'),
    pod_name: pods,
    container_namespace: text('ns', 'system'),
    container_name: text('app'),
    container_id: text('c1', 'c2'),
    UUID: text('u1', 'u2'),
    uuid: text('u1'),
    gpu_uuid: text('u1', 'u3'),
    serial_number: text('s1'),
    GPU_I_ID: text('1', '2'),
    GPU_I_PROFILE: text('3g.20gb', '1g.5gb', 'odd'),
    partition_id: text('0', '1'),
    gpu_compute_partition_type: text('cpx', 'odd'),
    modelName: text('NVIDIA A100', 'odd'),
    label: text('rms', 'peak'),
    source_type: text('PowerSupply', 'PowerControl'),
    components_power_source: text('estimator', 'rapl-sysfs'),
    platform_power_source: text('none', 'acpi'),
  },
  { requiredKeys: [] },
);

const metrics = EXPORTERS.flatMap(({ selections }) =>
  selections.flatMap((each) => Object.keys(each.metrics)),
);
const value = fc.oneof(fc.double({ min: 0, max: 2000, noNaN: true }), fc.constantFrom(0, 1e9, 1e18));
const samples: fc.Arbitrary<readonly PowerSample[]> = fc.array(
  fc
    .tuple(fc.constantFrom(...metrics), labels, value)
    .map(([metric, own, figure]) => ({ metric, labels: own, value: figure, last: figure, atMs: AT_MS })),
  { minLength: 20, maxLength: 120 },
);

function snapshotOf(all: readonly PowerSample[]): PowerSnapshot {
  const named = all.filter((sample) => naming.nodes.nodeOf(sample.labels).isListed);
  const told = EXPORTERS.map(({ read, selections }) => {
    const own = new Set(selections.flatMap((each) => Object.keys(each.metrics)));
    return read(
      named.filter(({ metric }) => own.has(metric)),
      naming,
    );
  });
  return clusterSnapshot({
    atMs: AT_MS,
    staleAfterMs: 150_000,
    inventory,
    readings: { nodes: told.flatMap(({ nodes }) => nodes), devices: told.flatMap(({ devices }) => devices) },
    use: undefined,
    problems: told.flatMap(({ problems }) => problems),
  });
}

describe('whatever series there are', () => {
  it('make a cluster that is conserved, of its own nodes, with finite watts', () => {
    fc.assert(
      fc.property(samples, (all) => {
        const { containers, devices, nodes } = snapshotOf(all);
        for (const node of nodes) {
          expect(['n1', 'n2']).toContain(node.node);
          const held = containers
            .filter((each) => each.node === node.node)
            .reduce((sum, { activeWatts, idleWatts }) => sum + activeWatts + idleWatts, 0);
          expect(Math.abs(held + node.systemWatts - node.watts)).toBeLessThanOrEqual(
            1e-9 * Math.max(1, node.watts),
          );
          expect(node.atMs).toBe(AT_MS);
          expect(node.watts).toBeLessThan(200_000);
        }
        for (const { idleWatts, sharers, watts } of devices) {
          const held = sharers.reduce((sum, sharer) => sum + sharer.watts, 0);
          expect(Math.abs(held + idleWatts - watts)).toBeLessThanOrEqual(1e-9 * Math.max(1, watts));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('that name the GPUs of two nodes alike make a GPU on each', () => {
    const gpus = ['n1', 'n2'].map((node) => {
      const own = { node_name: node, gpu_uuid: '' };
      return { metric: 'kepler_node_gpu_watts', labels: own, value: 50, last: 50, atMs: AT_MS };
    });
    const { devices } = snapshotOf(gpus);
    expect(devices.map(({ node, watts }) => [node, watts])).toEqual([
      ['n1', 50],
      ['n2', 50],
    ]);
  });

  it('mean the same in any order', () => {
    const byName = (snapshot: PowerSnapshot): readonly (readonly [string, number])[] =>
      snapshot.nodes.map(({ node, watts }) => [node, Math.round(watts * 1e6)] as const);
    fc.assert(
      fc.property(samples, (all) => {
        expect(byName(snapshotOf([...all].reverse()))).toEqual(byName(snapshotOf(all)));
      }),
    );
  });
});
