/** What the routes work with. */
import type { Registry } from 'prom-client';
import type { LedgerStore } from '#domain/ledger/ledger-store.ts';
import type { Health } from '#runtime/manager/health.ts';
import type { Applier } from '../apply.ts';
import type { ClusterAnalysis } from '../cluster-analysis.ts';
import type { Optimizer } from '../optimizer.ts';

export interface RouteParts {
  readonly optimizer: Optimizer;
  readonly analysis: ClusterAnalysis;
  readonly applier: Applier;
  /** Undefined where this service has no ledger. */
  readonly ledger: Pick<LedgerStore, 'rows'> | undefined;
  readonly health: Health;
  readonly registry: Registry;
  readonly version: string;
}

/** A request that reads the usage of one workload, and one that may read that of all. */
export const WEIGHTS = { workload: 5, cluster: 20 } as const;
