/** A snapshot as samples for sinks, each with what an hour at its power costs. */
import type { PowerSample, SampleBatch } from '#adapters/sinks/sample-batch.ts';
import type {
  ContainerPower,
  DevicePower,
  NodePower,
  PartWatts,
  PowerSnapshot,
} from '#domain/power/power.ts';
import type { Tariff } from '../tariff.ts';

type Fields = Readonly<Record<string, number | string | undefined>>;

export function batchOf(snapshot: PowerSnapshot, tariff: Tariff): SampleBatch {
  const costs = (watts: number): Fields => {
    const { totalUsd, electricityUsd, coolingUsd, carbonUsd, carbonKg } = tariff.hourAt(watts, snapshot.atMs);
    return {
      usd_per_hour: totalUsd,
      electricity_usd_per_hour: electricityUsd,
      cooling_usd_per_hour: coolingUsd,
      carbon_usd_per_hour: carbonUsd,
      carbon_kg_per_hour: carbonKg,
    };
  };
  return {
    atMs: snapshot.atMs,
    samples: [
      ...snapshot.containers.map((power) =>
        containerSample(power, costs(power.activeWatts + power.idleWatts)),
      ),
      ...snapshot.nodes.map((power) => nodeSample(power, costs(power.watts))),
      ...snapshot.devices.map((power) => deviceSample(power, costs(power.watts))),
    ],
  };
}

function containerSample(power: ContainerPower, costs: Fields): PowerSample {
  const { namespace, pod, container, node = '', activeWatts, idleWatts } = power;
  const watts = { watts: activeWatts + idleWatts, active_watts: activeWatts, idle_watts: idleWatts };
  return {
    kind: 'container',
    group: `namespace/${namespace}`,
    tags: { namespace, pod, container, node },
    fields: known({ ...watts, ...partFields(power.parts), ...costs, ...evidence(power) }),
  };
}

function nodeSample(power: NodePower, costs: Fields): PowerSample {
  const { node, activeWatts, idleWatts, systemWatts } = power;
  const watts = {
    watts: power.watts,
    active_watts: activeWatts,
    idle_watts: idleWatts,
    system_watts: systemWatts,
  };
  return {
    kind: 'node',
    group: 'nodes',
    tags: { node },
    fields: known({ ...watts, ...partFields(power.parts), ...costs, ...evidence(power) }),
  };
}

function deviceSample(power: DevicePower, costs: Fields): PowerSample {
  const { node, uuid, part, vendor, watts, idleWatts, sharers } = power;
  return {
    kind: 'device',
    group: 'devices',
    tags: { node, uuid, part, vendor },
    fields: known({ watts, idle_watts: idleWatts, sharers: sharers.length, ...costs, ...evidence(power) }),
  };
}

function partFields(parts: PartWatts): Fields {
  return Object.fromEntries(Object.entries(parts).map(([part, watts]) => [`${part}_watts`, watts]));
}

function evidence({ origin, sources }: Pick<NodePower, 'origin' | 'sources'>): Fields {
  return { origin, sources: sources.join(',') };
}

function known(fields: Fields): PowerSample['fields'] {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && !Number.isNaN(value));
  return Object.fromEntries(given) as PowerSample['fields'];
}
