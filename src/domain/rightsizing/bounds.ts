/** Sizes within the user's bounds and above learned floors, in whole units. */
import type { Floor } from './floors.ts';
import { type Measure, type Refusal, refuse } from './outcome.ts';

/** A request or limit of one resource may not leave these, in cores or bytes. */
export interface SizeBounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** The smallest unit that is written: a millicore, a mebibyte. */
export const CPU_UNIT = 0.001;
export const MEMORY_UNIT = 2 ** 20;

/** Up to the next whole unit; rounding noise of a billionth does not count as a further unit. */
export function roundUp(value: number, unit: number): number {
  const units = Math.ceil((value / unit) * (1 - 1e-9));
  // Dividing by the count of units per one keeps millicores exact: 3 / 1000, not 3 × 0.001.
  return unit < 1 ? units / Math.round(1 / unit) : units * unit;
}

export interface Bounded {
  readonly value: number;
  readonly measures: readonly Measure[];
}

interface BoundsQuestion {
  readonly bounds: SizeBounds;
  readonly floors: readonly Floor[];
  /** The smallest value worth setting where the user names none. */
  readonly smallest: number;
  readonly unit: 'cores' | 'bytes';
  /** Names the object in messages, e.g. `memory of app`. */
  readonly what: string;
}

/** The value raised to floors and held within bounds; refused where the user's maximum forbids what experience demands. */
export function bound(
  value: number,
  { bounds, floors, smallest, unit, what }: BoundsQuestion,
): Bounded | Refusal {
  const max = bounds.max ?? Number.POSITIVE_INFINITY;
  const min = bounds.min ?? Math.min(smallest, max);
  if (min > max) return refuse('bounds-conflict', `${what}: the lower bound exceeds the upper bound`);
  const floor = floors.reduce<Floor | undefined>(
    (most, each) => (most !== undefined && most.value >= each.value ? most : each),
    undefined,
  );
  if (floor !== undefined && floor.value > max) {
    return refuse(
      'bounds-conflict',
      `${what}: the upper bound lies below the ${floor.measure.name}; raise the bound`,
      [floor.measure],
    );
  }
  const needed = Math.max(value, floor?.value ?? 0);
  const measures = floors.map(({ measure }) => measure);
  if (needed < min)
    measures.push({ name: 'lower bound', value: min, unit, why: 'smaller sizes are not set' });
  if (needed > max)
    measures.push({
      name: 'upper bound',
      value: max,
      unit,
      why: `the user allows no more; ${what} would want more`,
    });
  return { value: Math.min(Math.max(needed, min), max), measures };
}
