/** Every harness, by the name that the command line knows. */
import { CRASH_EVERYWHERE } from './crashes/crash-everywhere.ts';
import type { Harness } from './harness.ts';
import { ROLLBACK_EXACTNESS } from './rollback-exactness/rollback-exactness.ts';

export const HARNESSES: readonly Harness[] = [CRASH_EVERYWHERE, ROLLBACK_EXACTNESS];

export function harnessNamed(name: string): Harness {
  const found = HARNESSES.find((harness) => harness.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`--harness ${name}: there are ${HARNESSES.map((harness) => harness.name).join(', ')}`);
}
