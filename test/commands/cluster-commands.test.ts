/** The commands that work on a cluster, as child processes: recommend, operator, explain, approve, rollback. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import type { CostOptimizationStatus } from '#apis/optimization.k8s.io/v1/status.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import type { UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';
import { DEPLOYMENTS, NAMESPACES, PODS } from '#kube/client/builtin-types.ts';
import { eventually } from '../testenv/processes/eventually.ts';
import { removeAtExit } from '../testenv/processes/reaper.ts';
import { describeTargets } from '../testenv/targets/describe-targets.ts';

const run = promisify(execFile);
const KEY = { namespace: 'shop', name: 'web' };
const STEP_MS = 5 * MINUTE_MS;
const STEPS = 10 * 288;
const LABELS = { app: 'web' };

function series(valueOf: (step: number) => number): UsageSeries {
  const startMs = Math.floor(Date.now() / STEP_MS) * STEP_MS - STEPS * STEP_MS;
  const values = Float64Array.from({ length: STEPS }, (_, step) => valueOf(step));
  return { startMs, stepMs: STEP_MS, max: values, mean: values, pods: new Float64Array(STEPS).fill(2) };
}

/** Ten days of a service that uses a tenth of what it reserves. */
function quietDays(): WorkloadUsage {
  const day = (step: number): number => 1 + 0.4 * Math.sin((2 * Math.PI * step) / 288);
  const cpuCores = series((step) => 0.15 * day(step));
  const memoryBytes = series((step) => (180 + 20 * day(step)) * 2 ** 20);
  const { startMs: fromMs } = cpuCores;
  const toMs = fromMs + STEPS * STEP_MS;
  return {
    workload: { kind: 'Deployment', ...KEY },
    fromMs,
    toMs,
    containers: [{ container: 'web', cpuCores, memoryBytes, oomKills: [] }],
    source: 'test',
    lastSampleAtMs: toMs,
  };
}

describeTargets(
  'commands',
  (target) => {
    const directory = mkdtempSync(join(tmpdir(), 'kcloud-commands-'));
    removeAtExit(directory);
    const historyFile = join(directory, 'usage.db');
    let operator: ReturnType<typeof spawn> | undefined;

    const connected = () => [`--kubeconfig=${target().kubeconfigPath}`, '--namespace=shop'];
    const kcloud = async (...args: readonly string[]): Promise<string> =>
      (await run(process.execPath, ['src/main.ts', ...args, ...connected()])).stdout;
    const recommend = (format: string) => kcloud('recommend', `--history=${historyFile}`, '-o', format);

    async function status(): Promise<CostOptimizationStatus> {
      return (await target().client.get(COST_OPTIMIZATIONS, KEY)).status ?? {};
    }

    beforeAll(async () => {
      const { client } = target();
      await client.create(NAMESPACES, { metadata: { name: 'shop' } });
      const resources = { requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '2', memory: '2Gi' } };
      const spec = { containers: [{ name: 'web', image: 'web:1', resources }] };
      await client.create(DEPLOYMENTS, {
        metadata: KEY,
        spec: {
          replicas: 2,
          selector: { matchLabels: LABELS },
          template: { metadata: { labels: LABELS }, spec },
        },
      });
      await eventually('web to be available', async () => {
        return (await client.get(DEPLOYMENTS, KEY)).status?.availableReplicas === 2;
      });
      const history = UsageHistory.open(historyFile);
      history.import([quietDays()]);
      history.close();
    });

    afterAll(() => {
      operator?.kill('SIGKILL');
    });

    it('recommend prints one finding in every format', async () => {
      const table = await recommend('table');
      expect(table).toMatch(/shop.*web/);
      const [found] = JSON.parse(await recommend('json')) as readonly Readonly<Record<string, unknown>>[];
      expect(found).toMatchObject({ namespace: 'shop', kind: 'Deployment', name: 'web' });
      // Each run sees the newest sample grow older.
      const sampleAgeSeconds = expect.any(Number) as unknown;
      expect(parse(await recommend('yaml'))).toEqual([{ ...found, sampleAgeSeconds }]);
      const [head, row, ...rest] = (await recommend('csv')).trim().split('\r\n');
      // JSON leaves out what is unknown; a table has its column.
      expect(head?.split(',')).toEqual(expect.arrayContaining(Object.keys(found ?? {})));
      expect(row).toContain('web');
      expect(rest).toEqual([]);
    });

    it('operator and explain: a recommendation, and why it waits', async () => {
      const flags = [
        '--install-crds',
        '--operator-namespace=default',
        '--metrics-port=0',
        '--metrics-source=embedded',
      ];
      const own = [
        `--kubeconfig=${target().kubeconfigPath}`,
        `--data-dir=${directory}`,
        '--analysis-minutes=0.05',
      ];
      operator = spawn(process.execPath, ['src/main.ts', 'operator', ...own, ...flags]);
      await eventually('the definition to be served', async () => {
        await target().client.create(COST_OPTIMIZATIONS, {
          metadata: KEY,
          spec: {
            targetWorkload: { kind: 'Deployment', name: 'web' },
            optimizationType: 'CPU',
            verificationWindow: '2s',
          },
        });
        return true;
      });
      await eventually('a recommendation', async () => (await status()).phase === 'Ready');
      const text = await kcloud('explain', 'costopt/web');
      expect(text).toMatch(/right_size_cpu/);
      expect(text).toMatch(/waiting for an approval/);
      expect(await kcloud('approve', 'web')).toMatch(/approved, but an approval does not open DryRun/);
      expect(JSON.parse(await kcloud('explain', 'web', '-o', 'json'))).toMatchObject({ phase: 'Ready' });
    });

    it('approve applies it, rollback takes it back', async () => {
      const sizes = async () => {
        const { items } = await target().client.list(PODS, { namespace: 'shop' });
        return items.map(({ spec }) => spec?.containers[0]?.resources?.requests?.['cpu']);
      };
      const body = { spec: { dryRun: false } };
      await target().client.patch(COST_OPTIMIZATIONS, KEY, { patch: 'merge', body });
      await kcloud('approve', 'web');
      await eventually('the change to be applied', async () => (await status()).phase === 'Applied');
      expect(await sizes()).toEqual(['1', '1']);
      await kcloud('rollback', 'web');
      await eventually('the change to be rolled back', async () => (await status()).phase === 'RolledBack');
      await eventually('the pods to have their sizes again', async () => (await sizes()).join() === '2,2');
    });

    it('says what is wrong with a name that is not there', async () => {
      await expect(kcloud('explain', 'nobody')).rejects.toThrow(/costoptimizations.*shop\/nobody.*404/);
    });
  },
  { level: 'cluster' },
);
