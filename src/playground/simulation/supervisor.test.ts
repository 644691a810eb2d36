/** A process that must store three values in order, killed at each of its writes. */
import { describe, expect, it } from 'vitest';
import { isAlreadyExists } from '#kube/client/api-error.ts';
import { CONFIG_MAPS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { playgroundServer } from './playground-server.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { crashPoints } from './supervisor.ts';
import { World } from './world.ts';

/** Level-based: looks at what is there, adds what is missing. */
async function storeAll(process: SimulatedProcess): Promise<void> {
  const client = new KubeClient(process.transport);
  const key = { namespace: 'default', name: 'values' };
  const known = await client.find(CONFIG_MAPS, key);
  if (known === undefined) {
    await client.create(CONFIG_MAPS, { metadata: key }).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  }
  for (const name of ['a', 'b', 'c']) {
    const { data = {} } = await client.get(CONFIG_MAPS, key);
    if (data[name] === undefined)
      await client.patch(CONFIG_MAPS, key, { patch: 'merge', body: { data: { [name]: '1' } } });
  }
}

async function lives(crashAt?: {
  write: number;
  when: 'before' | 'after';
}): Promise<{ lives: number; data: unknown; writes: number }> {
  const world = await World.create({ seed: 1, nodes: [], server: playgroundServer() });
  const start = (process: SimulatedProcess): void => void storeAll(process);
  const supervisor = world.supervise('storer', start, crashAt === undefined ? {} : { crashAt });
  await world.clock.runFor(60_000);
  const data = world.server.access.get(CONFIG_MAPS, { namespace: 'default', name: 'values' })?.data;
  const { writes } = supervisor.process;
  supervisor.stop();
  await world.clock.runFor(60_000);
  expect(supervisor.process.alive).toBe(false);
  world.stop();
  return { lives: supervisor.lives, data, writes };
}

describe('Supervisor', () => {
  it('lets a process run once where nothing happens', async () => {
    expect(await lives()).toEqual({ lives: 1, data: { a: '1', b: '1', c: '1' }, writes: 4 });
  });

  it('starts it anew after a crash, wherever that was, and the end is the same', async () => {
    const points = crashPoints(4);
    expect(points).toHaveLength(8);
    for (const point of points) {
      expect(await lives(point)).toMatchObject({ lives: 2, data: { a: '1', b: '1', c: '1' } });
    }
  });
});
