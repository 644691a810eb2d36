/**
 * The operator killed around its writes, on a real API server: whatever it was about to do, the next life finishes
 * it, and deletion gives the workload back. The simulator tries every write; this samples them where watches, owners
 * and conflicts are real.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import { SimulatedOperator } from '#commands/simulation/simulated-operator.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { customResourceDefinitions } from '#controllers/crds.ts';
import { DAY_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS } from '#kube/client/builtin-types.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { SystemClock } from '#platform/clock.ts';
import { systemRandom } from '#platform/random.ts';
import { type CrashPoint, SimulatedProcess } from '#playground/simulation/simulated-process.ts';
import { crashPoints, Supervisor } from '#playground/simulation/supervisor.ts';
import { whyNoControlPlane } from '../testenv/binaries.ts';
import { type RealCluster, startRealCluster } from '../testenv/fleet/real-cluster.ts';
import { eventually } from '../testenv/processes/eventually.ts';
import { skipReason } from '../testenv/real-components.ts';

const HISTORY_MS = 8 * DAY_MS;
const STEP_MS = 5 * MINUTE_MS;
/** Of the places where it can die, this many are tried. */
const SAMPLES = 6;
const clock = new SystemClock();

function deployment(name: string): Deployment {
  const labels = { app: name };
  const annotations = {
    'playground.kcloud.io/usage': '{ preset: daily-service, cpu: { cores: 0.2 }, memory: { base: 200Mi } }',
  };
  const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } };
  return {
    metadata: { namespace: name, name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: { containers: [{ name: 'app', image: 'app:1', resources }] },
      },
    },
  };
}

function optimization(name: string): CostOptimization {
  return {
    metadata: { namespace: name, name },
    spec: {
      targetWorkload: { kind: 'Deployment', name },
      optimizationType: 'ALL',
      autoApply: true,
      dryRun: false,
      minConfidence: 0.5,
      maxRiskLevel: 'MEDIUM',
      verificationWindow: '1s',
    },
  };
}

const reason = skipReason('crashes on a real API server', whyNoControlPlane());

describe.skipIf(reason !== undefined)('crashes on a real API server', () => {
  let cluster: RealCluster;
  const client = () => cluster.controlPlane.client;

  beforeAll(async () => {
    const past = { sinceMs: Date.now() - HISTORY_MS, beforeMs: Date.now() + 10 * MINUTE_MS };
    cluster = await startRealCluster({ past });
    const install = { client: client(), clock, fieldManager: 'test' };
    await installCrds(customResourceDefinitions(), install);
    await client().create(NAMESPACES, { metadata: { name: 'cost-optimizer' } });
  });
  afterAll(() => cluster.stop());

  async function sizes(name: string): Promise<unknown> {
    const { items } = await client().list(PODS, { namespace: name, labelSelector: `app=${name}` });
    const living = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    return living.map(({ spec }) => spec?.containers[0]?.resources);
  }

  const available = (name: string) =>
    eventually(`${name} to be available`, async () => {
      const { status } = await client().get(DEPLOYMENTS, { namespace: name, name });
      return status?.availableReplicas === 2;
    });

  /** One whole life of a CostOptimization, in a namespace of its own; what it left behind, and how many writes it took. */
  async function story(name: string, crashAt?: CrashPoint) {
    await client().create(NAMESPACES, { metadata: { name } });
    await client().create(DEPLOYMENTS, deployment(name));
    await available(name);
    const before = {
      sizes: await sizes(name),
      spec: (await client().get(DEPLOYMENTS, { namespace: name, name })).spec,
    };
    const operator = new SimulatedOperator({
      random: () => systemRandom,
      collectIntervalMs: 5000,
      settings: { analysisIntervalMs: 2000, applyDeadlineMs: 60_000, watchNamespace: name },
    });
    const toMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    operator.learn(cluster.fleet.pastUsage({ fromMs: toMs - HISTORY_MS, toMs, stepMs: STEP_MS }));
    const { transport } = cluster.controlPlane;
    const supervisor = new Supervisor({
      clock,
      main: operator.main,
      restartAfterMs: 100,
      spawn: (life, onCrash) =>
        new SimulatedProcess({
          name: `${name}#${String(life)}`,
          clock,
          transport,
          onCrash,
          ...(life > 0 || crashAt === undefined ? {} : { crashAt }),
        }),
    });
    const key = { namespace: name, name };
    await client().create(COST_OPTIMIZATIONS, optimization(name));
    await eventually(`${name} to be verified`, async () => {
      const { status } = await client().get(COST_OPTIMIZATIONS, key);
      return status?.verification?.result === 'Passed';
    });
    const applied = await sizes(name);
    await client().delete(COST_OPTIMIZATIONS, key);
    await eventually(`${name} to be given back`, async () => {
      expect(await sizes(name)).toEqual(before.sizes);
      return (await client().list(COST_OPTIMIZATIONS, { namespace: name })).items.length === 0;
    });
    const after = { sizes: await sizes(name), spec: (await client().get(DEPLOYMENTS, key)).spec };
    const left = (await client().list(CONFIG_MAPS, { namespace: name })).items.filter(
      ({ metadata }) => metadata?.name?.startsWith(name) === true,
    );
    const { writes } = supervisor.process;
    const { lives } = supervisor;
    supervisor.stop();
    operator.close();
    await client().delete(DEPLOYMENTS, key);
    return { before, after, applied, left, writes, lives, failure: operator.failure };
  }

  it('change nothing of the outcome', async () => {
    const calm = await story('calm');
    expect(calm.after).toEqual(calm.before);
    const points = crashPoints(calm.writes);
    const every = Math.max(1, Math.floor(points.length / SAMPLES));
    const sampled = points.filter((_, index) => index % every === 0);
    const crashed = await Promise.all(sampled.map((point, index) => story(`crash-${String(index)}`, point)));
    for (const one of crashed) {
      const { before: after } = one;
      expect(one).toMatchObject({ after, applied: calm.applied, left: [], failure: undefined });
    }
    // How many writes a life takes varies by an event or two: the last points may lie behind the end.
    expect(crashed.filter(({ lives }) => lives === 2).length).toBeGreaterThanOrEqual(SAMPLES - 2);
  });
});
