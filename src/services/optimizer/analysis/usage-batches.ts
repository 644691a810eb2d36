/** Many workloads asked for in batches, the next of which is under way while the last is analysed. */
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';

export interface KnownWorkload {
  readonly facts: WorkloadFacts;
  readonly usage: WorkloadUsage;
}

/** Answers for all that are asked for, in their order. */
export type AskUsage = (facts: readonly WorkloadFacts[]) => Promise<readonly WorkloadUsage[]>;

/** A week of this many fits in memory twice; a source that is asked by name serves that many at once. */
const BATCH = 200;

/** Rejects with what the source rejects with. */
export async function* usageBatches(
  facts: readonly WorkloadFacts[],
  ask: AskUsage,
  size = BATCH,
): AsyncGenerator<readonly KnownWorkload[]> {
  const read = async (first: number): Promise<readonly KnownWorkload[]> => {
    const batch = facts.slice(first, first + size);
    const usages = await ask(batch);
    return batch.flatMap((one, index) => {
      const usage = usages[index];
      return usage === undefined ? [] : [{ facts: one, usage }];
    });
  };
  let next = facts.length === 0 ? undefined : read(0);
  for (let first = size; next !== undefined; first += size) {
    const known = await next;
    next = first < facts.length ? read(first) : undefined;
    // Whoever stops early never hears of it.
    next?.catch(() => undefined);
    yield known;
  }
}
