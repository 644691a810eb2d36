/**
 * The source of watts: measured where exporters are, modelled from utilisation where none is, node by node.
 *
 *     const source = createPowerSource({ clock, cluster: kubeClient, prometheus: promqlClient, usage });
 *     const { containers, nodes, devices, problems } = await source.current({ atMs, windowMs: 300_000 });
 */
import type { KnownMachines } from '#domain/power/machines/machine-watts.ts';
import type { PowerSource } from '#domain/power/power.ts';
import type { UsageSource } from '#domain/usage/usage.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { Clock } from '#platform/clock.ts';
import type { PromqlClient } from '../metrics/prometheus/client/promql-client.ts';
import { ClusterPower } from './cluster-power.ts';
import { InventorySource } from './cluster/inventory-source.ts';
import { ExporterReader } from './prometheus/exporter-reader.ts';
import { PrometheusUse } from './prometheus/prometheus-use.ts';
import { ClusterUseSource } from './utilisation/cluster-use-source.ts';

export interface PowerSourceOptions {
  readonly clock: Clock;
  /** Needs get and list on nodes, pods and replicasets, and on pods and nodes of metrics.k8s.io. */
  readonly cluster: KubeClient;
  /** Where exporters are scraped. Without it every watt is modelled. */
  readonly prometheus?: PromqlClient;
  /** Labels that every series must have, e.g. `{ cluster: 'prod' }` in a store of several clusters. */
  readonly matchers?: Readonly<Record<string, string>>;
  /** The usage history, from which the past is modelled where Prometheus has none. */
  readonly usage?: UsageSource;
  /** Own figures of machines by node name or instance type, which the model takes before its tables. */
  readonly machines?: KnownMachines;
  /** Counters are read over at least this time, whatever is asked: four scrapes are the usual rule. Default 120 s. */
  readonly shortestWindowMs?: number;
  /** From this age on a sample is not the present any more. Default 150 s. */
  readonly staleAfterMs?: number;
}

const DEFAULT_SHORTEST_WINDOW_MS = 120_000;
const DEFAULT_STALE_AFTER_MS = 150_000;

/** The lists of nodes and pods are held for half a minute. Nothing runs in the background, nothing needs to be closed. */
export function createPowerSource(options: PowerSourceOptions): PowerSource {
  const { clock, cluster, machines, matchers, prometheus: client } = options;
  const { shortestWindowMs = DEFAULT_SHORTEST_WINDOW_MS, staleAfterMs = DEFAULT_STALE_AFTER_MS } = options;
  const stored =
    client === undefined
      ? undefined
      : { client, shortestWindowMs, ...(matchers === undefined ? {} : { matchers }) };
  return new ClusterPower({
    inventory: new InventorySource({ client: cluster, clock }),
    use: new ClusterUseSource({ cluster, usage: options.usage, stored: stored && new PrometheusUse(stored) }),
    exporters: stored && new ExporterReader(stored),
    staleAfterMs,
    ...(machines === undefined ? {} : { machines }),
  });
}
