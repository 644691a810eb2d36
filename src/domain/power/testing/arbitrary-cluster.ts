/** Clusters of any kind for property tests: consistent ones, and exporters that contradict each other. */
import fc from 'fast-check';
import type { ClusterUse, MachineFacts, PlacedContainer, PlacedPod, PowerInventory } from '../inventory.ts';
import type { ContainerRef } from '../power.ts';
import type { DeviceReading, Draw, NodeReading } from '../readings.ts';
import type { ClusterFacts } from '../snapshot.ts';

export const AT_MS = 1_800_000_000_000;

const watts = fc.double({ min: 0, max: 1000, noNaN: true });
const draw: fc.Arbitrary<Draw> = fc.record({ watts, idleWatts: watts }, { requiredKeys: ['watts'] });
const share = fc.double({ min: 0, max: 1.5, noNaN: true });
const nodeNames = ['n1', 'n2', 'n3'];
const node = fc.constantFrom(...nodeNames);
const freshness = fc.constantFrom(AT_MS, AT_MS - 30_000, AT_MS - 900_000);

const container: fc.Arbitrary<Omit<PlacedContainer, 'container'>> = fc.record(
  {
    cpuRequestCores: fc.double({ min: 0, max: 20, noNaN: true }),
    memoryRequestBytes: fc.integer({ min: 0, max: 2 ** 40 }),
    gpus: fc.integer({ min: 0, max: 4 }),
    npus: fc.constant(0),
    allocations: fc.array(
      fc.record({ uuid: fc.constantFrom('g1', 'g2'), share }, { requiredKeys: ['uuid'] }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['gpus', 'npus', 'allocations'] },
);

const pods: fc.Arbitrary<readonly PlacedPod[]> = fc
  .array(fc.tuple(node, fc.array(container, { minLength: 1, maxLength: 3 })), { maxLength: 8 })
  .map((found) =>
    found.map(([on, containers], index) => ({
      namespace: index % 2 === 0 ? 'team-a' : 'team-b',
      pod: `p${String(index)}`,
      uid: `u${String(index)}`,
      node: on,
      startedMs: 0,
      containers: containers.map((each, at) => ({ ...each, container: `c${String(at)}` })),
    })),
  );

const machines: fc.Arbitrary<readonly MachineFacts[]> = fc.subarray(nodeNames).chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc.record(
        {
          node: fc.constant(name),
          instanceType: fc.constantFrom('m6i.xlarge', 'unheard-of'),
          cpuCores: fc.constantFrom(4, 64),
          memoryBytes: fc.constantFrom(16e9, 512e9),
          accelerators: fc.constantFrom(
            [],
            [{ part: 'gpu' as const, vendor: 'nvidia', model: 'Tesla-T4', count: 2 }],
          ),
          aliases: fc.constant([]),
        },
        { requiredKeys: ['node', 'accelerators', 'aliases'] },
      ),
    ),
  ),
);

const ref = fc.record({
  namespace: fc.constantFrom('team-a', 'team-b', 'gone'),
  pod: fc.constantFrom('p0', 'p1', 'p2', 'p3'),
  container: fc.constantFrom('c0', 'c1'),
}) satisfies fc.Arbitrary<ContainerRef>;

const parts = fc.record({ cpu: watts, dram: watts }, { requiredKeys: ['cpu'] });

const reading: fc.Arbitrary<NodeReading> = fc.record(
  {
    node,
    cpu: draw,
    dram: draw,
    platform: fc.tuple(draw, fc.boolean()).map(([each, includesDevices]) => ({ ...each, includesDevices })),
    containers: fc.uniqueArray(
      fc.tuple(ref, parts).map(([each, own]) => ({ ...each, parts: own })),
      {
        maxLength: 5,
        selector: ({ namespace, pod, container: name }) => `${namespace}/${pod}/${name}`,
      },
    ),
    origin: fc.constantFrom('measured' as const, 'modelled' as const),
    sources: fc.constantFrom(['kepler'], ['kepler-legacy'], ['scaphandre']),
    atMs: freshness,
  },
  { requiredKeys: ['node', 'origin', 'sources', 'atMs'] },
);

const device: fc.Arbitrary<DeviceReading> = fc.record(
  {
    node,
    uuid: fc.constantFrom('g1', 'g2'),
    part: fc.constant('gpu' as const),
    vendor: fc.constant('nvidia'),
    model: fc.constantFrom('NVIDIA A100-SXM4-80GB', 'unheard-of'),
    watts,
    idleWatts: watts,
    holders: fc.array(
      fc
        .tuple(ref, fc.record({ share, use: share }, { requiredKeys: [] }))
        .map(([each, held]) => ({ ...each, ...held })),
      { maxLength: 4 },
    ),
    origin: fc.constant('measured' as const),
    sources: fc.constantFrom(['dcgm'], ['kepler'], ['kepler-legacy']),
    atMs: freshness,
  },
  { requiredKeys: ['node', 'uuid', 'part', 'vendor', 'watts', 'holders', 'origin', 'sources', 'atMs'] },
);

const use: fc.Arbitrary<ClusterUse | undefined> = fc.option(
  fc.record(
    {
      source: fc.constant('cadvisor'),
      atMs: fc.constant(AT_MS),
      containers: fc.array(
        fc
          .tuple(ref, fc.double({ min: 0, max: 100, noNaN: true }))
          .map(([each, cpuCores]) => ({ ...each, cpuCores })),
        { maxLength: 8 },
      ),
      nodes: fc.array(fc.record({ node, cpuCores: fc.double({ min: 0, max: 100, noNaN: true }) }), {
        maxLength: 3,
      }),
    },
    { requiredKeys: ['source', 'atMs', 'containers'] },
  ),
  { nil: undefined },
);

export const inventory: fc.Arbitrary<PowerInventory> = fc.record({ machines, pods });

export const clusterFacts: fc.Arbitrary<ClusterFacts> = fc
  .record({
    inventory,
    readings: fc.record({
      nodes: fc.array(reading, { maxLength: 6 }),
      devices: fc.array(device, { maxLength: 6 }),
    }),
    use,
  })
  .map((facts) => ({ ...facts, atMs: AT_MS, staleAfterMs: 150_000, problems: [] }));
