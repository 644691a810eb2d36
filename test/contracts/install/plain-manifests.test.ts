/** The plain manifests and the scripts that users are given, from installation to removal, on a real control plane. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import { whyNoControlPlane } from '../../testenv/binaries.ts';
import { type RealCluster, startRealCluster } from '../../testenv/fleet/real-cluster.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { RedisDouble } from '../../servers/redis/redis-double.ts';
import { namedMetrics } from './monitoring.ts';
import { OperatorProcess } from './operator-process.ts';
import { pastUsage, type PastWorkload } from './past-usage.ts';
import { runScript, type ScriptCall, type ScriptRun } from './scripts.ts';

const TITLE = 'deploy.sh and test_operator.sh';

/** USD per hour of the nodes: without a price of spot nodes, nothing would be known of what they save. */
function priceList(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kcloud-prices-'));
  removeAtExit(folder);
  const file = join(folder, 'prices.yaml');
  writeFileSync(file, 'm6i.8xlarge: 1.536\nm6i.8xlarge/spot: 0.56\n');
  return file;
}
const MIB = 2 ** 20;

const PAST: readonly PastWorkload[] = [
  { namespace: 'cost-optimizer-test', name: 'frontend-web', pods: 5, coresPerPod: 0.3, memoryBytes: 700 * MIB },
  { namespace: 'cost-optimizer-test', name: 'api-gateway', pods: 8, coresPerPod: 0.1, memoryBytes: 300 * MIB },
  { namespace: 'cost-optimizer-test', name: 'batch-processor', pods: 10, coresPerPod: 0.6, memoryBytes: 1024 * MIB },
  { namespace: 'cost-optimizer-test', name: 'microservice-analytics', pods: 6, coresPerPod: 0.1, memoryBytes: 300 * MIB },
]; // prettier-ignore

describe.skipIf(skipReason(TITLE, whyNoControlPlane()))(TITLE, () => {
  let cluster: RealCluster;
  const run = (call: ScriptCall): Promise<ScriptRun> => runScript(cluster.controlPlane, call);

  beforeAll(async () => {
    cluster = await startRealCluster({
      nodes: [
        ...nodesOf({ instanceType: 'm6i.8xlarge', count: 3 }),
        ...nodesOf({ instanceType: 'm6i.8xlarge', count: 2, capacityType: 'spot' }),
      ],
    });
    return () => cluster.stop();
  });
  let operator: OperatorProcess | undefined;
  let redis: RedisDouble | undefined;
  afterAll(async () => {
    await operator?.stop();
    await redis?.stop();
  });

  it('says what is missing before it changes anything', async () => {
    const nowhere = await run({ script: 'deploy/deploy.sh', args: ['install', 'no-such-cluster'] });
    expect(nowhere.code).toBe(1);
    expect(nowhere.output).toContain('there is no context kind-no-such-cluster or no-such-cluster');
    const status = await run({ script: 'deploy/deploy.sh', args: ['status'] });
    expect([status.code, status.output]).toEqual([
      1,
      'not installed: there is no custom resource definition\n',
    ]);
    const unknown = await run({ script: 'deploy/deploy.sh', args: ['--nonsense'] });
    expect(unknown.output).toContain('unknown option --nonsense');
  });

  it('installs, twice without harm, the second time with the optimizer API', async () => {
    for (const OPTIMIZER_API of ['0', '1']) {
      const env = { WAIT: '0', OPTIMIZER_API };
      const installed = await run({ script: 'deploy/deploy.sh', args: ['install'], env });
      expect(installed.code, installed.output).toBe(0);
    }
    const status = await run({ script: 'deploy/deploy.sh', args: ['status'] });
    expect(status.code, status.output).toBe(0);
    expect(status.output).toContain('deployment.apps/cost-optimizer-operator');
    const told = await cluster.controlPlane.kubectl(['-n', 'cost-optimizer', 'set', 'env', 'deployment/cost-optimizer-operator', '--list']); // prettier-ignore
    expect(told).toContain('OPTIMIZER_API_URL=http://optimizer-api.cost-optimizer.svc.cluster.local:8000');
  });

  it(
    'passes the operator test suite, every example applied, and every workload restored exactly',
    { timeout: 600_000 },
    async () => {
      const history = PAST.map((past) => pastUsage(past, Date.now()));
      redis = await RedisDouble.start();
      const env = { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(redis.port), PRICE_LIST: priceList() };
      operator = await OperatorProcess.start(cluster.controlPlane, { history, env });
      const suite = await run({
        script: 'tests/test_operator.sh',
        env: {
          OPERATOR: 'external',
          METRICS_URL: operator.metricsUrl,
          LOG_FILE: operator.logFile,
          REQUIRE_RECOMMENDATIONS: '1',
          TIMEOUT: '120',
        },
      });
      expect(suite.code, `${suite.output}\n${operator.tail()}`).toBe(0);
      expect(suite.output).toMatch(/\n[1-9]\d+ passed, 0 failed, \d skipped\n$/);
    },
  );

  it('told Redis of each original, and of its end', () => {
    expect(redis?.written).toContain('rollback:cost-optimizer-test:Deployment:frontend-web');
    expect([...(redis?.data.keys() ?? [])]).toEqual([]);
  });

  it('exposes every metric that the rules and dashboards name', async () => {
    const text = await (await fetch(operator?.metricsUrl ?? '')).text();
    const exposed = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const missing = [...namedMetrics()].filter((name) => !name.includes(':') && !exposed.has(name));
    expect(missing).toEqual([]);
  });

  it('rotates the key of the stored originals', async () => {
    const before = await cluster.controlPlane.kubectl(KEY);
    const rotated = await run({ script: 'deploy/deploy.sh', args: ['rotate-key'] });
    expect(rotated.code, rotated.output).toBe(0);
    const { data } = JSON.parse(await cluster.controlPlane.kubectl(KEY)) as KeySecret;
    const { data: old } = JSON.parse(before) as KeySecret;
    const added = Object.keys(data).filter((name) => !(name in old));
    expect(data).toEqual({
      ...old,
      current: Buffer.from(added[0] ?? '').toString('base64'),
      [added[0] ?? '']: data[added[0] ?? ''],
    });
    expect(Buffer.from(data[added[0] ?? ''] ?? '', 'base64')).toHaveLength(32);
  });

  it('removes everything', async () => {
    const removed = await run({ script: 'deploy/deploy.sh', args: ['uninstall'] });
    expect(removed.code, removed.output).toBe(0);
    const left = await cluster.controlPlane.kubectl([
      'get',
      'clusterroles,clusterrolebindings,validatingwebhookconfigurations,mutatingwebhookconfigurations',
      '-l',
      'app.kubernetes.io/part-of=kcloud',
      '-o',
      'name',
    ]);
    expect(left).toBe('');
  });
});

const KEY = ['-n', 'cost-optimizer', 'get', 'secret', 'kcloud-rollback-key', '-o', 'json'] as const;

interface KeySecret {
  readonly data: Readonly<Record<string, string>>;
}
