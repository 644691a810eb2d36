/** Informers against a model: whatever a middleman does to the watch, the copy never goes back and ends up right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeObject, keyOf, keyText } from '#apis/kubernetes/object.ts';
import { silentLogger } from '#platform/logger.ts';
import { type Random, SeededRandom, pick } from '#platform/random.ts';
import { CONFIG_MAPS } from '../client/builtin-types.ts';
import { KubeClient } from '../client/kube-client.ts';
import type { Change } from '../store/change.ts';
import { FakeApiServer } from '../testing/fake-api-server.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { WireRequest, WireResponse } from '../transport/transport.ts';
import type { Informer } from './informer.ts';
import { Informers } from './informers.ts';

/** Chances, 0–1, of what a middleman does to a watch event. */
interface Mischief {
  readonly lose: number;
  readonly double: number;
  readonly delay: number;
}

const COLLECTION = 'api/v1/configmaps';
const RELIST_MS = 120_000;

class World {
  readonly clock = new ManualClock();
  readonly server: FakeApiServer;
  readonly informer: Informer;
  /** What a listener has been told, by key. */
  readonly told = new Map<string, KubeObject>();
  /** The newest version of each key that was ever told of, deletions included. */
  readonly #newest = new Map<string, number>();
  /** Promises to the listener that were not kept. */
  readonly #broken: unknown[] = [];
  readonly #random: Random;
  readonly #mischief: Mischief;
  #held: string[] = [];
  #names = ['a', 'b', 'c', 'd'];

  constructor(seed: number, mischief: Mischief) {
    this.#random = new SeededRandom(seed);
    this.#mischief = mischief;
    this.server = new FakeApiServer({ watchList: this.#random.next() < 0.5 });
    this.server.tamper = (line) => this.#tamper(line);
    const client = new KubeClient({ send: (request) => this.#slowly(request) });
    const informers = new Informers({
      client,
      clock: this.clock,
      random: this.#random,
      logger: silentLogger,
      relistEveryMs: RELIST_MS,
    });
    this.informer = informers.of<KubeObject>(CONFIG_MAPS);
    this.informer.onChange((change) => {
      try {
        this.#check(change);
      } catch (error) {
        // An informer contains what its listeners throw.
        this.#broken.push(error);
      }
    });
    void informers.run(new AbortController().signal);
  }

  /** Answers travel for a while: what they show may be history when they arrive. */
  async #slowly(request: WireRequest): Promise<WireResponse> {
    const answer = await this.server.send(request);
    const ms = this.#random.next() * 5000;
    if (request.stream !== true) await new Promise<void>((resolve) => { this.clock.after(ms, resolve); }); // prettier-ignore
    return answer;
  }

  /** What a listener may rely on: no state comes twice, none is older than the one before, each names the one before. */
  #check(change: Change): void {
    const key = keyText(keyOf(change.object));
    const known = this.told.get(key);
    expect(change.previous).toBe(change.type === 'ADDED' ? undefined : known);
    expect(known === undefined).toBe(change.type === 'ADDED');
    if (change.type === 'MODIFIED') expect(change.object.metadata?.uid).toBe(known?.metadata?.uid);
    const version = Number(change.object.metadata?.resourceVersion);
    const newest = this.#newest.get(key) ?? 0;
    if (change.type === 'DELETED') expect(version).toBeGreaterThanOrEqual(newest);
    else expect(version).toBeGreaterThan(newest);
    this.#newest.set(key, version);
    if (change.type === 'DELETED') this.told.delete(key);
    else this.told.set(key, change.object);
  }

  #tamper(line: string): readonly string[] {
    const { lose, double, delay } = this.#mischief;
    if (this.#random.next() < lose) return [];
    const now = this.#random.next() < delay ? [] : [line];
    if (now.length === 0) this.#held.push(line);
    const late = this.#random.next() < 0.3 ? this.#held.splice(0) : [];
    return [...now, ...(this.#random.next() < double ? [line] : []), ...late];
  }

  /** Something happens: mostly writes, sometimes trouble. */
  async step(): Promise<void> {
    const chance = this.#random.next();
    if (chance < 0.7) this.#write();
    else if (chance < 0.76) this.server.endWatches();
    else if (chance < 0.82) this.server.endWatches(new Error('broken'));
    else if (chance < 0.85) this.server.storage.compact();
    else if (chance < 0.9) this.server.bookmark();
    else await this.clock.advance(this.#random.next() * 20_000);
    if (this.#random.next() < 0.5) await this.clock.advance(0);
  }

  #write(): void {
    const { storage } = this.server;
    const name = pick(this.#random, this.#names);
    const object = storage.get(COLLECTION, `shop/${name}`);
    const data = { value: String(this.#random.next()) };
    if (object === undefined)
      storage.create(COLLECTION, { metadata: { namespace: 'shop', name }, ...{ data } }, 0);
    else if (this.#random.next() < 0.3) storage.delete(COLLECTION, object);
    else storage.update(COLLECTION, { ...object, ...{ data } }, 1);
    // The answer of a write of ours may come before the watch.
    const written = storage.get(COLLECTION, `shop/${name}`);
    if (written !== undefined && this.#random.next() < 0.2 && this.informer.synced)
      this.informer.observe(written);
  }

  /** No more mischief. */
  heal(): void {
    this.server.tamper = undefined;
    this.#held = [];
  }

  /** Whether store and listener agree with the server, and every promise on the way was kept. */
  expectEqual(): void {
    if (this.#broken.length > 0) throw this.#broken[0] as Error;
    const truth = versions(this.server.storage.list(COLLECTION));
    expect(versions(this.informer.store.list())).toEqual(truth);
    expect(versions([...this.told.values()])).toEqual(truth);
  }
}

function versions(objects: readonly KubeObject[]): Record<string, string> {
  const entries = objects.map(({ metadata }) => [
    metadata?.name ?? '',
    `${metadata?.uid ?? ''}@${metadata?.resourceVersion ?? ''}`,
  ]);
  return Object.fromEntries(entries.sort()) as Record<string, string>;
}

async function run(seed: number, mischief: Mischief): Promise<World> {
  const world = new World(seed, mischief);
  for (let step = 0; step < 60; step += 1) await world.step();
  world.heal();
  return world;
}

describe('an informer behind a bad middleman', () => {
  it.each([
    ['come twice', { lose: 0, double: 0.3, delay: 0 }],
    ['come late and out of order', { lose: 0, double: 0.1, delay: 0.3 }],
    ['are lost without a trace', { lose: 0.3, double: 0.1, delay: 0.1 }],
  ])('is right after the next relist, and never went back, where events %s', async (_name, mischief) => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const world = await run(seed, mischief);
        await world.clock.advance(RELIST_MS);
        world.server.endWatches();
        await world.clock.advance(60_000);
        world.expectEqual();
      }),
      { numRuns: 100 },
    );
  });

  it('is right at once where the middleman is honest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const world = await run(seed, { lose: 0, double: 0, delay: 0 });
        await world.clock.advance(40_000);
        world.expectEqual();
      }),
      { numRuns: 100 },
    );
  });
});
