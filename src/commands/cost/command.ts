/** `kcloud cost`: what namespaces, workloads, nodes and teams cost, with watts and carbon. Reads only. */
import { type AggregateOptions, type Grouping, IDLE_MODES } from '#domain/allocation/aggregate.ts';
import { focusCsv, focusJson } from '#domain/focus/focus-text.ts';
import { DAY_MS, MINUTE_MS, parseDuration } from '#domain/units/duration.ts';
import { KcError } from '#errors/kc-error.ts';
import { clusterFlags, connectCluster } from '../cli/cluster.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import { energyFlags, energyTariffOf } from '../cli/energy-flags.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { priceFlags, pricesOf } from '../cli/price-flags.ts';
import { FORMATS, type Format, formatRecords } from '../terminal/output.ts';
import { formatTable } from '../terminal/table.ts';
import { type Bill, readBill, viewOf } from './bill.ts';
import { billAsFocus } from './focus.ts';
import { cellsOf, columnsOf, recordOf } from './rows.ts';
import { summaryOf } from './summary.ts';
import { openSources, sourceFlags } from './sources.ts';

const GROUPINGS = ['namespace', 'workload', 'node', 'pod', 'team', 'label'] as const;
const OUTPUTS = [...FORMATS, 'focus', 'focus-json'] as const;
type Output = (typeof OUTPUTS)[number];

const flags = defineFlags({
  ...clusterFlags,
  by: { type: 'text', default: 'namespace', choices: GROUPINGS, describe: 'what a row stands for' },
  label: { type: 'text', describe: 'the pod label that rows go by; sets --by label' },
  'team-label': { type: 'text', default: 'team', env: ['TEAM_LABEL'], describe: 'the pod label that names a team' },
  window: { type: 'text', default: '1h', describe: 'the time until now, 5m to 90d' },
  idle: { type: 'text', default: 'separate', choices: IDLE_MODES, describe: 'idle on a line of its own, shared by those who run on its node, or hidden' },
  'shared-namespace': { type: 'list', describe: 'namespace whose cost all others share; repeatable' },
  'billing-account': { type: 'text', default: 'default', env: ['BILLING_ACCOUNT'], describe: 'BillingAccountId of FOCUS rows' },
  'cluster-name': { type: 'text', default: 'default', env: ['CLUSTER_NAME'], describe: 'SubAccountId of FOCUS rows' },
  provider: { type: 'text', describe: 'ProviderName of FOCUS rows, where the nodes do not tell' },
  output: { type: 'text', short: 'o', default: 'table', choices: OUTPUTS, describe: 'format; focus is CSV' },
  ...priceFlags,
  ...energyFlags,
  ...sourceFlags,
}); // prettier-ignore
type Values = FlagValues<typeof flags>;

export const costCommand = defineCommand({
  name: 'cost',
  summary: 'Show what namespaces, workloads, nodes and teams cost, with watts and carbon.',
  usage: [
    'kcloud cost [--by namespace|workload|node|pod|team|label] [--label <key>] [--window 24h] [-n <namespace>]',
    '            [--price-list <file|address>] [-o table|json|csv|yaml|focus|focus-json]',
    '',
    'The price of each node is shared by its pods, by the larger of request and usage; what nobody holds is idle.',
    'A price list has one line per key, the most particular counts:',
    '  node/<name>: 3.10                 one machine',
    '  <type>/spot@<zone>: 0.071         <type>/spot: 0.08         a spot node',
    '  <type>@<zone>: 0.20               <type>: 0.192             a node on demand',
    '  gpu/<product>: 2.50               the rate of one GPU of a make, for the split of a machine’s price',
    'Needs list on nodes and pods of the whole cluster. Pods that are gone are known from kube-state-metrics in a PromQL',
    'store; without it their part stands in idle.',
  ].join('\n'),
  flags,
  run: async ({ values }, context) => {
    const grouping = groupingOf(values);
    const bill = await bills(values, context);
    const output = values.output as Output;
    if (output === 'focus' || output === 'focus-json') {
      const rows = billAsFocus(bill, {
        billingAccountId: values['billing-account'],
        cluster: values['cluster-name'],
        provider: values.provider,
      });
      context.terminal.write(output === 'focus' ? focusCsv(rows) : focusJson(rows));
    } else print(bill, { values, grouping }, context);
    for (const note of bill.notes) context.terminal.note(`note: ${note}\n`);
    return 0;
  },
});

async function bills(values: Values, { terminal }: CommandContext): Promise<Bill> {
  const tariff = energyTariffOf(values);
  const prices = pricesOf(values);
  const windowMs = windowOf(values.window);
  await prices.ready();
  const connection = await connectCluster(values);
  terminal.note(`reading the cluster at ${connection.server}\n`);
  const sources = await openSources(values, connection);
  const toMs = Date.now();
  const note = (text: string): void => {
    terminal.note(text);
  };
  return readBill({ connection, sources, prices, tariff, note, fromMs: toMs - windowMs, toMs });
}

export function windowOf(text: string): number {
  const bounds = { field: '--window', minMs: 5 * MINUTE_MS, maxMs: 90 * DAY_MS };
  return parseDuration(text, bounds);
}

function groupingOf({ by, label, 'team-label': team }: Values): Grouping {
  if (label !== undefined) return { by: 'label', label };
  if (by === 'team') return { by: 'label', label: team };
  if (by === 'label') {
    throw new KcError('KC_CONFIG_INVALID', { field: '--by', problem: 'label needs --label <key>' });
  }
  return { by: by as 'namespace' | 'workload' | 'node' | 'pod' };
}

interface Shown {
  readonly values: Values;
  readonly grouping: Grouping;
}

function print(bill: Bill, { values, grouping }: Shown, { terminal, env }: CommandContext): void {
  const view = viewOf(bill, {
    grouping,
    idle: values.idle as AggregateOptions['idle'],
    sharedNamespaces: values['shared-namespace'],
    onlyNamespace: values.namespace,
  });
  const records = view.rows.map((row) =>
    recordOf(row, bill, { grouping, usdPerHour: view.usdPerHourOf(row) }),
  );
  const format = values.output as Format;
  if (format !== 'table') {
    terminal.write(formatRecords(format, records));
    return;
  }
  const colour = terminal.interactive && env['NO_COLOR'] === undefined;
  const cells = records.map((record) => cellsOf(record, grouping));
  terminal.write(
    `${formatTable(columnsOf(grouping), cells, colour)}\n\n${summaryOf(view, bill).join('\n')}\n`,
  );
}
