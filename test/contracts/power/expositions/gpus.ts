/** dcgm-exporter in the label styles that it has had, HAMi's monitor, and AMD's device-metrics-exporter. */
import type { Family, Labels } from '../exposition.ts';

export interface DcgmSeries {
  /** Everything but what the family adds: device, host and pod, in the style of its release. */
  readonly labels: Labels;
  readonly watts: number;
  /** GPU_UTIL in percent, GR_ENGINE_ACTIVE 0–1. */
  readonly utilPercent: number;
  readonly engineActive: number;
}

/** `hasEnergy`: cards before Volta have no energy counter. */
export function dcgmFamilies(
  series: readonly DcgmSeries[],
  seconds: number,
  hasEnergy = true,
): readonly Family[] {
  const family = (name: string, help: string, value: (each: DcgmSeries) => number): Family => ({
    name,
    help,
    type: 'gauge',
    series: series.map((each) => [each.labels, value(each)]),
  });
  const energy: Family = {
    ...family(
      'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
      'Total energy consumption since boot (in mJ).',
      ({ watts }) => watts * 1000 * seconds,
    ),
    type: 'counter',
  };
  return [
    family('DCGM_FI_DEV_POWER_USAGE', 'Power draw (in W).', ({ watts }) => watts),
    ...(hasEnergy ? [energy] : []),
    family('DCGM_FI_DEV_GPU_UTIL', 'GPU utilization (in %).', ({ utilPercent }) => utilPercent),
    family(
      'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
      'Ratio of time the graphics engine is active.',
      ({ engineActive }) => engineActive,
    ),
    family('DCGM_FI_DEV_GPU_TEMP', 'GPU temperature (in C).', () => 55),
    family('DCGM_FI_DEV_FB_USED', 'Framebuffer memory used (in MiB).', () => 30_000),
  ];
}

export interface HamiUse {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly uuid: string;
  readonly percent: number;
}

export function hamiFamilies(uses: readonly HamiUse[]): readonly Family[] {
  const series = uses.map(
    ({ namespace, pod, container, uuid, percent }) =>
      [
        { podnamespace: namespace, podname: pod, ctrname: container, vdeviceid: '0', deviceuuid: uuid },
        percent,
      ] as const,
  );
  return [
    {
      name: 'Device_utilization_desc_of_container',
      help: 'Container device utilization description',
      type: 'gauge',
      series,
    },
  ];
}

export interface AmdGpu {
  readonly host: string;
  readonly serial: string;
  readonly watts: number;
  /** The pod and the activity in percent of each compute partition; power is told by the first alone. */
  readonly partitions: readonly { readonly pod?: string; readonly activity: number }[];
}

export function amdFamilies(gpus: readonly AmdGpu[], seconds: number): readonly Family[] {
  const series = gpus.flatMap((gpu) => gpu.partitions.map((own, partition) => ({ gpu, own, partition })));
  const labels = ({ gpu, own, partition }: (typeof series)[number]): Labels => ({
    card_model: 'AMD_Instinct_MI300X_OAM',
    container: own.pod === undefined ? '' : 'app',
    gpu_compute_partition_type: gpu.partitions.length > 1 ? 'cpx' : 'spx',
    gpu_id: String(partition),
    hostname: gpu.host,
    namespace: own.pod === undefined ? '' : 'team-a',
    partition_id: String(partition),
    pod: own.pod ?? '',
    serial_number: gpu.serial,
  });
  const family = (name: string, help: string, value: (each: (typeof series)[number]) => number): Family => ({
    name,
    help,
    type: 'gauge',
    series: series.map((each) => [labels(each), value(each)]),
  });
  return [
    family('gpu_package_power', 'Current socket power in Watts', ({ gpu, partition }) =>
      partition === 0 ? gpu.watts : 0,
    ),
    family('gpu_energy_consumed', 'Accumulated energy consumed by the GPU in uJ', ({ gpu, partition }) =>
      partition === 0 ? gpu.watts * 1e6 * seconds : 0,
    ),
    family('gpu_gfx_activity', 'Graphics engine usage a percentage (0-100)', ({ own }) => own.activity),
  ];
}
