/** What users ask for by annotation. Each value is carried out once: the status remembers it. */
import { ACCEPT, APPROVE, ROLL_BACK } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { Draft } from './decision.ts';
import type { Observation } from './observation.ts';

const NAMES = { approve: APPROVE, rollback: ROLL_BACK, accept: ACCEPT } as const;
export type RequestName = keyof typeof NAMES;

/** The value of a request that was not carried out yet. */
export function pendingRequest(o: Pick<Observation, 'optimization'>, name: RequestName): string | undefined {
  const value = o.optimization.metadata.annotations?.[NAMES[name]];
  return value === o.optimization.status?.handledRequests?.[name] ? undefined : value;
}

/** Remembers that a request was carried out. */
export function markHandled(o: Observation, draft: Draft, name: RequestName): void {
  const value = o.optimization.metadata.annotations?.[NAMES[name]];
  if (value === undefined) return;
  draft.set({ handledRequests: { ...draft.status.handledRequests, [name]: value } });
}
