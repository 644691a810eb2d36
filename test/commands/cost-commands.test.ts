/** `kcloud cost` and `kcloud power` as child processes, on the playground and on a real API server. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseCsv } from '#domain/cost/csv-rows.ts';
import { FOCUS_COLUMNS } from '#domain/focus/focus-columns.ts';
import { DEPLOYMENTS, NAMESPACES, NODES } from '#kube/client/builtin-types.ts';
import { eventually } from '../testenv/processes/eventually.ts';
import { removeAtExit } from '../testenv/processes/reaper.ts';
import { describeTargets } from '../testenv/targets/describe-targets.ts';

const run = promisify(execFile);

type Row = Readonly<Record<string, string | number | undefined>>;

describeTargets(
  'what a cluster costs and draws',
  (target) => {
    const directory = mkdtempSync(join(tmpdir(), 'kcloud-cost-'));
    removeAtExit(directory);
    const prices = join(directory, 'prices.yaml');

    const kcloud = (...args: readonly string[]) =>
      run(process.execPath, ['src/main.ts', ...args, `--kubeconfig=${target().kubeconfigPath}`]);
    const cost = async (...args: readonly string[]) => (await kcloud('cost', '--window=5m', ...args)).stdout;
    const rows = async (...args: readonly string[]) =>
      JSON.parse(await cost('-o', 'json', ...args)) as readonly Row[];

    async function deploy(namespace: string, team: string, replicas: number): Promise<void> {
      const { client } = target();
      await client.create(NAMESPACES, { metadata: { name: namespace } });
      const labels = { app: 'web', team };
      const resources = { requests: { cpu: '1', memory: '1Gi' } };
      await client.create(DEPLOYMENTS, {
        metadata: { name: 'web', namespace },
        spec: {
          replicas,
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'web', image: 'web:1', resources }] },
          },
        },
      });
      await eventually(`the pods of ${namespace} to run`, async () => {
        const found = await client.get(DEPLOYMENTS, { name: 'web', namespace });
        return found.status?.availableReplicas === replicas;
      });
    }

    beforeAll(async () => {
      await deploy('shop', 'red', 2);
      await deploy('bank', 'blue', 1);
      const { items } = await target().client.list(NODES);
      writeFileSync(prices, items.map(({ metadata }) => `node/${metadata?.name ?? ''}: 0.5\n`).join(''));
    }); // prettier-ignore

    it('shares the bill over namespaces, workloads, nodes and teams; every view comes to the same', async () => {
      const views = await Promise.all(
        [['--by=namespace'], ['--by=workload'], ['--by=team'], ['--by=node', '--idle=share']].map(
          (flags) => rows(...flags),
        ),
      );
      const [namespaces = [], workloads = [], teams = []] = views;
      expect(namespaces.map(({ namespace }) => namespace)).toEqual(expect.arrayContaining(['shop', 'bank', '__idle__']));
      expect(workloads).toContainEqual(expect.objectContaining({ namespace: 'shop', kind: 'Deployment', name: 'web', pods: 2 }));
      expect(teams.map(({ team }) => team)).toEqual(expect.arrayContaining(['red', 'blue']));
      // Each view was read at its own moment: what a month costs depends on no moment.
      const months = views.map((view) => view.reduce((sum, row) => sum + Number(row['usdPerMonth']), 0));
      for (const month of months) expect(month / (months[0] ?? 1)).toBeCloseTo(1, 2);
    }); // prettier-ignore

    it('prices machines by the list that it is given', async () => {
      const { stdout, stderr } = await kcloud('cost', '--window=5m', '-o', 'json', `--price-list=${prices}`);
      const month = (JSON.parse(stdout) as readonly Row[]).reduce((sum, row) => sum + Number(row['usdPerMonth']), 0);
      const { items } = await target().client.list(NODES);
      expect(month / (items.length * 0.5 * 730)).toBeCloseTo(1, 6);
      expect(stderr).not.toContain('default rates');
      expect((await kcloud('cost', '--window=5m')).stderr).toMatch(/priced at the default rates, as no price list names/);
    }); // prettier-ignore

    it('writes the same in every format', async () => {
      const table = await cost('--by=team', '--carbon-intensity=0.42');
      expect(table).toMatch(/^TEAM +PODS +CPU \$.*\nred +2 /);
      expect(table).toMatch(/idle +0 .*\n\n\$\d+\.\d+ in 5m: .* a month as it runs now/);
      expect(table).toContain('carbon at 0.42 kg/kWh');
      const yaml = parse(await cost('-o', 'yaml', '--by=team')) as readonly Row[];
      const csv = parseCsv(await cost('-o', 'csv', '--by=team'));
      expect(csv.rows.map(({ cells }) => cells['team'])).toEqual(yaml.map(({ team }) => team));
      expect(csv.columns).toEqual(
        expect.arrayContaining(['costUsd', 'usdPerMonth', 'watts', 'kwh', 'carbonKg']),
      );
    });

    it('writes FOCUS rows whose parts sum to each node’s charge', async () => {
      const { columns, rows: charges } = parseCsv(await cost('-o', 'focus', '--cluster-name=prod', `--price-list=${prices}`));
      expect(columns).toEqual([...FOCUS_COLUMNS]);
      for (const [, own] of Map.groupBy(charges, ({ cells }) => `${cells['ResourceId'] ?? ''} ${cells['ChargePeriodStart'] ?? ''}`)) {
        const sum = (column: string) => own.reduce((total, { cells }) => total + Number(cells[column]), 0);
        const [first] = own;
        const hours = (Date.parse(first?.cells['ChargePeriodEnd'] ?? '') - Date.parse(first?.cells['ChargePeriodStart'] ?? '')) / 3_600_000;
        expect(sum('PricingQuantity')).toBeCloseTo(hours, 3);
        expect(sum('BilledCost')).toBeCloseTo(0.5 * sum('PricingQuantity'), 6);
        expect(first?.cells).toMatchObject({ SubAccountId: 'prod', ListUnitPrice: '0.5', PricingCategory: 'Standard' });
      }
      expect(charges.map(({ cells }) => cells['x_WorkloadName'])).toContain('web');
    }); // prettier-ignore

    it('shows watts with where they come from, and says what is not known', async () => {
      const power = async (...args: readonly string[]) => kcloud('power', ...args);
      const { stdout, stderr } = await power('--by=node', '-o', 'json');
      const nodes = JSON.parse(stdout) as readonly Row[];
      const isKnown = nodes.length > 0;
      // A cluster without metrics says so; one with them has watts for its nodes.
      expect(isKnown || stderr.includes('note: ')).toBe(true);
      for (const node of nodes) {
        expect(['measured', 'modelled', 'default']).toContain(node['origin']);
        expect(Number(node['watts'])).toBeGreaterThan(0);
        expect(Number(node['activeWatts']) + Number(node['idleWatts'])).toBeCloseTo(Number(node['watts']), 9);
      }
      expect((await power('--by=workload')).stdout).toMatch(
        /^WORKLOAD +WATTS .*\n[^]*\d+ nodes draw \d+\.\d W\.\n$/,
      );
    });

    it('says what is wrong with flags that it cannot use', async () => {
      const cases = [
        ['--by=label', /label needs --label <key>/],
        ['--window=1s', /--window: "1s" is not a duration/],
        ['--price-list=/nowhere', /nowhere.*KC_PRICES_UNAVAILABLE/],
        ['--pue=0.5', /--pue: must be a number from 1/],
        ['--carbon-intensity=/nowhere', /neither a number nor a file/],
      ] as const;
      await Promise.all(
        cases.map(([flag, message]) => expect(kcloud('cost', flag)).rejects.toThrow(message)),
      );
    });
  },
  { level: 'cluster' },
);
