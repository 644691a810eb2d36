/** Where usage and power come from: a history that was named, a PromQL store, or what the cluster says of now. */
import { HistoryReader } from '#adapters/metrics/embedded/history/history-reader.ts';
import { readPodMetrics } from '#adapters/metrics/embedded/collector/metrics-api.ts';
import { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import { discoverPrometheus } from '#adapters/metrics/prometheus/discovery/discover.ts';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import { readPastPods } from '#adapters/past-pods/past-pods.ts';
import { createPowerSource } from '#adapters/power/create-power-source.ts';
import type { PodSpan } from '#domain/allocation/allocation.ts';
import { type NodeGpus, nodeGpus } from '#domain/cost/gpu-share.ts';
import type { PowerSource } from '#domain/power/power.ts';
import type { UsageSource } from '#domain/usage/usage.ts';
import { messageOf } from '#errors/kc-error.ts';
import { isForbidden } from '#kube/client/api-error.ts';
import { SystemClock } from '#platform/clock.ts';
import { systemRandom } from '#platform/random.ts';
import type { ClusterObjects } from '#services/costs/cluster-costs.ts';
import type { CostQuery } from '#services/costs/cost-query.ts';
import { NO_USAGE, type PodUsage, readUsage, usageOfSamples } from '#services/costs/pod-usage.ts';
import type { ClusterConnection } from '../cli/cluster.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { prometheusEndpoint, prometheusFlags, prometheusMatchers } from '../cli/prometheus-flags.ts';

export const sourceFlags = defineFlags({
  ...prometheusFlags,
  history: { type: 'text', describe: 'usage history of an embedded collector, in place of a PromQL store' },
});

type Values = FlagValues<typeof sourceFlags>;

export interface Sources {
  /** Undefined where only the samples of now can be had. */
  readonly usage: UsageSource | undefined;
  readonly power: PowerSource;
  /** Where pods that are gone are looked up; undefined without a PromQL store. */
  readonly past: PastPods | undefined;
}

export interface PastPods {
  readonly client: PromqlClient;
  readonly matchers: Readonly<Record<string, string>>;
}

/** Looks for a PromQL store where none is named; to have none is no error. */
export async function openSources(values: Values, connection: ClusterConnection): Promise<Sources> {
  const clock = new SystemClock();
  const shared = { clock, random: systemRandom };
  const endpoint = prometheusEndpoint(values, clock) ?? (await discovered(connection));
  const prometheus = endpoint === undefined ? undefined : new PromqlClient({ endpoint, ...shared });
  const matchers = prometheusMatchers(values);
  const usage = usageOf(values, prometheus, matchers);
  const power = createPowerSource({
    clock,
    cluster: connection.client,
    matchers,
    ...(prometheus === undefined ? {} : { prometheus }),
    ...(usage === undefined ? {} : { usage }),
  });
  return { usage, power, past: prometheus === undefined ? undefined : { client: prometheus, matchers } };
}

function usageOf(
  { history }: Values,
  prometheus: PromqlClient | undefined,
  matchers: Readonly<Record<string, string>>,
): UsageSource | undefined {
  if (history !== undefined) return HistoryReader.openFile(history).reader;
  return prometheus === undefined
    ? undefined
    : new PrometheusUsage({ client: prometheus, clock: new SystemClock(), matchers });
}

/** Who may not list Services has nothing to be found. */
async function discovered({ client, transport }: ClusterConnection) {
  const vantage = { kind: 'outside', transport, clock: new SystemClock(), random: systemRandom } as const;
  try {
    return (await discoverPrometheus(client, vantage)).endpoint;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

export interface UsageQuestion extends CostQuery {
  readonly pods: readonly PodSpan[];
  readonly note: (text: string) => void;
}

/** What pods used in a time. Where nobody tells, requests alone count, and the reason is noted. */
export async function podUsage(
  { usage }: Sources,
  { client }: ClusterConnection,
  { pods, fromMs, toMs, note }: UsageQuestion,
): Promise<PodUsage> {
  try {
    if (usage !== undefined) {
      const progress = (done: number, total: number): void => {
        note(`usage of ${done} of ${total} workloads read\n`);
      };
      return await readUsage({ usage, pods, fromMs, toMs, progress });
    }
    return usageOfSamples(await readPodMetrics(client, LIMITS));
  } catch (error) {
    note(`usage is unknown, requests alone count: ${messageOf(error)}\n`);
    return NO_USAGE;
  }
}

const LIMITS = { timeoutMs: 10_000, signal: new AbortController().signal };

export interface PastQuestion extends CostQuery {
  readonly objects: ClusterObjects;
  readonly pods: readonly PodSpan[];
}

/** Pods of the time that the API server has forgotten, and what is not known of them. */
export async function pastPods(
  { past }: Sources,
  { objects, pods, fromMs, toMs }: PastQuestion,
): Promise<{ readonly pods: readonly PodSpan[]; readonly notes: readonly string[] }> {
  const unknown = 'pods that are gone are not known, their part stands in idle';
  if (past === undefined) return { pods: [], notes: [`${unknown}: there is no PromQL store`] };
  const gpus = new Map(objects.nodes.map((node) => [node.metadata?.name ?? '', nodeGpus(node)]));
  const known = new Set(pods.map(({ uid }) => uid));
  try {
    const gpusOf = (node: string): NodeGpus | undefined => gpus.get(node);
    const found = await readPastPods(past.client, { fromMs, toMs, matchers: past.matchers, known, gpusOf });
    return found === undefined
      ? { pods: [], notes: [`${unknown}: the PromQL store has no kube-state-metrics`] }
      : { pods: found, notes: [] };
  } catch (error) {
    return { pods: [], notes: [`${unknown}: ${messageOf(error)}`] };
  }
}
