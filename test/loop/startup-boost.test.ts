/** More CPU while pods start: given in place soon after they began, taken back when they are ready, template untouched. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment, Pod } from '#apis/kubernetes/builtin.ts';
import { STARTUP_BOOST } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import { DEPLOYMENTS, PODS } from '#kube/client/builtin-types.ts';
import { type LoopRig, startLoop, stored, withUsage } from './loop-rig.ts';

const READY_SECONDS = 40;
const KEPT_SECONDS = 20;

/** Ready some time after its containers began, as a runtime that compiles at first. */
const SLOW: Deployment = {
  metadata: { name: 'slow', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'slow' } },
    template: {
      metadata: { labels: { app: 'slow' } },
      spec: {
        containers: [
          {
            name: 'app',
            image: 'jvm:21',
            resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
            readinessProbe: { httpGet: { port: 8080 }, initialDelaySeconds: READY_SECONDS, periodSeconds: 5 },
          },
        ],
      },
    },
  },
};

let rig: LoopRig;
const podsOf = (name: string): readonly Pod[] =>
  rig.cluster.stored(PODS).filter(({ metadata }) => metadata?.labels?.['app'] === name);
const cpuOf = (pod: Pod): readonly (string | undefined)[] => {
  const resources = pod.spec?.containers[0]?.resources;
  return [resources?.requests?.['cpu'], resources?.limits?.['cpu']];
};
const template = (): unknown =>
  rig.cluster.stored(DEPLOYMENTS).find(({ metadata }) => metadata?.name === 'slow')?.spec?.template;

beforeAll(async () => {
  const usage = '{ preset: daily-service, cpu: { cores: 0.4 }, memory: { base: 300Mi } }';
  rig = await startLoop({ workloads: [withUsage(SLOW, usage)], historyDays: 4 });
  await rig.cluster.now(
    rig.cluster.client.create(COST_OPTIMIZATIONS, {
      metadata: { name: 'slow', namespace: 'default' },
      spec: {
        targetWorkload: { kind: 'Deployment', name: 'slow' },
        optimizationType: 'CPU',
        dryRun: false,
        containers: [{ name: '*', startupBoost: { cpuFactor: 3, seconds: KEPT_SECONDS } }],
      },
    }),
  );
  await rig.cluster.world.clock.runFor(5 * MINUTE_MS);
});

afterAll(() => {
  expect(rig.operator.failure).toBeUndefined();
  rig.supervisor.stop();
  rig.cluster.world.stop();
});

async function replaceOnePod(): Promise<string> {
  const before = podsOf('slow').map(({ metadata }) => metadata?.name ?? '');
  await rig.cluster.now(rig.cluster.client.delete(PODS, { namespace: 'default', name: before[0] ?? '' }));
  const fresh = (): string | undefined =>
    podsOf('slow').find(({ metadata }) => !before.includes(metadata?.name ?? ''))?.metadata?.name;
  expect(await rig.cluster.until(() => fresh() !== undefined, MINUTE_MS)).toBe(true);
  return fresh() ?? '';
}

const pod = (name: string): Pod => {
  const found = podsOf('slow').find(({ metadata }) => metadata?.name === name);
  if (found === undefined) throw new Error(`pod ${name} is gone`);
  return found;
};

describe('a startup boost', () => {
  it('leaves pods alone that run already', () => {
    expect(podsOf('slow').map(cpuOf)).toEqual([
      ['500m', '1'],
      ['500m', '1'],
    ]);
  });

  it('is given to a new pod before it is ready, and taken back after', async () => {
    const before = template();
    const name = await replaceOnePod();
    expect(await rig.cluster.until(() => cpuOf(pod(name))[0] === '1500m', 20_000)).toBe(true);
    expect(cpuOf(pod(name))).toEqual(['1500m', '3']);
    expect(await rig.cluster.until(() => cpuOf(pod(name))[0] === '500m', 3 * MINUTE_MS)).toBe(true);
    const ready = pod(name).status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.status).toBe('True');
    expect(
      rig.cluster.world.clock.now() - Date.parse(ready?.lastTransitionTime ?? ''),
    ).toBeGreaterThanOrEqual(KEPT_SECONDS * 1000);
    expect(cpuOf(pod(name))).toEqual(['500m', '1']);
    expect(template()).toEqual(before);
  });

  it('is given once, and no other part of the operator takes it for a size', async () => {
    const name = await replaceOnePod();
    expect(
      await rig.cluster.until(
        () => pod(name).metadata?.annotations?.[STARTUP_BOOST] === 'done',
        3 * MINUTE_MS,
      ),
    ).toBe(true);
    await rig.cluster.world.clock.runFor(10 * MINUTE_MS);
    expect(cpuOf(pod(name))).toEqual(['500m', '1']);
    expect(stored(rig, 'slow').status?.regressions ?? []).toEqual([]);
  });

  it('is taken back at once where its policy goes', async () => {
    const name = await replaceOnePod();
    expect(await rig.cluster.until(() => cpuOf(pod(name))[0] === '1500m', 20_000)).toBe(true);
    const body = { spec: { containers: [] } };
    const key = { namespace: 'default', name: 'slow' };
    await rig.cluster.now(rig.cluster.client.patch(COST_OPTIMIZATIONS, key, { patch: 'merge', body }));
    expect(await rig.cluster.until(() => cpuOf(pod(name))[0] === '500m', 20_000)).toBe(true);
  });
});
