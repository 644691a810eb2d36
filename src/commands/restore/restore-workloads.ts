/** Deletes every CostOptimization and waits for the operator to have restored what each had changed. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { KcError } from '#errors/kc-error.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { type Clock, sleep } from '#platform/clock.ts';

export interface RestoreOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** All namespaces where undefined. */
  readonly namespace: string | undefined;
  readonly timeoutMs: number;
  /** Told how many are left whenever that changes. */
  readonly progress?: (left: number) => void;
}

const POLL_MS = 1000;
const SHOWN = 10;

/** How many were deleted. Rejects with KC_RESTORE_INCOMPLETE where some are left when the time is over. */
export async function restoreWorkloads(options: RestoreOptions): Promise<number> {
  const { client, clock, namespace, timeoutMs, progress } = options;
  const untilMs = clock.now() + timeoutMs;
  const deleted = new Set<string>();
  for (let before = -1; ;) {
    const left = (await client.list(COST_OPTIMIZATIONS, { namespace })).items;
    if (left.length === 0) return deleted.size;
    if (left.length !== before) progress?.(left.length);
    before = left.length;
    if (clock.now() >= untilMs) throw incomplete(left, timeoutMs);
    // One that was made meanwhile would be left without its operator.
    for (const optimization of left) if (isNew(optimization, deleted)) await remove(client, optimization);
    await sleep(clock, POLL_MS);
  }
}

function isNew({ metadata }: CostOptimization, deleted: Set<string>): boolean {
  const uid = metadata.uid ?? '';
  const known = deleted.has(uid);
  deleted.add(uid);
  return !known && metadata.deletionTimestamp === undefined;
}

async function remove(client: KubeClient, { metadata }: CostOptimization): Promise<void> {
  const { namespace = '', name = '' } = metadata;
  try {
    await client.delete(COST_OPTIMIZATIONS, { namespace, name });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function incomplete(left: readonly CostOptimization[], timeoutMs: number): KcError {
  const lines = left.slice(0, SHOWN).map(({ metadata: { namespace = '', name = '' }, status }) => {
    const { phase = 'no phase', message = 'no message' } = status ?? {};
    return `${namespace}/${name} (${phase}: ${message})`;
  });
  const more = left.length > SHOWN ? `; and ${String(left.length - SHOWN)} more` : '';
  return new KcError('KC_RESTORE_INCOMPLETE', {
    problem: `after ${String(timeoutMs / 1000)} s these are not restored: ${lines.join('; ')}${more}`,
  });
}
