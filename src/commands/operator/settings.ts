/** The settings of an operator, whoever starts it: the command, the demo, the simulator. */
import type { RedisSettings } from '#adapters/rollback-store/redis/redis-settings.ts';
import { DEFAULT_BUDGET, type DisruptionBudget } from '#domain/arbiter/arbiter.ts';
import type { NodePriceList } from '#domain/cost/node-prices.ts';
import { DEFAULT_PRICES, type ResourcePrices } from '#domain/cost/resource-prices.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';

export interface OperatorSettings {
  /** Where the operator runs: its key Secret, lease and certificates stand there. */
  readonly namespace: string;
  /** Watch only this namespace; all where undefined. */
  readonly watchNamespace: string | undefined;
  /** Name of this replica in leader election; undefined where it is the only one. */
  readonly identity: string | undefined;
  readonly analysisIntervalMs: number;
  readonly applyDeadlineMs: number;
  readonly resizePatienceMs: number;
  readonly budget: DisruptionBudget;
  readonly workers: number;
  /** Calls to the API server; no limit of our own where undefined. */
  readonly rateLimit: { readonly perSecond: number; readonly burst: number } | undefined;
  /** Keeps a further copy of rollback state; none where undefined. */
  readonly redis: RedisSettings | undefined;
  readonly prices: { readonly base: ResourcePrices; readonly nodes: NodePriceList };
}

export const DEFAULT_SETTINGS: OperatorSettings = {
  namespace: 'cost-optimizer',
  watchNamespace: undefined,
  identity: undefined,
  analysisIntervalMs: 30 * MINUTE_MS,
  // The progress deadline of a Deployment is ten minutes by default; five more for the last pod.
  applyDeadlineMs: 15 * MINUTE_MS,
  // VPA falls back to eviction after five minutes of a deferred resize.
  resizePatienceMs: 5 * MINUTE_MS,
  budget: DEFAULT_BUDGET,
  workers: 8,
  rateLimit: undefined,
  redis: undefined,
  prices: { base: DEFAULT_PRICES, nodes: {} },
};
