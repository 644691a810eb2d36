/** The exporters of the rack and how they are scraped. */
import { amdFamilies, dcgmFamilies, hamiFamilies } from './expositions/gpus.ts';
import { type KeplerContainer, keplerFamilies } from './expositions/kepler.ts';
import { legacyFamilies } from './expositions/kepler-legacy.ts';
import { furiosaFamilies, rebellionsFamilies, scaphandreFamilies } from './expositions/others.ts';
import type { Labels } from './exposition.ts';
import type { Exposition } from './exporter-server.ts';
import { IDLE_WATTS, PLAIN_NODES, PLAIN_PODS, type Rack, WATTS_PER_CORE } from './rack.ts';

export interface RackExporter {
  readonly exposition: Exposition;
  /** Labels that the scrape configuration gives its target. */
  readonly targetLabels?: Labels;
  /** Scraped by two jobs. */
  readonly isDoubled?: boolean;
}

const PACKAGE = { zone: 'package', path: '/sys/class/powercap/intel-rapl/intel-rapl:0' };

/** By name, so that a test can stop one. */
export async function rackExporters(rack: Rack): Promise<Readonly<Record<string, RackExporter>>> {
  return { ...(await keplers(rack)), ...(await legacies()), ...gpus(), ...others() };
}

async function keplers(rack: Rack): Promise<Readonly<Record<string, RackExporter>>> {
  const plain = await plainContainers(rack);
  const moving = {
    podUid: await rack.uidOf('moving'),
    namespace: 'team-a',
    pod: 'moving',
    container: 'app',
    watts: { package: 20 },
  };
  const slices = await Promise.all(
    ['slice-1', 'slice-2'].map(async (pod) => ({
      podUid: await rack.uidOf(pod), namespace: 'team-a', pod, container: 'app', watts: { package: 15, dram: 2, psys: 18 },
    })),
  ); // prettier-ignore
  const guest = {
    podUid: await rack.uidOf('guest'),
    namespace: 'team-a',
    pod: 'guest',
    container: 'app',
    watts: { package: 0 },
  };
  const cores = PLAIN_NODES['bm-1'] ?? 0;
  const watts = IDLE_WATTS + WATTS_PER_CORE * cores;
  const socket = (index: number, part: number, zone = 'package') => ({
    zone,
    path: `/sys/class/powercap/intel-rapl/intel-rapl:${String(index)}/${zone}`,
    watts: watts * part,
    idleWatts: IDLE_WATTS * part,
  });
  return {
    'kepler-bm-1': {
      isDoubled: true,
      exposition: (seconds) =>
        keplerFamilies(
          {
            node: 'bm-1',
            zones: [socket(0, 0.6), socket(1, 0.4), socket(0, 0.5, 'core')],
            containers: plain,
          },
          seconds,
        ),
    },
    'kepler-bm-3': {
      exposition: (seconds) =>
        keplerFamilies(
          { node: 'bm-3', zones: [{ ...PACKAGE, watts: 40, idleWatts: 10 }], containers: [moving] },
          seconds,
        ),
    },
    'kepler-gpu-1': {
      exposition: (seconds) =>
        keplerFamilies(
          {
            node: 'gpu-1',
            zones: [
              { ...PACKAGE, watts: 60, idleWatts: 20 },
              { zone: 'dram', path: 'd', watts: 10, idleWatts: 4 },
              { zone: 'psys', path: 'p', watts: 85, idleWatts: 30 },
            ],
            containers: slices,
            gpus: [{ uuid: 'GPU-a', name: 'NVIDIA A100-SXM4-80GB', watts: 240, idleWatts: 55 }],
          },
          seconds,
        ),
    },
    'kepler-vm-1': {
      exposition: (seconds) =>
        keplerFamilies(
          { node: 'vm-1', zones: [{ ...PACKAGE, watts: 0, idleWatts: 0 }], containers: [guest] },
          seconds,
        ),
    },
  };
}

function plainContainers(rack: Rack): Promise<readonly KeplerContainer[]> {
  const own = PLAIN_PODS.filter(({ node }) => node === 'bm-1');
  return Promise.all(
    own.flatMap(({ containers, namespace, pod }) =>
      Object.entries(containers).map(async ([container, { use }]) => ({
        podUid: await rack.uidOf(pod, namespace),
        namespace,
        pod,
        container,
        watts: { package: use * WATTS_PER_CORE, core: use * WATTS_PER_CORE * 0.5 },
      })),
    ),
  );
}

