/** A part of a process that a manager starts and stops. */
import type { RunSignals } from '../controller/controller-spec.ts';

/**
 * `at once`: before anything else, stopped last. `synced`: when the caches are. `leading`: while this process is the
 * leader; it must be able to run again.
 */
export type StartTime = 'at once' | 'synced' | 'leading';

export interface Runnable {
  readonly name: string;
  readonly start: StartTime;
  /**
   * Works until `stop` (finish what is under way) or `abort` (give it up) and then resolves. Resolving earlier is
   * allowed; a rejection ends the process.
   */
  run(signals: RunSignals): Promise<void>;
}
