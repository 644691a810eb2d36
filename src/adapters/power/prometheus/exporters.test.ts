import { describe, expect, it } from 'vitest';
import type { PlacedPod, PowerInventory } from '#domain/power/inventory.ts';
import { ACCELERATOR_EXPORTERS } from './accelerators.ts';
import type { Exporter, ExporterReadings } from './exporter.ts';
import { KEPLER } from './kepler.ts';
import { KEPLER_LEGACY } from './kepler-legacy.ts';
import { NodeNames } from './node-names.ts';
import { PodNames } from './pod-names.ts';
import type { PowerSample } from './samples.ts';
import { chooseZones } from './zones.ts';

const AT = 1000;

function pod(name: string, node: string, ip?: string): PlacedPod {
  const app = { container: 'app', gpus: 1, npus: 0, allocations: [] };
  const where = ip === undefined ? {} : { ip };
  return {
    namespace: 'team-a',
    pod: name,
    uid: `uid-${name}`,
    node,
    startedMs: 0,
    containers: [app],
    ...where,
  };
}

const inventory: PowerInventory = {
  machines: ['n1', 'n2'].map((node, index) => ({
    node,
    accelerators: [],
    aliases: [`10.0.0.${String(index)}`, `${node}.local`],
  })),
  pods: [pod('web', 'n1', '10.244.0.7'), pod('job', 'n2')],
};
const naming = { inventory, nodes: new NodeNames(inventory), pods: new PodNames(inventory) };

function sample(metric: string, value: number, labels: Readonly<Record<string, string>>): PowerSample {
  return { metric, labels, value, last: value, atMs: AT };
}

function readings({ read }: Exporter, ...samples: readonly PowerSample[]): ExporterReadings {
  return read(samples, naming);
}

describe('Kepler 0.10 and newer', () => {
  const node = (value: number, zone: string, kind = '', more = {}) => sample(`kepler_node_cpu_${kind}joules_total`, value, { node_name: 'n1', zone, path: zone, ...more }); // prettier-ignore

  it('adds sockets, never zones', () => {
    const { nodes } = readings(
      KEPLER,
      node(30, 'package-0'),
      node(20, 'package-1'),
      node(40, 'core'),
      node(9, 'dram'),
    );
    expect(nodes).toMatchObject([
      {
        node: 'n1',
        origin: 'measured',
        sources: ['kepler'],
        atMs: AT,
        cpu: { watts: 50 },
        dram: { watts: 9 },
      },
    ]);
  });

  it('takes idle as told, or what is left beside active', () => {
    const told = readings(KEPLER, node(30, 'package'), node(12, 'package', 'idle_'));
    expect(told.nodes[0]?.cpu).toMatchObject({ watts: 30, idleWatts: 12 });
    const left = readings(KEPLER, node(30, 'package'), node(25, 'package', 'active_'));
    expect(left.nodes[0]?.cpu).toMatchObject({ watts: 30, idleWatts: 5 });
  });

  it('believes the management controller of the board before psys, by supplies or by control, not both', () => {
    const redfish = (watts: number, id: string, type: string) =>
      sample('kepler_platform_watts', watts, {
        node_name: 'n1',
        bmc_id: 'b',
        chassis_id: '1',
        source_id: id,
        source_type: type,
      });
    const { nodes } = readings(KEPLER, node(30, 'package'), node(50, 'psys'), redfish(200, 'a', 'PowerSupply'), redfish(190, 'b', 'PowerSupply'), redfish(380, 'c', 'PowerControl')); // prettier-ignore
    expect(nodes[0]?.platform).toEqual({ watts: 380, atMs: AT, includesDevices: true });
    expect(readings(KEPLER, redfish(90, 'c', 'PowerControl')).nodes[0]).toMatchObject({
      node: 'n1',
      platform: { watts: 90 },
    });
  });

  it('finds containers by the uid of their pod, names the gone by its own series, and says who nobody knows', () => {
    const container = (uid: string, id: string, watts: number) =>
      sample('kepler_container_cpu_joules_total', watts, { node_name: 'n1', zone: 'package', pod_id: uid, container_id: id, container_name: 'app', state: 'running' }); // prettier-ignore
    const gone = sample('kepler_pod_cpu_joules_total', 1, {
      node_name: 'n1',
      zone: 'package',
      pod_id: 'uid-old',
      pod_name: 'old',
      pod_namespace: 'team-b',
    });
    const { nodes, problems } = readings(
      KEPLER, node(30, 'package'), gone,
      // It restarted: two lives of one container. The first is scraped twice.
      container('uid-web', 'c1', 4), container('uid-web', 'c1', 4), container('uid-web', 'c2', 3),
      container('uid-old', 'c3', 2), container('uid-?', 'c4', 1),
    ); // prettier-ignore
    expect(nodes[0]?.containers).toEqual([
      { namespace: 'team-a', pod: 'web', container: 'app', parts: { cpu: 7 } },
      { namespace: 'team-b', pod: 'old', container: 'app', parts: { cpu: 2 } },
    ]);
    expect(problems).toMatchObject([{ subject: 'n1', reason: 'Missing' }]);
  });

  it('tells of GPUs with what they draw idle and whose use it saw', () => {
    const gpu = { node_name: 'n1', gpu: '0', gpu_uuid: 'GPU-1', gpu_name: 'NVIDIA A100', vendor: 'nvidia' };
    const use = sample('kepler_container_gpu_joules_total', 80, {
      node_name: 'n1',
      pod_id: 'uid-web',
      container_name: 'app',
    });
    const { devices } = readings(
      KEPLER,
      sample('kepler_node_gpu_joules_total', 120, gpu),
      sample('kepler_node_gpu_idle_joules_total', 40, gpu),
      use,
    );
    expect(devices).toMatchObject([
      {
        node: 'n1',
        uuid: 'GPU-1',
        model: 'NVIDIA A100',
        watts: 120,
        idleWatts: 40,
        holders: [{ pod: 'web', use: 80 }],
      },
    ]);
  });
});

