/** A change of ours that stands: the workload, and the original that is kept of it. */
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';

export interface InForce {
  readonly target: TargetFacts;
  readonly entry: RollbackEntry;
}
