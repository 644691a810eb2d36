/**
 * The operator, put together: manager, local copies, state, metrics source, controllers and webhooks. The command,
 * the demo and the simulator all run this very composition; they differ in the parts that they pass in.
 */
import type { Registry } from 'prom-client';
import type { Database } from '#adapters/sqlite/database.ts';
import { SqliteLedger } from '#adapters/state/sqlite-ledger.ts';
import { controllers } from '#controllers/controllers.ts';
import { ActiveChanges } from '#controllers/cost-optimization/active-changes.ts';
import { CostOptimizationMetrics } from '#controllers/cost-optimization/metrics.ts';
import {
  type ClusterInformers,
  clusterInformers,
  COST_OPTIMIZATIONS,
  VERTICAL_POD_AUTOSCALERS,
} from '#controllers/cost-optimization/stores.ts';
import type { AnalysisSource } from '#domain/recommendation/analysis-source.ts';
import type { SloSource, UsageSource } from '#domain/usage/usage.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { Discovery } from '#kube/discovery/discovery.ts';
import type { Transport } from '#kube/transport/transport.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import { Admission } from '#runtime/admission/admission.ts';
import { Manager } from '#runtime/manager/manager.ts';
import type { Runnable } from '#runtime/manager/runnable.ts';
import { addWebhooks } from '#webhooks/webhooks.ts';
import { rollbackState } from './rollback-state.ts';
import type { OperatorSettings } from './settings.ts';

/** Where usage comes from, once the client and the local copies exist. */
export interface MetricsParts {
  readonly usage: UsageSource;
  readonly serviceLevels: SloSource | undefined;
  /** What has to run for it, such as a collector. */
  readonly runnables: readonly Runnable[];
}

export interface OperatorParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: OperatorSettings;
  /** The state file; it outlives this operator. */
  readonly state: Database;
  readonly registry: Registry;
  readonly metrics: (client: KubeClient, cluster: ClusterInformers) => MetricsParts;
  /** A service that analyses in place of this process. */
  readonly analysis?: AnalysisSource | undefined;
}

export interface Operator {
  readonly manager: Manager;
  readonly admission: Admission;
  readonly cluster: ClusterInformers;
}

/** The name of the lease, and of the operator wherever it needs one. */
export const LEASE = 'cost-optimizer-operator';

/** Asks the API server what it can do, makes the key Secret where it is missing, and wires everything. */
export async function buildOperator(parts: OperatorParts): Promise<Operator> {
  const { clock, logger, settings } = parts;
  const manager = new Manager(managerOptions(parts));
  const discovery = new Discovery(manager.directClient, clock);
  const cluster = clusterInformers(manager.informers, {
    verticalAutoscalers: await discovery.offers(VERTICAL_POD_AUTOSCALERS),
  });
  const metrics = parts.metrics(manager.directClient, cluster);
  for (const runnable of metrics.runnables) manager.add(runnable);
  const wired = controllers({
    client: manager.client,
    cluster,
    clock,
    logger,
    events: manager.events,
    usage: metrics.usage,
    analysis: parts.analysis,
    serviceLevels: metrics.serviceLevels,
    rollback: await rollbackState({ ...parts, ...settings, manager }),
    ledger: new SqliteLedger(parts.state),
    active: new ActiveChanges(cluster.optimizations.store, clock, settings.budget),
    metrics: new CostOptimizationMetrics(parts.registry, cluster.optimizations.store),
    prices: settings.prices,
    settings,
    workers: settings.workers,
    operatorNamespace: settings.namespace,
    canResizeInPlace: await discovery.offers(PODS, 'resize'),
  });
  for (const controller of wired) manager.addController(controller);
  return { manager, admission: admission(parts, manager, cluster), cluster };
}

function managerOptions(parts: OperatorParts): ConstructorParameters<typeof Manager>[0] {
  const { transport, clock, random, logger, registry, settings } = parts;
  const { namespace, identity, watchNamespace, rateLimit } = settings;
  return {
    transport,
    clock,
    random,
    logger,
    registry,
    component: LEASE,
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(watchNamespace === undefined ? {} : { watchNamespace }),
    ...(identity === undefined ? {} : { leaderElection: { namespace, name: LEASE, identity } }),
  };
}

function admission(parts: OperatorParts, manager: Manager, cluster: ClusterInformers): Admission {
  const { clock, logger, settings } = parts;
  const wired = new Admission({ clock, logger });
  addWebhooks(wired, {
    client: manager.directClient,
    type: COST_OPTIMIZATIONS,
    optimizations: cluster.optimizations.store,
    operatorNamespace: settings.namespace,
  });
  return wired;
}