describe('zones', () => {
  it.each([
    [['psys', 'package', 'core', 'dram'], ['package'], ['dram'], ['psys']],
    [['core', 'uncore'], ['core', 'uncore'], [], []],
    [['psys', 'dram'], ['psys'], [], []],
    [['vddcr', 'soc'], ['soc'], [], []],
    [[], [], [], []],
  ])('%j are the processor %j, the memory %j, the board %j', (zones, cpu, dram, platform) => {
    expect(chooseZones(zones)).toMatchObject({ cpu, dram, platform });
  });

  it('that nobody has heard of are a guess, and that is said', () => {
    expect(chooseZones(['vddcr', 'soc'])).toMatchObject({
      isGuess: true,
      note: expect.stringContaining('soc, vddcr') as string,
    });
  });
});

describe('Kepler up to 0.9', () => {
  const node = (part: string, mode: string, watts: number) =>
    sample(`kepler_node_${part}_joules_total`, watts, { exported_instance: 'n2', mode, package: '0' });
  const info = (components: string, platform: string) =>
    sample('kepler_node_info', 1, {
      exported_instance: 'n2',
      components_power_source: components,
      platform_power_source: platform,
    });
  const container = (part: string, id: string, watts: number) =>
    sample(`kepler_container_${part}_joules_total`, watts, { container_namespace: 'team-a', pod_name: 'job', container_name: 'app', container_id: id, mode: 'dynamic' }); // prettier-ignore

  it('is what it draws dynamically and idle, of the whole machine where that is measured', () => {
    const parts = [
      node('package', 'dynamic', 30),
      node('package', 'idle', 20),
      node('platform', 'dynamic', 40),
      node('platform', 'idle', 60),
    ];
    const { nodes } = readings(KEPLER_LEGACY, ...parts, info('rapl-sysfs', 'acpi'));
    expect(nodes[0]).toMatchObject({
      node: 'n2',
      origin: 'measured',
      cpu: { watts: 50, idleWatts: 20 },
      platform: { watts: 100, idleWatts: 60, includesDevices: true },
    });
    expect(readings(KEPLER_LEGACY, ...parts, info('rapl-sysfs', 'none')).nodes[0]?.platform).toBeUndefined();
  });

  it('is a model where it has no sensor and estimates', () => {
    const { nodes, problems } = readings(
      KEPLER_LEGACY,
      node('package', 'dynamic', 30),
      info('estimator', 'none'),
    );
    expect(nodes[0]?.origin).toBe('modelled');
    expect(problems).toMatchObject([{ subject: 'n2', reason: 'Missing' }]);
  });

  it('counts cores only where no package is measured', () => {
    const both = [container('package', 'a', 8), container('core', 'a', 5), container('dram', 'a', 1)];
    const own = (samples: readonly PowerSample[]) =>
      readings(KEPLER_LEGACY, ...samples).nodes[0]?.containers?.[0]?.parts;
    expect(own([node('package', 'dynamic', 30), ...both])).toEqual({ cpu: 8, dram: 1 });
    expect(own([node('core', 'dynamic', 20), container('core', 'a', 5)])).toEqual({ cpu: 5 });
  });

  it('sums the GPUs of a node into one, shared by what it saw used; zero is none', () => {
    const gpu = [node('gpu', 'dynamic', 90), node('gpu', 'idle', 30), container('gpu', 'a', 60)];
    expect(readings(KEPLER_LEGACY, ...gpu).devices).toMatchObject([
      {
        node: 'n2',
        watts: 120,
        idleWatts: 30,
        holders: [{ pod: 'job', use: 60 }],
        sources: ['kepler-legacy'],
      },
    ]);
    expect(readings(KEPLER_LEGACY, node('gpu', 'dynamic', 0)).devices).toEqual([]);
  });
});

