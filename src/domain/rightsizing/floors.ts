/** Sizes that experience forbids to go below. */
import type { OomKill } from '../usage/usage.ts';
import type { Measure } from './outcome.ts';

/** A kill tells that the limit was too small, not by how much: this many times as much, or so many bytes more, whichever is more. */
export interface OomBump {
  readonly factor: number;
  readonly bytes: number;
}

/** That of the vertical pod autoscaler. */
export const OOM_BUMP: OomBump = { factor: 1.2, bytes: 100 * 2 ** 20 };
/** A size that did harm is never set again, nor one within this of it. */
const REGRESSION_FACTOR = 1.05;

export interface Floor {
  readonly value: number;
  readonly measure: Measure;
}

/**
 * The smallest memory that OOM kills allow, in bytes. A kill without a known limit counts with `fallbackBytes` (the
 * present limit, else the highest sample).
 */
export function oomFloor(
  kills: readonly OomKill[],
  fallbackBytes: number,
  bump: OomBump = OOM_BUMP,
): Floor | undefined {
  if (kills.length === 0) return undefined;
  const worst = Math.max(...kills.map(({ limitBytes }) => limitBytes ?? fallbackBytes));
  if (!(worst > 0)) return undefined;
  const value = Math.max(worst * bump.factor, worst + bump.bytes);
  const [factor, mebibytes] = [bump.factor, Math.round(bump.bytes / 2 ** 20)];
  const why = `after ${kills.length} OOM ${kills.length === 1 ? 'kill' : 'kills'} at ${Math.ceil(worst / 2 ** 20)} Mi: ${factor} times as much or ${mebibytes} Mi more, whichever is more`;
  return { value, measure: { name: 'OOM floor', value, unit: 'bytes', why } };
}

/** The smallest size after a change that was rolled back. */
export function learnedFloor(harmful: number | undefined, unit: 'cores' | 'bytes'): Floor | undefined {
  if (harmful === undefined || !(harmful > 0)) return undefined;
  const value = harmful * REGRESSION_FACTOR;
  return {
    value,
    measure: { name: 'learned floor', value, unit, why: 'a smaller size did harm and was rolled back' },
  };
}
