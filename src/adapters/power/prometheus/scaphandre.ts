/**
 * scaphandre (hubblo-org.github.io/scaphandre-documentation, "Metrics exposed"): microwatts of the host. Its watts of
 * processes are shares of the whole host, idle with it, so the host is split here, by what containers use.
 */
import { type Exporter, type ExporterReadings, type Naming, DistinctSum, entry, nodeOf } from './exporter.ts';
import { type PowerSample, metricsOf } from './samples.ts';

const HOST = 'scaph_host_power_microwatts';
const WATTS_PER_MICROWATT = 1e-6;

export const SCAPHANDRE: Exporter = {
  source: 'scaphandre',
  selections: [{ metrics: metricsOf('gauge', [HOST]) }],
  presence: [HOST],
  read,
};

function read(samples: readonly PowerSample[], naming: Naming): ExporterReadings {
  const hosts = new Map<string, DistinctSum>();
  for (const sample of samples) entry(hosts, nodeOf(sample, naming), () => new DistinctSum()).add('', sample);
  return {
    nodes: [...hosts].map(([node, { sum, atMs }]) => ({
      node,
      cpu: { watts: sum * WATTS_PER_MICROWATT },
      origin: 'measured',
      sources: ['scaphandre'],
      atMs,
    })),
    devices: [],
    problems: [],
  };
}
