/** A cluster in memory with workloads and a source of usage, and the service on it: for the tests of this folder. */
import { Registry } from 'prom-client';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { NodePriceList } from '#domain/cost/node-prices.ts';
import { DEFAULT_PRICES } from '#domain/cost/resource-prices.ts';
import type { LedgerStore } from '#domain/ledger/ledger-store.ts';
import type { UsageQuery, UsageSeries, UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import { KcError } from '#errors/kc-error.ts';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { FakeApiServer } from '#kube/testing/fake-api-server.ts';
import { Informers } from '#kube/watch/informers.ts';
import type { Clock } from '#platform/clock.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { Health } from '#runtime/manager/health.ts';
import { LiveCluster } from '#services/recommendations/live-cluster.ts';
import { type AllowRule, type Authenticator, DEFAULT_ALLOW } from '../rest/access/caller.ts';
import { OptimizerService } from './optimizer-service.ts';

export const OPTIMIZATIONS: ResourceType<CostOptimization> = {
  group: 'optimization.k8s.io',
  version: 'v1',
  plural: 'costoptimizations',
  kind: 'CostOptimization',
  namespaced: true,
};

/** What a pod of a workload uses, by `namespace/name`; nothing is known of others. */
export interface UsageStory {
  readonly cpuCores: number;
  readonly memoryBytes: number;
  /** What is left of the CPU from 20 to 8 o'clock UTC; all of it where absent. */
  readonly nightShare?: number;
  /** How far values wander around their mean; a tenth to each side where absent. */
  readonly spread?: number;
}

/** Usage as steady as the stories say, or a source that is down. */
export class FakeUsage implements UsageSource {
  readonly name = 'fake';
  readonly stories = new Map<string, UsageStory>();
  /** Pods by workload; two where absent. */
  readonly pods = new Map<string, number>();
  down = false;
  /** How often it was asked. */
  questions = 0;

  usage(query: UsageQuery): Promise<readonly WorkloadUsage[]> {
    this.questions += 1;
    if (this.down)
      return Promise.reject(new KcError('KC_METRICS_UNAVAILABLE', { object: 'fake', problem: 'it is down' }));
    return Promise.resolve(query.workloads.map((workload) => this.#usageOf(workload, query)));
  }

  #usageOf(workload: WorkloadUsage['workload'], { fromMs, toMs, stepMs }: UsageQuery): WorkloadUsage {
    const story = this.stories.get(`${workload.namespace}/${workload.name}`);
    const shared = { workload, fromMs, toMs, source: this.name };
    if (story === undefined) return { ...shared, containers: [], lastSampleAtMs: undefined };
    const { spread = 0.1 } = story;
    const random = new SeededRandom(workload.name);
    const around = (mean: number, nightShare = 1): UsageSeries => {
      const values = Float64Array.from({ length: Math.floor((toMs - fromMs) / stepMs) }, (_none, step) => {
        const hour = new Date(fromMs + (step + 1) * stepMs).getUTCHours();
        const share = hour >= 20 || hour < 8 ? nightShare : 1;
        return mean * share * (1 + 2 * spread * (random.next() - 0.5));
      });
      return {
        startMs: fromMs,
        stepMs,
        mean: values,
        max: values,
        pods: new Float64Array(values.length).fill(this.pods.get(workload.name) ?? 2),
      };
    };
    const container = {
      container: 'app',
      cpuCores: around(story.cpuCores, story.nightShare),
      memoryBytes: around(story.memoryBytes),
      oomKills: [],
    };
    return { ...shared, containers: [container], lastSampleAtMs: toMs };
  }
}

export interface BenchOptions {
  readonly authenticator?: Authenticator;
  readonly allow?: AllowRule;
  readonly ledger?: Pick<LedgerStore, 'rows'>;
  readonly nodePrices?: NodePriceList;
  readonly limit?: { readonly perSecond: number; readonly burst: number };
}

/** The service with all around it. */
export class ServiceBench {
  readonly api = new FakeApiServer();
  readonly usage = new FakeUsage();
  readonly client = new KubeClient(this.api);
  readonly service: OptimizerService;
  readonly registry = new Registry();
  readonly #stop = new AbortController();
  readonly #informers: Informers;
  readonly clock: Clock = new SystemClock();

  constructor(options: BenchOptions = {}) {
    const { clock, client, registry, usage } = this;
    const parts = { clock, random: new SeededRandom(1), logger: silentLogger };
    this.#informers = new Informers({ client, ...parts });
    const health = new Health();
    health.addReadiness('caches', () => {
      if (!this.#informers.synced) throw new Error('not synced');
    });
    this.service = new OptimizerService({
      ...parts,
      cluster: new LiveCluster(this.#informers, OPTIMIZATIONS),
      optimizations: OPTIMIZATIONS,
      client,
      usage,
      ledger: options.ledger,
      prices: { base: DEFAULT_PRICES, nodes: options.nodePrices ?? {} },
      clusterName: 'test',
      ownNamespace: 'cost-optimizer',
      window: '7d',
      authenticator: options.authenticator,
      allow: options.allow ?? DEFAULT_ALLOW,
      limit: options.limit ?? { perSecond: 1000, burst: 10_000 },
      health,
      registry,
      version: '0.0.0',
    });
  }

  /** Reads the cluster; until then the service is not ready. */
  async start(): Promise<void> {
    void this.#informers.run(this.#stop.signal);
    await this.#informers.whenSynced();
  }

  stop(): void {
    this.#stop.abort(new Error('the test is over'));
  }

  /** Pods that ask for two cores and four GiB each. */
  async addDeployment(namespace: string, name: string, replicas = 2): Promise<Deployment> {
    this.usage.pods.set(name, replicas);
    const resources = { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: '2', memory: '4Gi' } };
    const labels = { app: name };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'x', resources }] } };
    return this.client.create(DEPLOYMENTS, {
      metadata: { namespace, name, labels },
      spec: { replicas, selector: { matchLabels: labels }, template },
    });
  }

  /** Asks and reads JSON. */
  async ask(request: string, body?: unknown, headers: Record<string, string> = {}): Promise<BenchAnswer> {
    const [method = 'GET', url = '/'] = request.split(' ');
    const answer = await this.service.server.app.inject({
      method: method as 'GET' | 'POST',
      url,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    const isJson = /json/.test(String(answer.headers['content-type']));
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      json: isJson ? answer.json() : undefined,
    };
  }
}

export interface BenchAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: unknown;
}
