/** `kcloud power`: what namespaces, workloads, nodes and devices draw, in watts. Reads only. */
import type { PowerSnapshot } from '#domain/power/power.ts';
import { podSpans, readClusterObjects } from '#services/costs/cluster-costs.ts';
import { clusterFlags, type ClusterConnection, connectCluster } from '../cli/cluster.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { windowOf } from '../cost/command.ts';
import { openSources, sourceFlags } from '../cost/sources.ts';
import { type Format, FORMATS, formatRecords } from '../terminal/output.ts';
import { formatTable } from '../terminal/table.ts';
import { POWER_GROUPINGS, powerCells, powerColumns, type PowerGrouping, powerRecords } from './rows.ts';

const flags = defineFlags({
  ...clusterFlags,
  by: { type: 'text', default: 'namespace', choices: POWER_GROUPINGS, describe: 'what a row stands for' },
  window: {
    type: 'text',
    default: '5m',
    describe: 'counters become watts over this time until now, 5m to 90d',
  },
  output: { type: 'text', short: 'o', default: 'table', choices: FORMATS, describe: 'format' },
  ...sourceFlags,
});
type Values = FlagValues<typeof flags>;

export const powerCommand = defineCommand({
  name: 'power',
  summary: 'Show what namespaces, workloads, nodes and devices draw, in watts.',
  usage: [
    'kcloud power [--by namespace|workload|pod|node|device] [-n <namespace>] [-o table|json|csv|yaml]',
    '',
    'Watts are measured where Kepler, DCGM or another exporter is scraped, and modelled from utilisation elsewhere;',
    'each row says which, and how old its oldest sample is. What is not known is named below, and is in no row.',
  ].join('\n'),
  flags,
  run: async ({ values }, context) => {
    const connection = await connectCluster(values);
    context.terminal.note(`reading the cluster at ${connection.server}\n`);
    const { power } = await openSources(values, connection);
    const nowMs = Date.now();
    const [snapshot, ownerOf] = await Promise.all([
      power.current({ atMs: nowMs, windowMs: windowOf(values.window) }),
      readOwners(connection, nowMs),
    ]);
    print({ snapshot, ownerOf, nowMs }, values, context);
    for (const { subject, message } of snapshot.problems) {
      context.terminal.note(`note: ${subject}: ${message}\n`);
    }
    return 0;
  },
});

/** `Kind/name` of what made each pod. */
async function readOwners({ client }: ClusterConnection, nowMs: number): Promise<Reading['ownerOf']> {
  const spans = podSpans(await readClusterObjects(client), nowMs);
  const owners = new Map(spans.map(({ namespace, name, owner }) => [`${namespace}/${name}`, owner]));
  return (namespace, pod) => {
    const owner = owners.get(`${namespace}/${pod}`);
    return owner === undefined ? `Pod/${pod}` : `${owner.kind}/${owner.name}`;
  };
}

interface Reading {
  readonly snapshot: PowerSnapshot;
  readonly ownerOf: (namespace: string, pod: string) => string;
  readonly nowMs: number;
}

function print(
  { snapshot, ownerOf, nowMs }: Reading,
  values: Values,
  { terminal, env }: CommandContext,
): void {
  const by = values.by as PowerGrouping;
  const records = powerRecords(snapshot, { by, ownerOf, nowMs, namespace: values.namespace });
  const format = values.output as Format;
  if (format !== 'table') {
    terminal.write(formatRecords(format, records));
    return;
  }
  const colour = terminal.interactive && env['NO_COLOR'] === undefined;
  const cells = records.map((record) => powerCells(record, by));
  const watts = snapshot.nodes.reduce((sum, node) => sum + node.watts, 0);
  terminal.write(
    `${formatTable(powerColumns(by), cells, colour)}\n\n${snapshot.nodes.length} nodes draw ${watts.toFixed(1)} W.\n`,
  );
}
