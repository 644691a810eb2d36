import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { customResourceDefinitions } from '#controllers/crds.ts';
import { NAMESPACES } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { PlaygroundApiServer } from '#playground/api-server/playground-api-server.ts';
import { restoreWorkloads } from './restore-workloads.ts';

const clock = new SystemClock({ unref: true });
const FINALIZER = 'optimization.k8s.io/rollback';

let client: KubeClient;
let operator: ReturnType<typeof setInterval> | undefined;

beforeEach(async () => {
  client = new KubeClient(await PlaygroundApiServer.create({ clock, random: new SeededRandom(1) }));
  await installCrds(customResourceDefinitions(), { client, clock, fieldManager: 'test' });
  for (const name of ['shop', 'lab']) await client.create(NAMESPACES, { metadata: { name } });
});
afterEach(() => {
  clearInterval(operator);
});

function create(namespace: string, finalizers: string[] = []): Promise<CostOptimization> {
  return client.create(COST_OPTIMIZATIONS, {
    metadata: { namespace, name: 'web', finalizers },
    spec: { targetWorkload: { kind: 'Deployment', name: 'web' }, optimizationType: 'CPU' },
  });
}

/** Lets go of what is being deleted, as the operator does once a workload is restored. */
function startOperator(): void {
  operator = setInterval(() => {
    void client.list(COST_OPTIMIZATIONS).then(({ items }) => {
      for (const { metadata } of items) {
        if (metadata.deletionTimestamp === undefined) continue;
        const key = { namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
        void client.patch(COST_OPTIMIZATIONS, key, {
          patch: 'merge',
          body: { metadata: { finalizers: [] } },
        });
      }
    });
  }, 50);
}

const restore = (namespace?: string, timeoutMs = 20_000): Promise<number> =>
  restoreWorkloads({ client, clock, namespace, timeoutMs });

describe('restoring before KCloud goes', () => {
  it('waits for the finalizer of each', async () => {
    startOperator();
    await create('shop', [FINALIZER]);
    await create('lab');
    expect(await restore()).toBe(2);
    expect((await client.list(COST_OPTIMIZATIONS)).items).toEqual([]);
  });

  it('keeps to a namespace where one is named', async () => {
    startOperator();
    await create('shop', [FINALIZER]);
    await create('lab', [FINALIZER]);
    expect(await restore('shop')).toBe(1);
    const { items } = await client.list(COST_OPTIMIZATIONS);
    expect(items.map(({ metadata }) => [metadata.namespace, metadata.deletionTimestamp])).toEqual([
      ['lab', undefined],
    ]);
  });

  it('names what is left where nobody restores', async () => {
    await create('shop', [FINALIZER]);
    await expect(restore(undefined, 10)).rejects.toMatchObject({
      code: 'KC_RESTORE_INCOMPLETE',
      message: expect.stringContaining('shop/web') as string,
    });
  });

  it('has nothing to do where there is none', async () => {
    expect(await restore()).toBe(0);
  });
});
