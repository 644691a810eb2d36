/** Another workload of the same name: what was stored is about one that is gone, however far a change of it had come. */
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { forget } from './decide-applied.ts';
import type { Draft } from './decision.ts';
import type { Observation } from './observation.ts';

export function decideSuccessor(o: Observation, draft: Draft): boolean {
  const { entry, target } = o;
  if (entry === undefined || target === undefined || target.uid === entry.targetUid) return false;
  forget(o, draft, `${describeWorkload(entry.target)} was deleted and written anew`);
  return true;
}
