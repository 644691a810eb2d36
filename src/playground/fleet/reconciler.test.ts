import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KcError } from '#errors/kc-error.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { sleep } from '#platform/clock.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { noEvents } from './events.ts';
import type { FleetContext } from './fleet-context.ts';
import { FleetIndexes } from './fleet-indexes.ts';
import { Reconciler } from './reconciler.ts';
import { MemoryCluster } from './testing/memory-cluster.ts';

interface Rig {
  readonly clock: VirtualClock;
  readonly bugs: unknown[];
  readonly context: FleetContext;
}

function rig(): Rig {
  const clock = new VirtualClock({ startMs: 0 });
  const random = new SeededRandom(1);
  const access = new MemoryCluster({ clock, random });
  const bugs: unknown[] = [];
  const context: FleetContext = {
    access,
    clock,
    random,
    logger: silentLogger,
    events: noEvents,
    indexes: new FleetIndexes(access),
    onBug: (error) => bugs.push(error),
  };
  return { clock, bugs, context };
}

const refused = new KcError('KC_API_UNREACHABLE', { problem: 'down' });

describe('Reconciler', () => {
  it('works on a key once for all that asked meanwhile, and again for what asked during the work', async () => {
    const { clock, context } = rig();
    const ran: number[] = [];
    const reconciler = new Reconciler({
      name: 'test',
      context,
      reconcile: async () => {
        ran.push(clock.now());
        await sleep(clock, 100);
        return undefined;
      },
    });
    for (let index = 0; index < 5; index += 1) reconciler.enqueue('a', 10);
    await clock.runFor(50);
    reconciler.enqueue('a');
    reconciler.enqueue('a');
    await clock.runFor(1000);
    expect(ran).toEqual([10, 110]);
  });

  it('never works on one key twice at a time, whoever asks when, and always after the last asking', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), fc.nat(300)), { maxLength: 40 }), async (asks) => {
        const { clock, context, bugs } = rig();
        const busy = new Set<string>();
        const last = new Map<string, number>();
        const reconciler = new Reconciler({
          name: 'test',
          context,
          reconcile: async (key) => {
            expect(busy.has(key)).toBe(false);
            busy.add(key);
            last.set(key, clock.now());
            await sleep(clock, 30);
            busy.delete(key);
            return undefined;
          },
        });
        for (const [key, atMs] of asks) clock.after(atMs, () => { reconciler.enqueue(`k${key}`); }); // prettier-ignore
        await clock.runFor(10_000);
        expect(bugs).toEqual([]);
        for (const [key, atMs] of asks) expect(last.get(`k${key}`)).toBeGreaterThanOrEqual(atMs);
      }),
      { numRuns: 50 },
    );
  });

  it('comes again when it is told to, or sooner when it is asked', async () => {
    const { clock, context } = rig();
    const ran: number[] = [];
    const reconciler = new Reconciler({
      name: 'test',
      context,
      reconcile: () => {
        ran.push(clock.now());
        return Promise.resolve(1000);
      },
    });
    reconciler.enqueue('a');
    await clock.runFor(1500);
    reconciler.enqueue('a');
    await clock.runFor(1000);
    expect(ran).toEqual([0, 1000, 1500, 2500]);
    reconciler.stop();
    await clock.runFor(5000);
    expect(ran).toHaveLength(4);
  });

  it('tries again with growing pauses what a server refused', async () => {
    const { clock, context, bugs } = rig();
    const ran: number[] = [];
    const reconciler = new Reconciler({
      name: 'test',
      context,
      reconcile: () => {
        ran.push(clock.now());
        return ran.length < 5 ? Promise.reject(refused) : Promise.resolve(undefined);
      },
    });
    reconciler.enqueue('a');
    await clock.runFor(60_000);
    expect(ran).toEqual([0, 10, 30, 70, 150]);
    expect(bugs).toEqual([]);
  });

  it('reports a bug and leaves the key until it is asked for again', async () => {
    const { clock, context, bugs } = rig();
    const reconciler = new Reconciler({
      name: 'test',
      context,
      reconcile: () => Promise.reject(new TypeError('oops')),
    });
    reconciler.enqueue('a');
    await clock.runFor(60_000);
    expect(bugs).toHaveLength(1);
  });
});
