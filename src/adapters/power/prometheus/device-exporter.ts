/** What the exporters of accelerators have in common: watts or energy per device, use, and who holds it. */
import type { ContainerRef } from '#domain/power/power.ts';
import { containerKey } from '#domain/power/inventory.ts';
import type { DeviceHolder, DeviceReading } from '#domain/power/readings.ts';
import type { Labels } from '../../metrics/prometheus/client/range-series.ts';
import { type Exporter, type Naming, entry, nodeOf } from './exporter.ts';
import { type MetricKind, type PowerSample } from './samples.ts';

export interface PowerMetric {
  readonly metric: string;
  readonly kind: MetricKind;
  readonly toWatts: (value: number) => number;
}

export interface DeviceKind {
  readonly source: string;
  readonly part: 'gpu' | 'npu';
  readonly vendor: string;
  /** From the best on; the next is taken where one is missing or zero. */
  readonly powers: readonly PowerMetric[];
  /** Use of a device by a holder, from the best on; the first that tells the holders apart is taken. */
  readonly uses: readonly string[];
  readonly uuid: readonly string[];
  readonly model: readonly string[];
  /** False for series that say nothing of the power of a whole device. */
  readonly tellsPower?: (labels: Labels) => boolean;
  /** 0–1 of the device that the labels' slice is. */
  readonly share?: (labels: Labels) => number | undefined;
}

export function deviceExporter(kind: DeviceKind): Exporter {
  const powers = Object.fromEntries(kind.powers.map(({ metric, kind: each }) => [metric, each]));
  const uses = Object.fromEntries(kind.uses.map((metric) => [metric, 'gauge' as const]));
  return {
    source: kind.source,
    selections: [{ metrics: { ...powers, ...uses } }],
    presence: kind.powers.map(({ metric }) => metric),
    read: (samples, naming) => ({ nodes: [], devices: readDevices(samples, naming, kind), problems: [] }),
  };
}

function readDevices(
  samples: readonly PowerSample[],
  naming: Naming,
  kind: DeviceKind,
): readonly DeviceReading[] {
  const devices = new Map<string, PowerSample[]>();
  for (const sample of samples) {
    const uuid = firstLabel(sample.labels, kind.uuid);
    if (uuid === undefined) continue;
    // Some number their devices from 0 on each node.
    entry(devices, `${nodeOf(sample, naming)} ${uuid}`, () => []).push(sample);
  }
  return [...devices.values()].flatMap((own) => {
    const power = powerOf(
      own.filter(({ labels }) => kind.tellsPower?.(labels) !== false),
      kind.powers,
    );
    if (power === undefined) return [];
    const model = own.map(({ labels }) => firstLabel(labels, kind.model)).find((text) => text !== undefined);
    return [
      {
        node: nodeOf(power.sample, naming),
        uuid: firstLabel(power.sample.labels, kind.uuid) ?? '',
        part: kind.part,
        vendor: kind.vendor,
        ...(model === undefined ? {} : { model }),
        watts: power.watts,
        holders: holdersOf(own, naming, kind),
        origin: 'measured',
        sources: [kind.source],
        atMs: power.sample.atMs,
      },
    ];
  });
}

/** Slices and sharers repeat the watts of the device: the highest counts, once. */
function powerOf(
  samples: readonly PowerSample[],
  powers: readonly PowerMetric[],
): { readonly sample: PowerSample; readonly watts: number } | undefined {
  const found = powers.flatMap(({ metric, toWatts }) => {
    const [first, ...others] = samples.filter((sample) => sample.metric === metric);
    if (first === undefined) return [];
    const sample = others.reduce((best, each) => (each.value > best.value ? each : best), first);
    return [{ sample, watts: toWatts(sample.value) }];
  });
  return found.find(({ watts }) => watts > 0) ?? found[0];
}

interface HolderSamples {
  readonly ref: ContainerRef;
  /** Slices that it holds, by their labels, each once. */
  readonly shares: Map<string, number>;
  readonly uses: Map<string, PowerSample>;
}

function holdersOf(
  samples: readonly PowerSample[],
  naming: Naming,
  kind: DeviceKind,
): readonly DeviceHolder[] {
  const holders = new Map<string, HolderSamples>();
  for (const sample of samples) {
    const ref = naming.pods.containerOf(sample.labels);
    if (ref === undefined) continue;
    const holder = entry(holders, containerKey(ref), () => ({
      ref,
      shares: new Map<string, number>(),
      uses: new Map<string, PowerSample>(),
    }));
    const share = kind.share?.(sample.labels);
    const slice = sample.labels['GPU_I_ID'] ?? sample.labels['partition_id'] ?? '';
    if (share !== undefined) holder.shares.set(slice, share);
    holder.uses.set(`${sample.metric} ${slice}`, sample);
  }
  const all = [...holders.values()];
  const metric = kind.uses.find((use) => tellsApart(all, use));
  return all.map((holder) => ({ ...holder.ref, ...shareOf(holder), ...useOf(holder, metric) }));
}

/**
 * Whether a metric is of the holders and not of their device: what an exporter only knows of the device it repeats for
 * each of them, to the last digit (dcgm-exporter#587).
 */
function tellsApart(holders: readonly HolderSamples[], metric: string): boolean {
  const lasts = holders.map((holder) => weighted(holder, metric, ({ last }) => last));
  return lasts.every((last) => last !== undefined) && new Set(lasts).size > 1;
}

function useOf(holder: HolderSamples, metric: string | undefined): { readonly use?: number } {
  const use = metric === undefined ? undefined : weighted(holder, metric, ({ value }) => value);
  return use === undefined ? {} : { use };
}

/** Over the slices of a holder, each by the part of the device that it is. */
function weighted(
  { uses, shares }: HolderSamples,
  metric: string,
  read: (sample: PowerSample) => number,
): number | undefined {
  const found = [...uses].filter(([key]) => key.startsWith(`${metric} `));
  if (found.length === 0) return undefined;
  return found.reduce(
    (sum, [key, sample]) => sum + read(sample) * (shares.get(key.slice(metric.length + 1)) ?? 1),
    0,
  );
}

function shareOf({ shares }: HolderSamples): { readonly share?: number } {
  return shares.size === 0 ? {} : { share: [...shares.values()].reduce((sum, share) => sum + share, 0) };
}

function firstLabel(labels: Labels, names: readonly string[]): string | undefined {
  return names.map((name) => labels[name]).find((text) => text !== undefined && text !== '');
}
