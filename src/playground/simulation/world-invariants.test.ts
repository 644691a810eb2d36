/** What always holds in a world, whatever happens in it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node, Pod, PodDisruptionBudget } from '#apis/kubernetes/builtin.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  JOBS,
  NODES,
  PODS,
  POD_DISRUPTION_BUDGETS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { ClusterChange } from '../fleet/cluster-access.ts';
import { isDeleting, nameOf, uidOf } from '../fleet/meta.ts';
import { addAmounts, allocatableOf, allocatedRequests, isFinished, isReady } from '../fleet/resources.ts';
import { NAMESPACE } from '../fleet/testing/fleet-rig.ts';
import type { PodUsage } from '../fleet/usage/fleet-usage.ts';
import { RandomStory } from './testing/random-story.ts';
import type { World } from './world.ts';

const WEB = { namespace: NAMESPACE, name: 'web' };
const DEEDS = 25;
/** Hunts for more are made by hand: each seed is a world of its own. */
const RUNS = 3;
/** A machine that does much else takes long; nothing here depends on it. */
const TIMEOUT_MS = 180_000;
const seeds = fc.integer({ min: 0, max: 1_000_000 });

/** How much more than it has a node has promised; nothing where all is well. */
function overcommitment(node: Node, pods: readonly Pod[]): readonly string[] {
  const promised = pods
    .filter((pod) => pod.spec?.nodeName === nameOf(node) && !isFinished(pod))
    .map(allocatedRequests)
    .reduce(addAmounts, { pods: 0 });
  const offered = allocatableOf(node);
  return Object.entries(promised)
    .filter(([resource, amount]) => amount > (offered[resource] ?? 0) + 1e-9)
    .map(
      ([resource, amount]) =>
        `${nameOf(node)}: ${String(amount)} of ${String(offered[resource])} ${resource}`,
    );
}

/** Looks at every change of a pod, and collects what should never be seen. */
function watchCapacity(world: World): readonly string[] {
  const { access } = world.server;
  const seen: string[] = [];
  const places = new Map<string, string>();
  access.onChange(PODS, ({ type, object }) => {
    const { nodeName } = object.spec ?? {};
    if (nodeName === undefined || type === 'DELETED') return;
    const before = places.get(uidOf(object));
    if (before !== undefined && before !== nodeName)
      seen.push(`${nameOf(object)} moved from ${before} to ${nodeName}`);
    places.set(uidOf(object), nodeName);
    const node = access.get(NODES, { name: nodeName });
    if (node !== undefined) seen.push(...overcommitment(node, access.list(PODS)));
  });
  return seen;
}

/** What is metered is what runs: each pod once, and the load of a workload shared out in full. */
function meteringFaults(world: World): readonly string[] {
  const { access } = world.server;
  const places = new Set(access.list(PODS).map((pod) => `${uidOf(pod)} on ${pod.spec?.nodeName ?? ''}`));
  const metered = [...world.fleet.usage.pods()];
  const strangers = metered.filter(({ uid, nodeName }) => !places.has(`${uid} on ${nodeName}`));
  const twice = metered.filter(
    ({ name }, index) => metered.findIndex((other) => other.name === name) !== index,
  );
  return [
    ...strangers.map(({ name, nodeName }) => `${name} is metered on ${nodeName} and is not there`),
    ...twice.map(({ name }) => `${name} is metered twice`),
    ...sharingFaults(metered),
  ];
}

/** The shares of a workload's pods; those of one that has none ready are all zero. */
function sharingFaults(metered: readonly PodUsage[]): readonly string[] {
  const workloads = Map.groupBy(
    metered,
    ({ workload: { kind, name, uid } }) => `${kind}/${name}/${uid ?? ''}`,
  );
  return [...workloads].flatMap(([workload, pods]) => {
    const share = pods.reduce((sum, { meters }) => sum + (meters.get('app')?.place.share ?? 0), 0);
    return share === 0 || Math.abs(share - 1) < 1e-9
      ? []
      : [`${workload} carries ${String(share)} of its load`];
  });
}

