/** `kepler_platform_watts`: what the board's management controller (Redfish) tells of the whole machine. */
import { DistinctSum, entry, nodeOf, type Naming } from './exporter.ts';
import type { PowerSample } from './samples.ts';

/** Supplies and power control are two views of the same watts: the first kind that is there counts. */
const KINDS = ['PowerControl', 'PowerSubsystem', 'PowerSupply'];

export interface Platform {
  readonly watts: number;
  readonly atMs: number;
}

export function platformOf(samples: readonly PowerSample[], naming: Naming): ReadonlyMap<string, Platform> {
  const nodes = new Map<string, Map<string, DistinctSum>>();
  for (const sample of samples) {
    const {
      bmc_id: bmc = '',
      chassis_id: chassis = '',
      source_id: source = '',
      source_type: kind = '',
    } = sample.labels;
    const kinds = entry(nodes, nodeOf(sample, naming), () => new Map<string, DistinctSum>());
    entry(kinds, kind, () => new DistinctSum()).add(`${bmc}/${chassis}/${source}`, sample);
  }
  const platforms = new Map<string, Platform>();
  for (const [node, kinds] of nodes) {
    const kind = [...KINDS, ...[...kinds.keys()].sort()].find((each) => kinds.has(each)) ?? '';
    const found = kinds.get(kind);
    if (found !== undefined && found.sum > 0) platforms.set(node, { watts: found.sum, atMs: found.atMs });
  }
  return platforms;
}
