/** A metrics source that has lived through a scenario. */
import type { UsageSource } from '#domain/usage/usage.ts';
import type { Scenario } from './scenario.ts';

export interface MetricsTarget {
  readonly source: UsageSource;
  /** From now on the source does not answer any more. */
  breakDown(): Promise<void>;
  stop(): Promise<void>;
}

export interface MetricsTargetStarter {
  readonly name: string;
  /** Why it cannot be had on this machine, or undefined. */
  unavailable(): string | undefined;
  /**
   * How long after a restart that nobody saw its time is known: the embedded collector reads it from the pod, a counter
   * only shows that it rose.
   */
  readonly tellsBlindRestarts: 'at their time' | 'afterwards';
  start(scenario: Scenario): Promise<MetricsTarget>;
}
