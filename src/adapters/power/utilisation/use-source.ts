/** What containers use of the processor: what the model stands on, and what splits a node that is measured as a whole. */
import type { ClusterUse, PowerInventory } from '#domain/power/inventory.ts';
import type { PowerHistoryQuery, PowerProblem, PowerQuery } from '#domain/power/power.ts';

/** What is used, or why that is not known. */
export type UseAnswer =
  | { readonly use: ClusterUse; readonly problem?: undefined }
  | { readonly use?: undefined; readonly problem: PowerProblem };

/** Never rejects for want of data: a cluster that is measured needs none. */
export interface UseSource {
  current(query: PowerQuery, inventory: PowerInventory): Promise<UseAnswer>;
  /** One entry per whole step, in order. */
  history(query: PowerHistoryQuery, inventory: PowerInventory): Promise<readonly UseAnswer[]>;
}

export function unknownUse(subject: string, message: string): UseAnswer {
  return { problem: { subject, reason: 'Missing', message: `what containers use is not known: ${message}` } };
}
