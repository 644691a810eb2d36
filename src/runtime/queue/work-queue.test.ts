import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { type AddOptions, type Priority, WorkQueue } from './work-queue.ts';

function makeQueue(clock = new ManualClock()): WorkQueue {
  return new WorkQueue({ clock, random: new SeededRandom(7) });
}

/** Works off what is ready, one key at a time. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const taken: string[] = [];
  while (queue.depth > 0) {
    const key = (await queue.next()) ?? '';
    taken.push(key);
    queue.done(key);
  }
  return taken;
}

describe('a work queue', () => {
  it('holds a key once, however often it is added', async () => {
    const queue = makeQueue();
    for (let index = 0; index < 5; index += 1) queue.add('a/x');
    expect(await drain(queue)).toEqual(['a/x']);
  });

  it('gives a key to one worker at a time and afterwards again if it was added meanwhile', async () => {
    const queue = makeQueue();
    queue.add('a/x');
    expect(await queue.next()).toBe('a/x');
    queue.add('a/x');
    queue.add('a/x');
    expect(queue.depth).toBe(0);
    queue.done('a/x');
    expect(await drain(queue)).toEqual(['a/x']);
  });

  it('wakes a waiting worker', async () => {
    const queue = makeQueue();
    const taken = queue.next();
    queue.add('a/x');
    expect(await taken).toBe('a/x');
  });

  it('lets namespaces take turns', async () => {
    const queue = makeQueue();
    for (let index = 0; index < 4; index += 1) queue.add(`big/${String(index)}`);
    queue.add('small/x');
    queue.add('node');
    expect(await drain(queue)).toEqual(['big/0', 'small/x', 'node', 'big/1', 'big/2', 'big/3']);
  });

  it('serves changes before resyncs, yet never lets a resync wait for more than eight', async () => {
    const queue = makeQueue();
    queue.add('a/resync', { priority: 'resync' });
    for (let index = 0; index < 20; index += 1) queue.add(`a/${String(index)}`);
    const order = await drain(queue);
    expect(order.indexOf('a/resync')).toBe(8);
  });

  it('raises a waiting resync to a change', async () => {
    const queue = makeQueue();
    queue.add('a/x', { priority: 'resync' });
    queue.add('a/y');
    queue.add('a/x');
    queue.add('a/z', { priority: 'resync' });
    expect(await drain(queue)).toEqual(['a/y', 'a/x', 'a/z']);
  });

  it('delays, and lets an earlier time replace a later one', async () => {
    const clock = new ManualClock();
    const queue = makeQueue(clock);
    queue.add('a/x', { delayMs: 5000 });
    queue.add('a/x', { delayMs: 9000 });
    await clock.advance(4999);
    expect(queue.depth).toBe(0);
    queue.add('a/y', { delayMs: 60_000 });
    queue.add('a/y');
    await clock.advance(1);
    expect(await drain(queue)).toEqual(['a/y', 'a/x']);
    await clock.advance(120_000);
    expect(queue.depth).toBe(0);
  });

  it('retries a failing key ever later, up to five minutes, and at once after a success', async () => {
    const clock = new ManualClock();
    const queue = makeQueue(clock);
    const waits: number[] = [];
    queue.add('a/x');
    for (let round = 0; round < 16; round += 1) {
      const startedAtMs = clock.now();
      while (queue.depth === 0) await clock.advance(100);
      waits.push(clock.now() - startedAtMs);
      expect(await queue.next()).toBe('a/x');
      queue.retry('a/x');
      queue.done('a/x');
    }
    expect(waits[1]).toBeLessThanOrEqual(100);
    expect(waits.at(-1)).toBeGreaterThan(149_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(300_000);
    expect(queue.failures('a/x')).toBe(16);
    queue.forget('a/x');
    expect(queue.failures('a/x')).toBe(0);
  });

  it('bounds the retries of all keys together', async () => {
    const clock = new ManualClock();
    const queue = makeQueue(clock);
    for (let index = 0; index < 300; index += 1) {
      const key = `a/${String(index)}`;
      queue.add(key);
      await queue.next();
      queue.retry(key);
      queue.done(key);
    }
    await clock.advance(1000);
    expect(queue.depth).toBeGreaterThanOrEqual(100);
    expect(queue.depth).toBeLessThanOrEqual(111);
    await clock.advance(20_000);
    expect(queue.depth).toBe(300);
  });

  it('hands out nothing more once closed and leaves no timer behind', async () => {
    const clock = new ManualClock();
    const queue = makeQueue(clock);
    queue.add('a/later', { delayMs: 1000 });
    queue.add('a/x');
    await queue.next();
    queue.add('a/x');
    const waiting = queue.next();
    queue.close();
    queue.done('a/x');
    expect(await waiting).toBeUndefined();
    expect(await queue.next()).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});

/** What a work queue owes: which keys must still come, and from when on; which are in work. */
class Model {
  readonly clock = new ManualClock();
  readonly queue = makeQueue(this.clock);
  readonly owed = new Map<string, number>();
  readonly working: string[] = [];

