/** Whether tools can be had on this machine, asked before a suite decides to run. */
import { findGo } from './go-toolchain.ts';
import { type GoTools, missingBinaries } from './go-tools.ts';

/** Set, to a reason, where building has been tried already and failed, so that no suite tries again. */
export const NO_BUILD_VARIABLE = 'KCLOUD_TESTENV_NO_BUILD';

/** Why the tools are neither in the cache nor can be built, or undefined where they can be had. */
export function whyUnavailable(tools: GoTools): string | undefined {
  if (missingBinaries(tools).length === 0) return undefined;
  const tried = process.env[NO_BUILD_VARIABLE] ?? '';
  return findGo(tools).problem ?? (tried === '' ? undefined : `${tools.name} is not built: ${tried}`);
}