/** A ready pod begins to end because somebody evicted it. */
function isEviction({ object, previous }: ClusterChange<Pod>): boolean {
  if (previous === undefined || isDeleting(previous) || !isDeleting(object) || !isReady(previous))
    return false;
  const { conditions = [] } = object.status ?? {};
  return conditions.some(({ reason }) => reason === 'EvictionByEvictionAPI');
}

/** More was promised to evictions than the budget had to give. */
function overspent(status: PodDisruptionBudget['status']): boolean {
  const promised = Object.keys(status?.disruptedPods ?? {}).length;
  return (status?.currentHealthy ?? 0) - promised < (status?.desiredHealthy ?? 0);
}

function replicasOf(world: World): readonly unknown[] {
  const { access } = world.server;
  const sized = [...access.list(DEPLOYMENTS, NAMESPACE), ...access.list(STATEFUL_SETS, NAMESPACE)];
  return sized.map(({ metadata, spec, status }) => {
    const app = metadata?.name ?? '';
    const pods = access
      .list(PODS, NAMESPACE)
      .filter((pod) => pod.metadata?.labels?.['app'] === app && !isFinished(pod));
    return {
      app,
      wished: spec?.replicas,
      ready: status?.readyReplicas,
      updated: status?.updatedReplicas,
      pods: pods.length,
    };
  });
}

describe('whatever happens in a world', { timeout: TIMEOUT_MS }, () => {
  it('no node promises more than it has, no pod moves, no pod is counted twice, and load is shared in full', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const story = await RandomStory.begin(seed);
        const seen = watchCapacity(story.world);
        for (let deed = 0; deed < DEEDS; deed += 1) {
          await story.happen(1);
          expect(meteringFaults(story.world)).toEqual([]);
        }
        expect(seen).toEqual([]);
        story.world.stop();
      }),
      { numRuns: RUNS },
    );
  });

  it('evictions leave as many healthy pods as their budget asks for', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const story = await RandomStory.begin(seed);
        const { access } = story.world.server;
        const wrong: unknown[] = [];
        let evictions = 0;
        access.onChange(PODS, (change) => {
          if (change.object.metadata?.labels?.['app'] !== 'web' || !isEviction(change)) return;
          evictions += 1;
          const { status } = access.get(POD_DISRUPTION_BUDGETS, WEB) ?? {};
          if (overspent(status)) wrong.push({ pod: nameOf(change.object), status });
        });
        // Each once, so that there is something to see.
        await story.evictAll('web');
        await story.happen(DEEDS);
        expect(evictions).toBeGreaterThan(0);
        expect(wrong).toEqual([]);
        story.world.stop();
      }),
      { numRuns: RUNS },
    );
  });

  it('every workload gets what it wishes once the world is calm', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const story = await RandomStory.begin(seed, { spot: { interruptionsPerDay: 0 } });
        await story.happen(DEEDS);
        await story.calm();
        const { access } = story.world.server;
        for (const state of replicasOf(story.world)) {
          const { wished } = state as { readonly wished: number };
          expect(state).toMatchObject({ wished, ready: wished, updated: wished, pods: wished });
        }
        const agents = access.get(DAEMON_SETS, { namespace: NAMESPACE, name: 'agent' })?.status;
        expect(agents).toMatchObject({
          desiredNumberScheduled: access.list(NODES).length,
          numberReady: access.list(NODES).length,
        });
        expect(access.get(JOBS, { namespace: NAMESPACE, name: 'work' })?.status?.succeeded).toBe(6);
        expect(access.list(PODS, NAMESPACE).filter(isDeleting)).toEqual([]);
        expect(meteringFaults(story.world)).toEqual([]);
        story.world.stop();
      }),
      { numRuns: RUNS },
    );
  });

  it('the same seed tells the same story, line by line', async () => {
    const tell = async (seed: number) => {
      const story = await RandomStory.begin(seed);
      await story.happen(DEEDS);
      const { trace, server } = story.world;
      const told = { lines: trace.tail(), digest: trace.digest(), pods: server.access.list(PODS) };
      story.world.stop();
      return told;
    };
    for (const seed of [1, 2]) {
      const first = await tell(seed);
      expect(first.lines.length).toBeGreaterThan(500);
      expect(await tell(seed)).toEqual(first);
    }
  });
});
