/** The operator and the service as two processes: one asks the other, shows when it cannot, and applies for it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecommendationAnswer } from '#apis/optimizer-api/recommendation.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { NAMESPACES, PODS } from '#kube/client/builtin-types.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { freePort } from '../../testenv/processes/ports.ts';
import { ServerProcess } from '../../testenv/processes/server-process.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { startService, type ServiceProcess, whenReady } from './service-process.ts';
import { ask, FRONTEND, setStage, type Stage } from './stage.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

describeTargets(
  'an operator with OPTIMIZER_API_URL',
  (target) => {
    let stage: Stage;
    let operator: ServerProcess;
    let api: ServiceProcess | undefined;
    let port: number;

    beforeAll(async () => {
      stage = await setStage(target());
      const { client, kubeconfigPath } = target();
      await client.create(NAMESPACES, { metadata: { name: 'cost-optimizer' } });
      port = await freePort();
      const tokenFile = join(stage.directory, 'token');
      writeFileSync(tokenFile, stage.tokens.reader);
      const flags = [
        `--kubeconfig=${kubeconfigPath}`,
        `--data-dir=${join(stage.directory, 'operator')}`,
        `--metrics-port=${String(await freePort())}`,
        '--metrics-source=embedded',
        '--analysis-minutes=0.05',
      ];
      operator = ServerProcess.start({
        name: 'operator',
        command: process.execPath,
        args: [MAIN, 'operator', ...flags],
        directory: stage.directory,
        env: { OPTIMIZER_API_URL: `http://127.0.0.1:${String(port)}`, OPTIMIZER_API_TOKEN_FILE: tokenFile },
      });
    });

    afterAll(async () => {
      await Promise.all([operator.kill(), api?.process.kill(), stage.service.process.kill()]);
    });

    const status = async (name: string) =>
      (await target().client.get(COST_OPTIMIZATIONS, { namespace: stage.namespace, name })).status;
    const evidence = () => operator.tail();

    it('shows that the service is down, and changes nothing', async () => {
      await target().client.create(COST_OPTIMIZATIONS, {
        metadata: { namespace: stage.namespace, name: 'cpu' },
        spec: {
          targetWorkload: { kind: 'Deployment', name: FRONTEND },
          optimizationType: 'CPU',
          dryRun: true,
          autoApply: false,
        },
      });
      const analyzed = await eventually(
        'the condition',
        async () =>
          (await status('cpu'))?.conditions?.find(
            ({ type, reason }) => type === 'Analyzed' && reason === 'OptimizerUnavailable',
          ),
        { evidence },
      );
      expect(analyzed).toMatchObject({
        status: 'Unknown',
        message: expect.stringContaining(`http://127.0.0.1:${String(port)}`) as string,
      });
      expect(await status('cpu')).toMatchObject({ phase: 'Pending' });
    });

    it('goes on by itself when the service is there', async () => {
      const account = `system:serviceaccount:${stage.namespace}`;
      const flags = [
        `--kubeconfig=${target().kubeconfigPath}`,
        `--history=${join(stage.directory, 'usage.db')}`,
        `--port=${String(port)}`,
        `--reader=${account}:reader`,
        `--writer=${account}:writer`,
      ];
      api = await startService(stage.directory, flags, { name: 'optimizer-of-the-operator' });
      await whenReady(api);
      const found = await eventually(
        'a recommendation',
        async () => (await status('cpu'))?.currentRecommendation,
        { evidence },
      );
      expect(found).toMatchObject({ optimizationType: 'right_size_cpu', riskLevel: 'LOW' });
      expect((await status('cpu'))?.dataQuality).toMatchObject({ source: 'embedded' });
    });

    it('carries out what is applied through the service, to the byte', async () => {
      if (api === undefined) throw new Error('the service did not start');
      const there = { service: api, tokens: stage.tokens };
      const id = stage.frontend.metadata?.uid ?? '';
      const { json } = await ask(there, `POST /optimize/${id}`, {
        body: { optimization_types: ['right_size_memory'] },
      });
      const [recommendation] = (json as { readonly recommendations: readonly RecommendationAnswer[] })
        .recommendations;
      const wanted = recommendation?.recommended_config['memory_request'];
      await eventually('every pod to run', async () => (await memoryOf(target, stage)).length === 5);
      const applied = await ask(there, `POST /apply/${recommendation?.id ?? ''}`, {
        as: 'writer',
        body: { wait_seconds: 60 },
      });
      expect([applied.json, applied.status]).toMatchObject([{ status: 'applied' }, 200]);
      await eventually('every pod to have its new size', async () => {
        const sizes = await memoryOf(target, stage);
        return sizes.length === 5 && sizes.every((size) => size === wanted);
      });
      const again = await ask(there, `POST /optimize/${id}`, {
        body: { optimization_types: ['right_size_memory'] },
      });
      expect(again.json).toMatchObject({ recommendations: [], analyses: [{ outcome: 'nothing' }] });
    });
  },
  { level: 'cluster' },
);

/** The memory requests of the running pods of the front end. */
async function memoryOf(
  target: () => Parameters<typeof setStage>[0],
  stage: Stage,
): Promise<readonly unknown[]> {
  const { items } = await target().client.list(PODS, {
    namespace: stage.namespace,
    labelSelector: `app=${FRONTEND}`,
  });
  return items
    .filter(
      ({ metadata, status }) => metadata?.deletionTimestamp === undefined && status?.phase === 'Running',
    )
    .map(({ spec }) => spec?.containers[0]?.resources?.requests?.['memory']);
}
