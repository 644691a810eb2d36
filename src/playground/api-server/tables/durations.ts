/** Ages as kubectl shows them: two units at most, and none that would not matter. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface Step {
  /** The step holds for fewer than this many of its unit. */
  readonly below: number;
  readonly unit: 's' | 'm' | 'h' | 'd' | 'y';
  readonly unitMs: number;
  /** The unit shown besides, and how many of it make one of the first. */
  readonly rest?: readonly [string, number, number];
}

const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const STEPS: readonly Step[] = [
  { below: 120, unit: 's', unitMs: SECOND },
  { below: 10, unit: 'm', unitMs: MINUTE, rest: ['s', SECOND, 60] },
  { below: 180, unit: 'm', unitMs: MINUTE },
  { below: 8, unit: 'h', unitMs: HOUR, rest: ['m', MINUTE, 60] },
  { below: 48, unit: 'h', unitMs: HOUR },
  { below: 8, unit: 'd', unitMs: DAY, rest: ['h', HOUR, 24] },
  { below: 730, unit: 'd', unitMs: DAY },
  { below: 8, unit: 'y', unitMs: YEAR, rest: ['d', DAY, 365] },
  { below: Number.POSITIVE_INFINITY, unit: 'y', unitMs: YEAR },
];

/** `3m20s`, `5h`, `8d`. A little below zero is now; further back the clocks disagree. */
export function humanDuration(ms: number): string {
  if (ms <= -2 * SECOND) return '<invalid>';
  if (ms < 0) return '0s';
  const step = STEPS.find(({ below, unitMs }) => Math.floor(ms / unitMs) < below);
  if (step === undefined) return '<invalid>';
  const whole = `${Math.floor(ms / step.unitMs)}${step.unit}`;
  if (step.rest === undefined) return whole;
  const [unit, unitMs, perWhole] = step.rest;
  const rest = Math.floor(ms / unitMs) % perWhole;
  return rest === 0 ? whole : `${whole}${rest}${unit}`;
}

/** How long ago a time was; `<unknown>` where there is none. */
export function since(time: string | null | undefined, nowMs: number): string {
  if (time === undefined || time === null || time === '') return '<unknown>';
  return humanDuration(nowMs - Date.parse(time));
}
