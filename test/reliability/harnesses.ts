/** Every harness, by the name that the command line knows. */
import { CRASH_EVERYWHERE } from './crashes/crash-everywhere.ts';
import type { Harness } from './harness.ts';
import { TWO_OPERATORS } from './leaders/two-operators.ts';
import { BAD_METRICS } from './weather/bad-metrics.ts';
import { BROKEN_STATE } from './weather/broken-state.ts';
import { BAD_WEATHER } from './weather/bad-weather.ts';
import { NONSENSE } from './nonsense/nonsense.ts';
import { WEEKS } from './weeks/weeks.ts';
import { ROLLBACK_EXACTNESS } from './rollback-exactness/rollback-exactness.ts';

export const HARNESSES: readonly Harness[] = [
  CRASH_EVERYWHERE,
  BAD_WEATHER,
  BAD_METRICS,
  BROKEN_STATE,
  NONSENSE,
  ROLLBACK_EXACTNESS,
  WEEKS,
  TWO_OPERATORS,
];

export function harnessNamed(name: string): Harness {
  const found = HARNESSES.find((harness) => harness.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`--harness ${name}: there are ${HARNESSES.map((harness) => harness.name).join(', ')}`);
}
