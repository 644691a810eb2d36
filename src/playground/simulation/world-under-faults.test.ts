/** The shipped client and informers, in virtual time, behind a network that lies, breaks and refuses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment, Pod } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { DEPLOYMENTS, NAMESPACES, PODS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { Informers } from '#kube/watch/informers.ts';
import { silentLogger } from '#platform/logger.ts';
import { nodesOf } from '../fleet/nodes/node-shape.ts';
import { NAMESPACE, deployment, template } from '../fleet/testing/fleet-rig.ts';
import type { FaultPlan } from './fault-plan.ts';
import { playgroundServer } from './playground-server.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;
const NODES = nodesOf({ instanceType: 'm6i.xlarge', count: 3 });
const UNTIL = { untilMs: 20 * MINUTE_MS };

/** Everything goes wrong for twenty minutes. */
const TROUBLE: FaultPlan = {
  answers: [
    { status: 503, share: 0.1, ...UNTIL },
    { status: 429, share: 0.05, retryAfterSeconds: 1, ...UNTIL },
    { status: 410, share: 0.05, ...UNTIL },
  ],
  slow: { share: 0.2, minMs: 10, maxMs: 5000, ...UNTIL },
  lostAnswers: { share: 0.05, ...UNTIL },
  outages: [{ fromMs: 5 * MINUTE_MS, untilMs: 6 * MINUTE_MS }],
  watches: {
    duplicate: 0.1,
    stale: 0.1,
    reorder: 0.05,
    lose: 0.05,
    dropAfterMs: 3 * MINUTE_MS,
    split: 0.2,
    ...UNTIL,
  },
};

function versions(objects: readonly KubeObject[]): readonly string[] {
  return objects.map(({ metadata }) => `${metadata?.name ?? ''}@${metadata?.resourceVersion ?? ''}`).sort();
}

async function update(client: KubeClient, spec: object): Promise<void> {
  await client.patch(DEPLOYMENTS, { namespace: NAMESPACE, name: 'web' }, { patch: 'merge', body: { spec } });
}

interface Outcome {
  readonly digest: string;
  readonly seen: readonly string[];
  readonly truth: readonly string[];
}

/** Half an hour of rollouts, watched from behind the trouble. */
async function story(seed: number): Promise<Outcome> {
  const world = await World.create({ seed, nodes: NODES, server: playgroundServer() });
  const observer = world.process('observer', { faults: TROUBLE });
  const client = new KubeClient(observer.transport);
  const random = world.random('observer');
  const informers = new Informers({ client, clock: observer.clock, random, logger: silentLogger });
  const pods = informers.of(PODS, { namespace: NAMESPACE });
  void informers.run(new AbortController().signal);
  const admin = new KubeClient(world.process('admin').transport);
  await world.clock.settle(admin.create(NAMESPACES, { metadata: { name: NAMESPACE } }), MINUTE_MS);
  await world.clock.settle(admin.create(DEPLOYMENTS, deployment('web')), MINUTE_MS);
  for (let version = 2; version <= 8; version += 1) {
    await world.clock.runFor(2 * MINUTE_MS);
    await world.clock.settle(
      update(admin, { template: template('web', { image: `web:${version}` }), replicas: (version % 4) + 1 }),
      MINUTE_MS,
    );
  }
  await world.clock.runFor(30 * MINUTE_MS);
  const outcome = {
    digest: world.trace.digest(),
    seen: versions(pods.store.list()),
    truth: versions(world.server.access.list<Pod>(PODS, NAMESPACE)),
  };
  world.stop();
  return outcome;
}

describe('a world under faults', () => {
  it('ends with observers that know the truth, whatever went wrong before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        const { seen, truth } = await story(seed);
        expect(truth).toHaveLength(1);
        expect(seen).toEqual(truth);
      }),
      { numRuns: 5 },
    );
  });

  it('replays exactly', async () => {
    const [first, again, other] = [await story(4), await story(4), await story(5)];
    expect(again).toEqual(first);
    expect(other.digest).not.toBe(first.digest);
  });

  it('serves usage where metrics-server would', async () => {
    const world = await World.create({ seed: 1, nodes: NODES, server: playgroundServer() });
    const client = new KubeClient(world.process('admin').transport);
    await world.clock.settle(client.create(NAMESPACES, { metadata: { name: NAMESPACE } }), MINUTE_MS);
    const made: Deployment = deployment('web', { usage: 'cpu: { cores: 0.3, noise: 0, skew: 0 }' });
    await world.clock.settle(client.create(DEPLOYMENTS, made), MINUTE_MS);
    await world.clock.runFor(2 * MINUTE_MS);
    const list = await world.clock.settle(
      client.raw(`/apis/metrics.k8s.io/v1beta1/namespaces/${NAMESPACE}/pods`),
      1000,
    );
    expect(list).toMatchObject({ kind: 'PodMetricsList' });
    const { items } = list as { items: { containers: { usage: { cpu: string } }[] }[] };
    expect(items.map(({ containers }) => containers[0]?.usage.cpu)).toEqual(Array(3).fill('100000000n'));
    world.stop();
  });
});
