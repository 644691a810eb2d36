/** Entries to store, and a sealer to store them with. */
import { Sealer } from '#adapters/rollback-store/sealer.ts';
import { openEntry, recordIntent, type RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { systemRandom } from '#platform/random.ts';

export const WEB: WorkloadRef = { kind: 'Deployment', namespace: 'default', name: 'web' };

export const RING = { current: 'first', keys: { first: Buffer.alloc(32, 7) } };
export const ROTATED = { current: 'second', keys: { ...RING.keys, second: Buffer.alloc(32, 8) } };

export function newSealer(): Sealer {
  return new Sealer(RING, systemRandom);
}

/** An entry of `uid` on `target` whose original holds `replicas`. */
export function entryOf(uid: string, replicas: number, target: WorkloadRef = WEB): RollbackEntry {
  const owner = { uid, namespace: 'default', name: `policy-${uid}` };
  const opened = openEntry({ owner, target, targetUid: 'w', storedAtMs: 5 });
  const changes = { replicas: 1 };
  const intent = {
    recommendationId: `r${String(replicas)}`,
    strategy: 'Rollout',
    changes,
    monthlyUsd: 7,
  } as const;
  return recordIntent(opened, { replicas }, intent);
}
