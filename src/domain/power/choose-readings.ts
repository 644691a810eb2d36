/**
 * One reading per node, whatever measures it: exporters overlap during migrations (both Kepler families at once), and
 * power that two of them see is still drawn once.
 */
import type { PowerEvidence, PowerProblem } from './power.ts';
import type { DeviceReading, NodeReading } from './readings.ts';

/** The first that has fresh figures is taken. Vendors' own exporters know their devices better than Kepler does. */
const PREFERENCE = ['kepler', 'kepler-legacy', 'scaphandre'];
const DEVICE_PREFERENCE = ['dcgm', 'amd', 'rebellions', 'furiosa', 'kepler', 'kepler-legacy'];
/** Beyond these a figure is a unit gone wrong or a blank value of a driver. */
const MAX_NODE_WATTS = 100_000;
const MAX_DEVICE_WATTS = 5000;

export interface ChosenReading {
  readonly reading: NodeReading | undefined;
  readonly problems: readonly PowerProblem[];
}

export interface Freshness {
  readonly atMs: number;
  readonly staleAfterMs: number;
}

export function chooseReading(readings: readonly NodeReading[], freshness: Freshness): ChosenReading {
  const problems: PowerProblem[] = [];
  const usable = readings.filter((reading) => {
    const problem = unusable(reading, freshness);
    if (problem !== undefined) problems.push({ subject: reading.node, ...problem });
    return problem === undefined;
  });
  const [reading, ...others] = inOrder(usable, PREFERENCE);
  if (reading === undefined || others.length === 0) return { reading, problems };
  const message = `measured by ${sourcesOf([reading, ...others])}: ${sourcesOf([reading])} is taken, nothing is added`;
  return { reading, problems: [...problems, { subject: reading.node, reason: 'Ambiguous', message }] };
}

type Unusable = Pick<PowerProblem, 'reason' | 'message'>;

function unusable(reading: NodeReading, freshness: Freshness): Unusable | undefined {
  const late = staleness(reading, freshness);
  if (late !== undefined) return late;
  const watts = Math.max(reading.platform?.watts ?? 0, reading.cpu?.watts ?? 0) + (reading.dram?.watts ?? 0);
  const source = sourcesOf([reading]);
  if (watts === 0) {
    const message = `${source} tells zero watts for all of it, as it does where there is no sensor (a virtual machine): not measured`;
    return { reason: 'Missing', message };
  }
  return watts > MAX_NODE_WATTS ? absurd(source, watts) : undefined;
}

function absurd(source: string, watts: number): Unusable {
  return { reason: 'Inconsistent', message: `${source} tells ${watts.toExponential(1)} W, which cannot be` };
}

function staleness(evidence: PowerEvidence, { atMs, staleAfterMs }: Freshness): Unusable | undefined {
  const ageMs = atMs - evidence.atMs;
  if (ageMs <= staleAfterMs) return undefined;
  const message = `the newest sample of ${sourcesOf([evidence])} is ${String(Math.round(ageMs / 1000))} s old: it is not taken for the present`;
  return { reason: 'Stale', message };
}

export interface ChosenDevices {
  readonly devices: readonly DeviceReading[];
  readonly problems: readonly PowerProblem[];
}

/** The devices of one node: for each part what the best exporter tells, so that none is counted twice. */
export function chooseDevices(readings: readonly DeviceReading[], freshness: Freshness): ChosenDevices {
  const problems: PowerProblem[] = [];
  const usable = readings.filter((reading) => {
    const problem = unusableDevice(reading, freshness);
    if (problem !== undefined) problems.push({ subject: `${reading.node}/${reading.uuid}`, ...problem });
    return problem === undefined;
  });
  const chosen = new Map<string, DeviceReading>();
  for (const reading of inOrder(usable, DEVICE_PREFERENCE)) {
    const rival = rivalOf(reading, chosen);
    if (rival === undefined) chosen.set(reading.uuid, reading);
    else if (sourcesOf([rival]) !== sourcesOf([reading])) problems.push(counted(rival, reading));
  }
  return { devices: [...chosen.values()], problems: distinct(problems) };
}

function unusableDevice(reading: DeviceReading, freshness: Freshness): Unusable | undefined {
  const late = staleness(reading, freshness);
  if (late !== undefined) return late;
  return reading.watts > MAX_DEVICE_WATTS ? absurd(sourcesOf([reading]), reading.watts) : undefined;
}

/** Kepler may name a device as others do not, or sum them all: next to a vendor's exporter it adds nothing. */
function rivalOf(
  reading: DeviceReading,
  chosen: ReadonlyMap<string, DeviceReading>,
): DeviceReading | undefined {
  const same = chosen.get(reading.uuid);
  if (same !== undefined || !reading.sources[0]?.startsWith('kepler')) return same;
  const [source] = reading.sources;
  return [...chosen.values()].find((each) => each.part === reading.part && each.sources[0] !== source);
}

function counted(taken: PowerEvidence & { readonly node: string }, other: PowerEvidence): PowerProblem {
  const message = `its accelerators are measured by ${sourcesOf([taken, other])}: ${sourcesOf([taken])} is taken, nothing is added`;
  return { subject: taken.node, reason: 'Ambiguous', message };
}

function distinct(problems: readonly PowerProblem[]): readonly PowerProblem[] {
  return [...new Map(problems.map((problem) => [problem.subject + problem.message, problem])).values()];
}

function inOrder<T extends PowerEvidence>(readings: readonly T[], order: readonly string[]): readonly T[] {
  const rank = ({ sources }: T): number => {
    const found = order.indexOf(sources[0] ?? '');
    return found < 0 ? order.length : found;
  };
  return [...readings].sort((a, b) => rank(a) - rank(b));
}

function sourcesOf(readings: readonly PowerEvidence[]): string {
  return [...new Set(readings.flatMap(({ sources }) => sources))].join(', ');
}
