/** What observing reads from. */
import type { NodePriceList } from '#domain/cost/node-prices.ts';
import type { ResourcePrices } from '#domain/cost/resource-prices.ts';
import type { LedgerStore } from '#domain/ledger/ledger-store.ts';
import type { AnalysisSource } from '#domain/recommendation/analysis-source.ts';
import type { SloSource, UsageSource } from '#domain/usage/usage.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { ActiveChanges } from './active-changes.ts';
import type { DecisionSettings } from './observation.ts';
import type { OriginalDependencies } from './read-original.ts';
import type { ClusterInformers } from './stores.ts';

export interface GatherDependencies extends OriginalDependencies {
  readonly cluster: ClusterInformers;
  readonly ledger: LedgerStore;
  readonly usage: UsageSource;
  /** Asked in place of the analysis of this process, where there is one. */
  readonly analysis?: AnalysisSource | undefined;
  /** Undefined where the metrics source knows no PromQL. */
  readonly serviceLevels: SloSource | undefined;
  readonly prices: PriceBook;
  readonly active: ActiveChanges;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: DecisionSettings;
  readonly operatorNamespace: string;
  readonly canResizeInPlace: boolean;
}

export interface PriceBook {
  readonly base: ResourcePrices;
  readonly nodes: NodePriceList;
}
