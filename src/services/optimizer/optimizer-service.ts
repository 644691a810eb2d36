/** The optimizer API, put together: routes, access, documents, WebSocket. The command and the tests run this. */
import type { Registry } from 'prom-client';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { LedgerStore } from '#domain/ledger/ledger-store.ts';
import type { UsageSource } from '#domain/usage/usage.ts';
import { NAMESPACES } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { Health } from '#runtime/manager/health.ts';
import type { LiveCluster } from '#services/recommendations/live-cluster.ts';
import type { PriceBook } from '#services/recommendations/workload-facts.ts';
import type { AllowRule, Authenticator } from '../rest/access/caller.ts';
import { Gate } from '../rest/access/gate.ts';
import { documentRoutes } from '../rest/document-routes.ts';
import { type OpenApiDocument, openApiDocument } from '../rest/open-api.ts';
import { RequestMetrics } from '../rest/request-metrics.ts';
import { RestServer } from '../rest/rest-server.ts';
import type { Route } from '../rest/route.ts';
import { type BucketLimit, TokenBuckets } from '../rest/token-buckets.ts';
import { WebSockets } from '../rest/web-sockets.ts';
import { Applier } from './apply.ts';
import { ClusterAnalysis } from './cluster-analysis.ts';
import { LiveUpdates } from './live-updates.ts';
import { Optimizer } from './optimizer.ts';
import { actionRoutes } from './routes/action-routes.ts';
import { analysisRoutes } from './routes/analysis-routes.ts';
import type { RouteParts } from './routes/parts.ts';
import { reportRoutes } from './routes/report-routes.ts';
import { serviceRoutes } from './routes/service-routes.ts';
import { workloadRoutes } from './routes/workload-routes.ts';

export interface OptimizerServiceOptions {
  readonly cluster: LiveCluster;
  readonly optimizations: ResourceType<CostOptimization>;
  /** Writes CostOptimizations, and asks whether the API server answers; each call is made once. */
  readonly client: KubeClient;
  readonly usage: UsageSource;
  readonly ledger: Pick<LedgerStore, 'rows'> | undefined;
  readonly prices: PriceBook;
  readonly clusterName: string;
  readonly ownNamespace: string;
  readonly window: string;
  /** Undefined switches authentication off. */
  readonly authenticator: Authenticator | undefined;
  readonly allow: AllowRule;
  readonly limit: BucketLimit;
  readonly health: Health;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly version: string;
}

/** Tokens that were not good: enough for a mistake in a deployment, too few to guess with. */
const GUESS_LIMIT: BucketLimit = { perSecond: 5, burst: 50 };
const PROBE_TIMEOUT_MS = 3_000;
const METRIC_PREFIX = 'kcloud_optimizer_api';

export class OptimizerService {
  readonly server: RestServer;
  readonly document: OpenApiDocument;
  /** Shared by all who ask for the whole cluster. */
  readonly analysis: ClusterAnalysis;
  readonly #sockets: WebSockets;
  readonly #updates: LiveUpdates;
  readonly #options: OptimizerServiceOptions;

  constructor(options: OptimizerServiceOptions) {
    this.#options = options;
    const { clock, logger, registry } = options;
    const gate = gateOf(options);
    const metrics = new RequestMetrics(registry, METRIC_PREFIX);
    const parts = partsOf(options);
    this.analysis = parts.analysis;
    const routes = routesOf(parts);
    this.document = openApiDocument(routes, {
      title: 'KCloud optimizer API',
      version: options.version,
      description: `Recommendations from the usage of the cluster ${options.clusterName}, and ways to apply them. A value that is not known is null, and "unknown" beside it says why. Live updates: WebSocket /ws.`,
    });
    this.server = new RestServer({
      ...options,
      routes: [...routes, ...documentRoutes(this.document)],
      gate,
      metrics,
    });
    this.#updates = new LiveUpdates({
      analysis: parts.analysis,
      clock,
      listeners: () => this.#sockets.listeners,
      broadcast: (update) => {
        this.#sockets.broadcast(update);
      },
    });
    this.#sockets = new WebSockets({ path: '/ws', gate, metrics, clock, logger, onOpen: this.#greet });
  }

  /** Serves until aborted; `onListening` is told the address. */
  async run(signal: AbortSignal, listen: ListenOptions): Promise<void> {
    const { port, host, onListening } = listen;
    const address = await this.server.listen(port, host);
    this.#sockets.attach(this.server.app.server);
    const forget = this.#options.cluster.optimizations?.onChange(this.#updates.changed);
    onListening?.(address);
    await this.#updates.run(signal);
    forget?.();
    this.#sockets.close();
    await this.server.close();
  }

  readonly #greet = (send: (message: unknown) => void): void => {
    void this.#updates.current().then(send);
  };
}

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  readonly onListening?: (address: string) => void;
}

function gateOf({ authenticator, allow, limit, clock }: OptimizerServiceOptions): Gate {
  const limits = new TokenBuckets(limit, clock);
  return new Gate({ authenticator, allow, limits, guesses: new TokenBuckets(GUESS_LIMIT, clock) });
}

function partsOf(options: OptimizerServiceOptions): RouteParts {
  const { client, clock, cluster, optimizations: type } = options;
  const probe = async (): Promise<void> => {
    await client.listPage(NAMESPACES, { limit: 1, timeoutMs: PROBE_TIMEOUT_MS });
  };
  const optimizer = new Optimizer({ ...options, probe });
  return {
    ...options,
    optimizer,
    analysis: new ClusterAnalysis(optimizer, clock),
    applier: new Applier({ optimizer, client, type, installed: cluster.optimizations !== undefined, clock }),
  };
}

function routesOf(parts: RouteParts): Route[] {
  return [
    ...workloadRoutes(parts),
    ...analysisRoutes(parts),
    ...actionRoutes(parts),
    ...reportRoutes(parts),
    ...serviceRoutes(parts),
  ];
}
