/** The demo's cluster: machines and workloads with two weeks behind them, and the shipped operator on it. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { DEFAULT_PRICES, type ResourcePrices } from '#domain/cost/resource-prices.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { KcError, messageOf } from '#errors/kc-error.ts';
import { NAMESPACES, NODES, PODS } from '#kube/client/builtin-types.ts';
import { playgroundServer } from '#playground/simulation/playground-server.ts';
import type { Supervisor } from '#playground/simulation/supervisor.ts';
import { SimulatedCluster } from '../simulation/simulated-cluster.ts';
import { SimulatedOperator } from '../simulation/simulated-operator.ts';
import { type ClusterMoney, clusterMoney, type PriceBook, pricesByNode } from './cluster-money.ts';
import { type ClusterPower, clusterPower } from './cluster-power.ts';
import { DEMO_NODES, DEMO_PRICES } from './fleet/demo-nodes.ts';
import { DEMO_WORKLOADS } from './fleet/demo-workloads.ts';
import { withRecordedTraces } from './fleet/recorded-load.ts';
import { objectsOf } from './fleet/workload-objects.ts';

export const PAST_DAYS = 14;
const STEP_MS = 5 * MINUTE_MS;
/** Pods are up, and the operator has its copies, within this time. */
const SETTLE_MS = 2 * MINUTE_MS;

export const DEMO_PRICE_BOOK: PriceBook = { base: DEFAULT_PRICES, nodes: DEMO_PRICES };

export interface DemoOptions {
  readonly seed: number;
  /** A folder of recorded traces that take the place of generated load. */
  readonly traces?: string | undefined;
}

export class DemoWorld {
  readonly cluster: SimulatedCluster;
  readonly operator: SimulatedOperator;
  readonly prices: ReadonlyMap<string, ResourcePrices>;
  readonly #supervisor: Supervisor;

  private constructor(cluster: SimulatedCluster) {
    const { world } = cluster;
    this.cluster = cluster;
    this.operator = new SimulatedOperator({
      random: (name) => world.random(name),
      // Half as often as by default: a day shall take seconds. The schedule ticks as ever.
      settings: { prices: DEMO_PRICE_BOOK, analysisIntervalMs: HOUR_MS },
    });
    const toMs = Math.floor(world.clock.now() / STEP_MS) * STEP_MS;
    this.operator.learn(world.fleet.pastUsage({ fromMs: toMs - PAST_DAYS * DAY_MS, toMs, stepMs: STEP_MS }));
    this.#supervisor = world.supervise('operator', this.operator.main);
    this.prices = pricesByNode(cluster.stored(NODES), DEMO_PRICE_BOOK);
  }

  /** Starts machines, workloads and the operator, and lets them settle. Throws KC_TRACE_INVALID. */
  static async create({ seed, traces }: DemoOptions): Promise<DemoWorld> {
    const cluster = await SimulatedCluster.create({
      seed,
      nodes: DEMO_NODES,
      pastMs: (PAST_DAYS + 1) * DAY_MS,
      server: playgroundServer(),
      traceFleet: false,
      ...(traces === undefined ? {} : { dataDir: traces }),
    });
    await deploy(cluster, traces !== undefined);
    const demo = new DemoWorld(cluster);
    await demo.run(SETTLE_MS);
    return demo;
  }

  get nowMs(): number {
    return this.cluster.world.clock.now();
  }

  /** Lets time pass. Throws what ended the operator, if anything did. */
  async run(ms: number): Promise<void> {
    await this.cluster.world.clock.runFor(ms);
    const { failure } = this.operator;
    if (failure === undefined) return;
    throw new KcError('KC_INTERNAL', {
      problem: `the operator ended: ${messageOf(failure)}`,
      cause: failure,
    });
  }

  async optimize(optimization: CostOptimization): Promise<void> {
    await this.cluster.now(this.cluster.client.create(COST_OPTIMIZATIONS, optimization));
  }

  optimizations(): readonly CostOptimization[] {
    return this.cluster.stored(COST_OPTIMIZATIONS);
  }

  /** What all pods reserve now. */
  money(): ClusterMoney {
    return clusterMoney(this.cluster.stored(PODS), this.prices);
  }

  /** What the machines draw now. */
  power(): Promise<ClusterPower | undefined> {
    return clusterPower(this.cluster);
  }

  stop(): void {
    this.#supervisor.stop();
    this.cluster.world.stop();
    this.operator.close();
  }
}

async function deploy(cluster: SimulatedCluster, replay: boolean): Promise<void> {
  const { client, world } = cluster;
  const names = new Set(DEMO_WORKLOADS.map(({ namespace }) => namespace));
  names.delete('kube-system');
  for (const name of names) await cluster.now(client.create(NAMESPACES, { metadata: { name } }));
  const workloads = replay ? withRecordedTraces(DEMO_WORKLOADS, world.traces.names()) : DEMO_WORKLOADS;
  for (const { type, object } of workloads.flatMap(objectsOf)) await cluster.now(client.create(type, object));
  await world.clock.runFor(SETTLE_MS);
}
