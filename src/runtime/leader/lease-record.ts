/** The Lease object as leader election reads and writes it (coordination.k8s.io/v1, as client-go does). */
import type { Lease } from '#apis/kubernetes/builtin.ts';
import { rfc3339Micro } from '#platform/clock.ts';

/** Who writes the record, and for how long it holds. */
export interface Claim {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly leaseDurationMs: number;
}

/** The holder's name; empty where nobody holds the lease. */
export function holderOf(lease: Lease): string {
  return lease.spec?.holderIdentity ?? '';
}

/** How long the holder's claim holds after its last renewal, by the holder's own word. */
export function durationMsOf(lease: Lease): number {
  return (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
}

/** The lease as `claim.identity` takes or renews it; `lease` is what stands, undefined where nothing does. */
export function claimed(claim: Claim, lease: Lease | undefined, nowMs: number): Lease {
  const now = rfc3339Micro(nowMs);
  const { spec = {}, metadata } = lease ?? {};
  const mine = spec.holderIdentity === claim.identity;
  const taken = mine || lease === undefined ? 0 : 1;
  return {
    metadata: { ...metadata, namespace: claim.namespace, name: claim.name },
    spec: {
      ...spec,
      holderIdentity: claim.identity,
      leaseDurationSeconds: Math.ceil(claim.leaseDurationMs / 1000),
      acquireTime: mine ? (spec.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (spec.leaseTransitions ?? 0) + taken,
    },
  };
}

/** The lease as its holder leaves it: nobody's, so that the next need not wait. */
export function released(lease: Lease, nowMs: number): Lease {
  const { holderIdentity: _left, ...spec } = lease.spec ?? {};
  return { ...lease, spec: { ...spec, leaseDurationSeconds: 1, renewTime: rfc3339Micro(nowMs) } };
}
