import { describe, expect, it } from 'vitest';
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { DEPLOYMENTS, PODS } from '#kube/client/builtin-types.ts';
import type { Transport } from '#kube/transport/transport.ts';
import { nodesOf } from '../fleet/nodes/node-shape.ts';
import { deployment } from '../fleet/testing/fleet-rig.ts';
import { MemoryCluster } from '../fleet/testing/memory-cluster.ts';
import { World, type WorldOptions, type WorldServer } from './world.ts';

/** Answers every request with the number of pods. */
function memoryServer(): { readonly server: WorldOptions['server']; readonly cluster: () => MemoryCluster } {
  let made: MemoryCluster | undefined;
  const cluster = (): MemoryCluster => {
    if (made === undefined) throw new Error('the server has not started');
    return made;
  };
  const transport: Transport = {
    send: () => {
      const text = String(cluster().list(PODS).length);
      return Promise.resolve({
        status: 200,
        headers: {},
        text: () => Promise.resolve(text),
        chunks: async function* () {
          yield await Promise.resolve(text);
        },
      });
    },
  };
  const server: WorldOptions['server'] = ({ clock, random }): WorldServer => {
    made = new MemoryCluster({ clock, random });
    return { access: made, transport };
  };
  return { server, cluster };
}

const NODES = nodesOf({ instanceType: 'm6i.xlarge', count: 3 });

async function run(
  seed: number,
  options: Partial<WorldOptions> = {},
): Promise<{ world: World; digest: string; cluster: MemoryCluster }> {
  const { server, cluster } = memoryServer();
  const world = await World.create({ seed, nodes: NODES, server, ...options });
  const prober = world.process('prober', { faults: { answers: [{ status: 503, share: 0.3 }] } });
  const probe = async (): Promise<void> => {
    await prober.transport.send({ method: 'GET', path: '/pods', headers: {} });
    prober.clock.after(1000, () => void probe());
  };
  void probe();
  await cluster().create(
    DEPLOYMENTS,
    deployment('web', { usage: 'memory: { base: 300Mi, growthPerHour: 900Mi }' }),
  );
  await world.clock.runFor(1_800_000);
  world.stop();
  return { world, digest: world.trace.digest(), cluster: cluster() };
}

describe('World', () => {
  it('tells the same story for the same seed, in every write of the fleet and every request', async () => {
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(first.world.trace.count).toBeGreaterThan(1800);
    expect(again.digest).toBe(first.digest);
    expect(other.digest).not.toBe(first.digest);
  });

  it('ends in the same objects for the same seed', async () => {
    const state = async (): Promise<string> => JSON.stringify((await run(3)).cluster.list(PODS));
    expect(await state()).toBe(await state());
  });

  it('keeps the generators of its parts apart', async () => {
    const { server } = memoryServer();
    const world = await World.create({ seed: 1, nodes: NODES, server });
    expect(world.random('a').next()).toBe(world.random('a').next());
    expect(world.random('a').next()).not.toBe(world.random('b').next());
  });

  it('notes a crash and lets nothing more through', async () => {
    const { server } = memoryServer();
    const world = await World.create({ seed: 1, nodes: NODES, server });
    const reasons: string[] = [];
    const process = world.process('operator', {
      crashAt: { write: 1, when: 'after' },
      onCrash: (reason) => reasons.push(reason),
    });
    void process.transport.send({ method: 'PATCH', path: '/x', headers: {}, body: '{}' });
    await world.clock.runFor(1000);
    expect(process.alive).toBe(false);
    expect(reasons).toEqual(['after write 1']);
    expect(world.trace.tail(1)[0]).toContain('operator crashed after write 1');
  });

  it('surfaces a bug of the fleet where the clock runs', async () => {
    const { server, cluster } = memoryServer();
    const world = await World.create({ seed: 1, nodes: NODES, server });
    const wrong = JSON.parse('{"metadata":{"name":"wrong"},"spec":{"containers":{}}}') as Pod;
    await cluster().create(PODS, wrong);
    await expect(world.clock.runFor(1000)).rejects.toThrow('is not a function');
  });

  it('can begin in the middle of its life', async () => {
    const { server, cluster } = memoryServer();
    const world = await World.create({ seed: 1, nodes: NODES, server, pastMs: 24 * 3_600_000 });
    const usage = 'memory: { base: 10Mi, growthPerHour: 1Mi, noise: 0 }';
    await cluster().create(DEPLOYMENTS, deployment('web', { usage, replicas: 1 }));
    await world.clock.runFor(60_000);
    const [pod] = world.fleet.usage.pods();
    const bytes = pod?.meters.get('app')?.read(world.clock.now()).memoryBytes ?? 0;
    expect(bytes / 1024 / 1024).toBeCloseTo(34, 0);
  });
});