describe('an exporter of accelerators', () => {
  const [dcgm] = ACCELERATOR_EXPORTERS;
  if (dcgm === undefined) throw new Error('no exporters');

  it('tells watts where its counter of energy stands still', () => {
    const labels = { Hostname: 'n1', UUID: 'GPU-1', modelName: 'Tesla T4' };
    const { devices } = readings(
      dcgm,
      sample('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 0, labels),
      sample('DCGM_FI_DEV_POWER_USAGE', 33, labels),
    );
    expect(devices).toMatchObject([{ watts: 33, model: 'Tesla T4' }]);
  });

  it('is not believed where it says the same of every sharer (dcgm-exporter#587)', () => {
    const of = (name: string) => ({
      Hostname: 'n1',
      UUID: 'GPU-1',
      namespace: 'team-a',
      pod: name,
      container: 'app',
    });
    const both = ['web', 'job'].flatMap((name) => [
      sample('DCGM_FI_DEV_POWER_USAGE', 70, of(name)),
      sample('DCGM_FI_DEV_GPU_UTIL', 90, of(name)),
    ]);
    expect(readings(dcgm, ...both).devices[0]?.holders).toEqual([
      { namespace: 'team-a', pod: 'web', container: 'app' },
      { namespace: 'team-a', pod: 'job', container: 'app' },
    ]);
  });

  it('may number its devices from zero on every node', () => {
    const amd = ACCELERATOR_EXPORTERS.find(({ source }) => source === 'amd') ?? dcgm;
    const of = (hostname: string) => ({ hostname, gpu_id: '0' });
    const { devices } = readings(
      amd,
      sample('amd_gpu_package_power', 300, of('n1')),
      sample('gpu_power_usage', 200, of('n2')),
    );
    expect(devices.map(({ node, watts }) => [node, watts])).toEqual([['n1', 300], ['n2', 200]]); // prettier-ignore
  });
});

describe('the node of a series', () => {
  it.each([
    [{ node_name: 'n1' }, 'n1'],
    [{ Hostname: 'n2.local' }, 'n2'],
    [{ instance: '10.0.0.1:9102' }, 'n2'],
    [{ instance: '10.244.0.7:9102' }, 'n1'],
    [{ instance: 'localhost:1', namespace: 'team-a', pod: 'job' }, 'n2'],
    [{ instance: 'localhost:1', container_namespace: 'team-a', pod_name: 'web' }, 'n1'],
  ])('with %j is %s', (labels, node) => {
    expect(naming.nodes.nodeOf(labels)).toEqual({ node, isListed: true });
  });

  it('that the cluster does not list goes by its own name, and without one by none', () => {
    expect(naming.nodes.nodeOf({ node_name: 'n9', instance: 'x:1' })).toEqual({
      node: 'n9',
      isListed: false,
    });
    expect(naming.nodes.nodeOf({ instance: 'x:1' })).toEqual({ isListed: false });
  });
});

describe('the container of a series', () => {
  const names = { namespace: 'monitoring', pod: 'exporter', container: 'exporter' };

  it.each([
    [{ ...names, exported_namespace: 'team-a', exported_pod: 'web', exported_container: 'app' }],
    [{ ...names, pod_namespace: 'team-a', pod_name: 'web', container_name: 'app' }],
    [
      {
        ...names,
        kubernetes_namespace_name: 'team-a',
        kubernetes_pod_name: 'web',
        kubernetes_container_name: 'app',
      },
    ],
    [{ podnamespace: 'team-a', podname: 'web', ctrname: 'app' }],
    [{ namespace: 'team-a', pod: 'web', container: '' }],
  ])('is told before the pod of its exporter: %j', (labels) => {
    expect(naming.pods.containerOf(labels)).toEqual({ namespace: 'team-a', pod: 'web', container: 'app' });
  });

  it('is none where the labels are empty', () => {
    expect(naming.pods.containerOf({ pod_name: '', pod_namespace: '', container_name: '' })).toBeUndefined();
  });
});