function legacies(): Promise<Readonly<Record<string, RackExporter>>> {
  const dynamic = (PLAIN_NODES['bm-2'] ?? 0) * WATTS_PER_CORE;
  const api = {
    namespace: 'team-a',
    pod: 'api',
    container: 'app',
    dynamicWatts: 3 * WATTS_PER_CORE,
    idleWatts: 77,
  };
  const moving = { namespace: 'team-a', pod: 'moving', container: 'app', dynamicWatts: 19, idleWatts: 5 };
  return Promise.resolve({
    'legacy-bm-2': {
      exposition: (seconds) =>
        legacyFamilies(
          { node: 'bm-2', packageWatts: { dynamic, idle: IDLE_WATTS }, containers: [api] },
          seconds,
        ),
    },
    'legacy-bm-3': {
      exposition: (seconds) =>
        legacyFamilies(
          { node: 'bm-3', packageWatts: { dynamic: 28, idle: 10 }, containers: [moving] },
          seconds,
        ),
    },
  });
}

function gpus(): Readonly<Record<string, RackExporter>> {
  const a100 = { modelName: 'NVIDIA A100-SXM4-80GB', device: 'nvidia0', pci_bus_id: '00000000:07:00.0' };
  const shared = (pod: string, vgpu: string): Labels => ({
    ...a100, gpu: '0', UUID: 'GPU-a', hostname: 'gpu-1', container: 'app', namespace: 'team-a', pod, vgpu,
  }); // prettier-ignore
  const slice = (pod: string, id: string, profile: string): Labels => ({
    ...a100, gpu: '0', uuid: 'GPU-m', Hostname: 'gpu-2', GPU_I_ID: id, GPU_I_PROFILE: profile, container: 'app', namespace: 'team-a', pod,
  }); // prettier-ignore
  const old = {
    ...a100,
    gpu: '0',
    UUID: 'GPU-h',
    Hostname: 'gpu-3',
    pod_name: '',
    pod_namespace: '',
    container_name: '',
  };
  const hami = (pod: string, percent: number) => ({
    namespace: 'team-a',
    pod,
    container: 'app',
    uuid: 'GPU-h',
    percent,
  });
  return {
    'dcgm-gpu-1': {
      exposition: (seconds) =>
        dcgmFamilies(
          [
            { labels: shared('slice-1', '0'), watts: 250, utilPercent: 60, engineActive: 0.8 },
            { labels: shared('slice-2', '1'), watts: 250, utilPercent: 20, engineActive: 0.8 },
            {
              labels: { ...a100, gpu: '1', UUID: 'GPU-b', hostname: 'gpu-1' },
              watts: 60,
              utilPercent: 0,
              engineActive: 0,
            },
          ],
          seconds,
        ),
    },
    'dcgm-gpu-2': {
      // The labels of the exporter's own pod win: those of the holders are put aside as `exported_…`.
      targetLabels: { namespace: 'gpu-operator', pod: 'nvidia-dcgm-exporter-x7', container: 'exporter' },
      exposition: (seconds) =>
        dcgmFamilies(
          [
            { labels: slice('mig-big', '1', '3g.20gb'), watts: 330, utilPercent: 0, engineActive: 0.9 },
            { labels: slice('mig-small', '5', '1g.5gb'), watts: 330, utilPercent: 0, engineActive: 0.1 },
          ],
          seconds,
          false,
        ),
    },
    'dcgm-gpu-3': {
      exposition: (seconds) =>
        dcgmFamilies([{ labels: old, watts: 250, utilPercent: 70, engineActive: 0.7 }], seconds),
    },
    'hami-gpu-3': {
      targetLabels: { node: 'gpu-3' },
      exposition: () => hamiFamilies([hami('hami-1', 45), hami('hami-2', 15)]),
    },
    'amd-1': {
      exposition: (seconds) =>
        amdFamilies(
          [
            {
              host: 'amd-1',
              serial: 'SN-1',
              watts: 400,
              partitions: [{ pod: 'rocm-1', activity: 90 }, { pod: 'rocm-2', activity: 30 }, ...Array.from({ length: 6 }, () => ({ activity: 0 }))], // prettier-ignore
            },
          ],
          seconds,
        ),
    },
  };
}

function others(): Readonly<Record<string, RackExporter>> {
  const pod = (name: string) => ({ namespace: 'team-a', pod: name, container: 'app' });
  const atom = [
    { host: 'npu-1', name: 'rbln0', uuid: 'R-0', watts: 45, pod: pod('atom') },
    { host: 'npu-1', name: 'rbln1', uuid: 'R-1', watts: 20 },
  ];
  const rngd = [
    { host: 'npu-2', name: 'npu0', uuid: 'F-0', value: 41, pod: pod('rngd') },
    { host: 'npu-2', name: 'npu1', uuid: 'F-1', value: 38_000_000 },
  ];
  return {
    'rebellions-old': { exposition: () => rebellionsFamilies(atom, false) },
    // Both names, as in the release that renamed them.
    'rebellions-new': { exposition: () => rebellionsFamilies(atom, true) },
    furiosa: { exposition: () => furiosaFamilies(rngd) },
    scaphandre: { targetLabels: { node: 'scaph-1' }, exposition: () => scaphandreFamilies(100) },
  };
}