  add(key: string, options: AddOptions): void {
    this.owed.set(key, Math.min(this.owed.get(key) ?? Infinity, this.clock.now() + (options.delayMs ?? 0)));
    this.queue.add(key, options);
  }

  async take(): Promise<void> {
    if (this.queue.depth === 0) return;
    const key = (await this.queue.next()) ?? '';
    expect(this.working).not.toContain(key);
    expect(this.owed.get(key) ?? Infinity).toBeLessThanOrEqual(this.clock.now());
    this.owed.delete(key);
    this.working.push(key);
  }

  finish(): void {
    const key = this.working.shift();
    if (key !== undefined) this.queue.done(key);
  }

  /** Ends all work and takes all that comes within a second. */
  async finishAll(): Promise<void> {
    while (this.working.length > 0) this.finish();
    await this.clock.advance(1000);
    while (this.queue.depth > 0) {
      await this.take();
      this.finish();
    }
  }
}

type Step = (model: Model) => Promise<void> | void;

const keys = fc.constantFrom('a/1', 'a/2', 'a/3', 'b/1', 'c');
const priorities = fc.constantFrom<Priority>('change', 'resync');
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.tuple(keys, priorities).map(([key, priority]) => (model: Model) => { model.add(key, { priority }); }), // prettier-ignore
    fc.tuple(keys, fc.integer({ min: 1, max: 500 })).map(([key, delayMs]) => (model: Model) => { model.add(key, { delayMs }); }), // prettier-ignore
    fc.integer({ min: 1, max: 300 }).map((ms) => (model: Model) => model.clock.advance(ms)),
    fc.constant((model: Model) => model.take()),
    fc.constant((model: Model) => { model.finish(); }), // prettier-ignore
  ),
  { maxLength: 60 },
);

describe('any sequence of operations on a work queue', () => {
  it('never loses a key, never doubles one, never hands one out early', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const model = new Model();
        for (const step of sequence) await step(model);
        await model.finishAll();
        expect([...model.owed.keys()]).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('serves every group that waits within one round', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }),
        async (sizes) => {
          const queue = makeQueue();
          sizes.forEach((size, group) => {
            for (let index = 0; index < size; index += 1) queue.add(`ns${String(group)}/${String(index)}`);
          });
          const order = (await drain(queue)).map((name) => Number(name.slice(2, name.indexOf('/'))));
          const left = [...sizes];
          let round = new Set<number>();
          for (const group of order) {
            if (round.has(group)) {
              // A second turn is fair only when every group that still waits has had its first.
              expect(left.every((count, other) => count === 0 || round.has(other))).toBe(true);
              round = new Set();
            }
            round.add(group);
            left[group] = (left[group] ?? 0) - 1;
          }
          expect(left.every((count) => count === 0)).toBe(true);
        },
      ),
    );
  });
});
