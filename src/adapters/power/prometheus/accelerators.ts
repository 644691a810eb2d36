/** The exporters of the vendors: names, units and labels as their documentation and sources have them. */
import type { Labels } from '../../metrics/prometheus/client/range-series.ts';
import { type DeviceKind, type PowerMetric, deviceExporter } from './device-exporter.ts';

function watts(...metrics: readonly string[]): readonly PowerMetric[] {
  return metrics.map((metric) => ({ metric, kind: 'gauge', toWatts: (value) => value }));
}

/** A counter of energy in parts of a joule. */
function energy(metric: string, perJoule: number): PowerMetric {
  return { metric, kind: 'counter', toWatts: (value) => value / perJoule };
}

/** `3g.20gb` is three of the seven compute slices that a MIG-capable GPU has (NVIDIA MIG user guide). */
const MIG_PROFILE = /^(\d)g\./;
const MIG_SLICES = 7;

function migShare({ GPU_I_PROFILE: profile = '' }: Labels): number | undefined {
  const slices = MIG_PROFILE.exec(profile)?.[1];
  return slices === undefined ? undefined : Number(slices) / MIG_SLICES;
}

/**
 * NVIDIA dcgm-exporter: millijoules since the driver was loaded, and watts. GPU_UTIL is 0 on MIG slices by design
 * (dcgm-exporter#216), where the engines' activity tells their use. HAMi's monitor tells use by container.
 */
const DCGM: DeviceKind = {
  source: 'dcgm',
  part: 'gpu',
  vendor: 'nvidia',
  powers: [energy('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 1000), ...watts('DCGM_FI_DEV_POWER_USAGE')],
  uses: [
    'hami_container_device_utilization_ratio',
    'Device_utilization_desc_of_container',
    'DCGM_FI_DEV_GPU_UTIL',
    'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
  ],
  uuid: ['UUID', 'uuid', 'deviceuuid', 'device_uuid'],
  model: ['modelName'],
  share: migShare,
};

/** The names under which AMD's exporter has been deployed: bare, and with the prefix that its configuration can set. */
function amdNames(name: string): readonly string[] {
  return [name, `amd_${name}`];
}

/** The compute partitions that a MI300 can be cut into (AMD Instinct documentation, "GPU partitioning"). */
const AMD_PARTITIONS: Readonly<Record<string, number>> = { dpx: 2, qpx: 4, cpx: 8 };

function amdShare({ gpu_compute_partition_type: type = '' }: Labels): number | undefined {
  const partitions = AMD_PARTITIONS[type.toLowerCase()];
  return partitions === undefined ? undefined : 1 / partitions;
}

/**
 * AMD device-metrics-exporter: microjoules, and watts under three names by generation. Of a partitioned GPU only the
 * first partition tells, for all of it; the others have numbers of their own and the same serial number.
 */
const AMD: DeviceKind = {
  source: 'amd',
  part: 'gpu',
  vendor: 'amd',
  powers: [
    ...amdNames('gpu_energy_consumed').map((name) => energy(name, 1e6)),
    ...watts(...['gpu_package_power', 'gpu_average_package_power', 'gpu_power_usage'].flatMap(amdNames)),
  ],
  uses: amdNames('gpu_gfx_activity'),
  uuid: ['serial_number', 'gpu_uuid', 'gpu_id'],
  model: ['card_model', 'card_series'],
  tellsPower: ({ partition_id: partition = '0' }) => partition === '0' || partition === '',
  share: amdShare,
};

/** RBLN Metrics Exporter (docs.rbln.ai, "Metrics Reference"): watts, under the old name and the one since 0.2.4. */
const REBELLIONS: DeviceKind = {
  source: 'rebellions',
  part: 'npu',
  vendor: 'rebellions',
  powers: watts('rbln_npu_power', 'RBLN_DEVICE_STATUS:CARD_POWER'),
  uses: ['rbln_npu_utilization', 'RBLN_DEVICE_STATUS:UTILIZATION'],
  uuid: ['uuid', 'name'],
  model: ['card'],
};

/** No card draws kilowatts: releases that pass the kernel's sensor on tell microwatts (4,795,000 in their own tests). */
const FURIOSA_MICROWATTS_FROM = 10_000;

/** furiosa-metrics-exporter: `label="rms"` (once "PCI Total RMS PWR") is the whole card. */
const FURIOSA: DeviceKind = {
  source: 'furiosa',
  part: 'npu',
  vendor: 'furiosa',
  powers: [
    {
      metric: 'furiosa_npu_hw_power',
      kind: 'gauge',
      toWatts: (value) => (value >= FURIOSA_MICROWATTS_FROM ? value / 1e6 : value),
    },
  ],
  uses: [],
  uuid: ['uuid', 'device'],
  model: ['arch'],
  tellsPower: ({ label = 'rms' }) => /rms/i.test(label),
};

export const ACCELERATOR_EXPORTERS = [DCGM, AMD, REBELLIONS, FURIOSA].map(deviceExporter);
