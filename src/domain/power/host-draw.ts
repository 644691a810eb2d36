/**
 * What a node's own parts draw, from readings that overlap: the platform is the whole, cpu and dram are in it, and what
 * is left of it is `other`. The outermost reading is believed; parts that say more than it are scaled down to it.
 */
import type { PowerProblem } from './power.ts';
import type { Draw, NodeReading } from './readings.ts';

export type HostPart = 'cpu' | 'dram' | 'other';

export interface HostDraw {
  /** Watts of the parts that are known. */
  readonly watts: Readonly<Partial<Record<HostPart, number>>>;
  /** What of them is drawn at idle; undefined where nothing tells. */
  readonly idle: Readonly<Partial<Record<HostPart, number>>> | undefined;
  readonly problems: readonly PowerProblem[];
}

/** Sensors that are read at different moments differ by so much without being wrong. */
export const TOLERANCE = 0.05;

export function hostDraw(reading: NodeReading, deviceWatts: number): HostDraw {
  const { platform } = reading;
  const told = toldParts(reading);
  if (platform === undefined) return { watts: told, idle: idleOf(reading, told), problems: [] };
  // A platform that draws less than its accelerators alone does not measure them.
  const devices = platform.includesDevices && platform.watts >= deviceWatts ? deviceWatts : 0;
  const whole = platform.watts - devices;
  const inner = Object.values(told).reduce((sum, part) => sum + part, 0);
  const factor = inner > whole ? whole / inner : 1;
  const scaled = Object.fromEntries(Object.entries(told).map(([part, value]) => [part, value * factor]));
  const watts = { ...scaled, other: Math.max(0, whole - inner) };
  const problems = inner > whole * (1 + TOLERANCE) ? [tooMuch(reading, inner, whole)] : [];
  return { watts, idle: idleOf(reading, watts), problems };
}

function toldParts({ cpu, dram }: NodeReading): Readonly<Partial<Record<HostPart, number>>> {
  return {
    ...(cpu === undefined ? {} : { cpu: cpu.watts }),
    ...(dram === undefined ? {} : { dram: dram.watts }),
  };
}

function tooMuch({ node, sources }: NodeReading, inner: number, whole: number): PowerProblem {
  const message = `${sources.join(', ')}: cpu and dram draw ${inner.toFixed(1)} W of a platform of ${whole.toFixed(1)} W; they are scaled down to it`;
  return { subject: node, reason: 'Inconsistent', message };
}

/** Never more than the part draws now. */
function idleOf({ cpu, dram, platform }: NodeReading, watts: HostDraw['watts']): HostDraw['idle'] {
  const told = [cpu, dram, platform].some((draw) => draw?.idleWatts !== undefined);
  if (!told) return undefined;
  const least = (part: HostPart, idleWatts: number): Readonly<Partial<Record<HostPart, number>>> =>
    watts[part] === undefined ? {} : { [part]: Math.min(watts[part], Math.max(0, idleWatts)) };
  const inner = { ...least('cpu', cpu?.idleWatts ?? 0), ...least('dram', dram?.idleWatts ?? 0) };
  return { ...inner, ...least('other', otherIdle(platform, [cpu, dram])) };
}

/** Fans, disks and losses: what the platform tells as idle beyond its parts; all of it where it tells nothing. */
function otherIdle(platform: Draw | undefined, inner: readonly (Draw | undefined)[]): number {
  if (platform?.idleWatts === undefined) return Number.POSITIVE_INFINITY;
  return inner.reduce((left, draw) => left - (draw?.idleWatts ?? 0), platform.idleWatts);
}
