/** The exporters of Rebellions and FuriosaAI, and scaphandre. */
import type { Family } from '../exposition.ts';

export interface NpuSeries {
  readonly host: string;
  readonly name: string;
  readonly uuid: string;
  readonly watts: number;
  readonly pod?: { readonly namespace: string; readonly pod: string; readonly container: string };
}

/** `current`: the names since 0.2.4. */
export function rebellionsFamilies(npus: readonly NpuSeries[], isCurrent: boolean): readonly Family[] {
  const labels = ({ host, name: device, uuid, pod }: NpuSeries) => ({
    card: 'RBLN-CA12',
    container: pod?.container ?? '',
    deviceID: '1120',
    driver_version: '2.0.1',
    hostname: host,
    name: device,
    namespace: pod?.namespace ?? '',
    pod: pod?.pod ?? '',
    uuid,
  });
  const name = (current: string, old: string): string =>
    isCurrent ? `rbln_npu_${current}` : `RBLN_DEVICE_STATUS:${old}`;
  return [
    {
      name: name('power', 'CARD_POWER'),
      help: 'Card power usage (W)',
      type: 'gauge',
      series: npus.map((npu) => [labels(npu), npu.watts]),
    },
    {
      name: name('temperature', 'TEMPERATURE'),
      help: 'NPU temperature (C)',
      type: 'gauge',
      series: npus.map((npu) => [labels(npu), 54]),
    },
  ];
}

/** `value` as the release writes it: watts, or microwatts as the kernel's sensor has them. */
export interface FuriosaSeries extends Omit<NpuSeries, 'watts'> {
  readonly value: number;
}

export function furiosaFamilies(npus: readonly FuriosaSeries[]): readonly Family[] {
  const labels = ({ host, name, uuid, pod }: FuriosaSeries) => ({
    arch: 'rngd',
    core: '0-7',
    device: name,
    kubernetes_container_name: pod?.container ?? '',
    kubernetes_namespace_name: pod?.namespace ?? '',
    kubernetes_node_name: host,
    kubernetes_pod_name: pod?.pod ?? '',
    pci_bus_id: '0000:c7:00.0',
    uuid,
  });
  return [
    {
      name: 'furiosa_npu_hw_power',
      help: 'The current power of NPU device',
      type: 'gauge',
      series: npus.map((npu) => [{ ...labels(npu), label: 'rms' }, npu.value]),
    },
    {
      name: 'furiosa_npu_hw_temperature',
      help: 'The current temperature of NPU device',
      type: 'gauge',
      series: npus.map((npu) => [{ ...labels(npu), label: 'peak' }, 39]),
    },
  ];
}

export function scaphandreFamilies(watts: number): readonly Family[] {
  const process = {
    exe: 'python',
    cmdline: 'python',
    pid: '7',
    instance: 'x',
    container_scheduler: 'docker',
  };
  return [
    {
      name: 'scaph_host_power_microwatts',
      help: 'Power measurement on the whole host, in microwatts',
      type: 'gauge',
      series: [[{}, watts * 1e6]],
    },
    {
      name: 'scaph_process_power_consumption_microwatts',
      help: 'Power consumption due to the process, measured on at the topology level, in microwatts',
      type: 'gauge',
      series: [[process, watts * 5e5]],
    },
  ];
}
