/** `kcloud recommend`: one table of what every workload should be changed to. Installs nothing, changes nothing. */
import { HistoryReader } from '#adapters/metrics/embedded/history/history-reader.ts';
import { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import { discoverPrometheus } from '#adapters/metrics/prometheus/discovery/discover.ts';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import { OPTIMIZATION_TYPES } from '#apis/optimization.k8s.io/v1/spec.ts';
import type { UsageSource } from '#domain/usage/usage.ts';
import { KcError } from '#errors/kc-error.ts';
import { SystemClock } from '#platform/clock.ts';
import { systemRandom } from '#platform/random.ts';
import {
  type RecommendOptions,
  recommendWorkloads,
  type WorkloadRecommendation,
} from '#services/optimizer/recommend-workloads.ts';
import { readSnapshot } from '#services/recommendations/cluster-snapshot.ts';
import { clusterFlags, type ClusterConnection, connectCluster } from '../cli/cluster.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { prometheusEndpoint, prometheusFlags, prometheusMatchers } from '../cli/prometheus-flags.ts';
import { priceFlags, pricesOf } from '../cli/price-flags.ts';
import { type Format, FORMATS, formatRecords } from '../terminal/output.ts';
import { formatTable } from '../terminal/table.ts';
import { cellsOf, COLUMNS, sortedRecords, summaryOf } from './rows.ts';

const flags = defineFlags({
  ...clusterFlags,
  ...prometheusFlags,
  ...priceFlags,
  history: { type: 'text', describe: 'usage history of an embedded collector, in place of a PromQL store' },
  window: { type: 'text', default: '7d', describe: 'how far back usage is read, 1h to 90d' },
  type: {
    type: 'text',
    default: 'ALL',
    choices: OPTIMIZATION_TYPES,
    describe: 'what to look for; ALL is everything, spot nodes and schedules too',
  },
  output: { type: 'text', short: 'o', default: 'table', choices: FORMATS, describe: 'format' },
});
type Values = FlagValues<typeof flags>;

export const recommendCommand = defineCommand({
  name: 'recommend',
  summary:
    'Show what every workload should be changed to, and what that saves: sizes, replicas, spot nodes, schedules.',
  usage: [
    'kcloud recommend [-n <namespace>] [--prometheus-url <address> | --history <file>] [-o table|json|csv|yaml]',
    '',
    'Needs read rights only. Without --prometheus-url and --history, a PromQL store is looked for in the cluster.',
  ].join('\n'),
  flags,
  run: async ({ values }, context) => {
    const connection = await connectCluster(values);
    const usage = await usageSource(values, connection);
    context.terminal.note(`reading the cluster at ${connection.server}\n`);
    const snapshot = await readSnapshot(connection.client, values.namespace);
    const prices = pricesOf(values);
    await prices.ready();
    const recommendations = await recommendWorkloads(snapshot, {
      ...optionsOf(values, usage, context),
      prices,
    });
    print(values.output as Format, recommendations, context);
    return 0;
  },
});

async function usageSource(values: Values, { client, transport }: ClusterConnection): Promise<UsageSource> {
  const shared = { clock: new SystemClock(), random: systemRandom };
  if (values.history !== undefined) return HistoryReader.openFile(values.history).reader;
  const endpoint =
    prometheusEndpoint(values, shared.clock) ??
    (await discoverPrometheus(client, { kind: 'outside', transport, ...shared })).endpoint;
  if (endpoint !== undefined) {
    const source = new PromqlClient({ endpoint, ...shared });
    return new PrometheusUsage({ client: source, clock: shared.clock, matchers: prometheusMatchers(values) });
  }
  throw new KcError('KC_METRICS_UNAVAILABLE', {
    problem: 'the cluster has no PromQL store that could be found, so usage is unknown',
    fix: 'name one with --prometheus-url, or the history of an operator with --history <data-dir>/usage.db',
  });
}

function optionsOf(
  values: Values,
  usage: UsageSource,
  { terminal }: CommandContext,
): Omit<RecommendOptions, 'prices'> {
  return {
    usage,
    nowMs: Date.now(),
    window: values.window,
    type: values.type as RecommendOptions['type'],
    progress: (done, total) => {
      terminal.note(`${done} of ${total} workloads analysed\n`);
    },
  };
}

function print(
  format: Format,
  recommendations: readonly WorkloadRecommendation[],
  { terminal, env }: CommandContext,
): void {
  const records = sortedRecords(recommendations);
  if (format !== 'table') {
    terminal.write(formatRecords(format, records));
    return;
  }
  const colour = terminal.interactive && env['NO_COLOR'] === undefined;
  terminal.write(`${formatTable(COLUMNS, records.map(cellsOf), colour)}\n\n${summaryOf(records)}\n`);
}
