import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_MAPS, LEASES } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer, failure } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import type { Transport } from '#kube/transport/transport.ts';
import type { Clock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { type Random, SeededRandom } from '#platform/random.ts';
import { FencedTransport } from './fenced-transport.ts';
import { LeaderElection } from './leader-election.ts';
import type { Term } from './term.ts';
import { FaultyTransport, SkewedClock } from '../testing/faults.ts';

let clock: ManualClock;
let server: FakeApiServer;
const key = { namespace: 'kcloud', name: 'operator' };

beforeEach(() => {
  clock = new ManualClock();
  server = new FakeApiServer();
});

interface Replica {
  readonly election: LeaderElection;
  readonly stop: AbortController;
  term: Term | undefined;
}

function replica(
  identity: string,
  parts: { readonly transport?: Transport; readonly clock?: Clock } = {},
): Replica {
  const election = new LeaderElection({
    client: new KubeClient(parts.transport ?? server),
    clock: parts.clock ?? clock,
    random: new SeededRandom(identity),
    logger: silentLogger,
    identity,
    ...key,
  });
  const made: Replica = { election, stop: new AbortController(), term: undefined };
  void election.campaign(made.stop.signal).then((term) => {
    made.term = term;
  });
  return made;
}

async function lease() {
  return (await new KubeClient(server).get(LEASES, key)).spec;
}

describe('leader election', () => {
  it('makes exactly one of several replicas the leader', async () => {
    const replicas = ['a', 'b', 'c'].map((name) => replica(name));
    await clock.advance(60_000);
    expect(replicas.filter(({ term }) => term?.holds === true)).toHaveLength(1);
    expect(await lease()).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 0 });
  });

  it('hands over within a retry period when the leader stops', async () => {
    const a = replica('a');
    await clock.advance(1000);
    const b = replica('b');
    await clock.advance(5000);
    expect(b.term).toBeUndefined();
    await a.election.release();
    expect(a.term?.holds).toBe(false);
    await clock.advance(2500);
    expect(b.term?.holds).toBe(true);
    expect(await lease()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  it('replaces a leader that died after the lease has run out, and not before', async () => {
    const dead = new FaultyTransport(server, clock, new SeededRandom(1));
    const a = replica('a', { transport: dead });
    await clock.advance(1000);
    const b = replica('b');
    await clock.advance(2500);
    dead.faults = { lose: 1 };
    await clock.advance(8000);
    expect(a.term?.holds).toBe(true);
    await clock.advance(3000);
    expect(a.term?.holds).toBe(false);
    expect(b.term).toBeUndefined();
    await clock.advance(8000);
    expect(b.term?.holds).toBe(true);
  });

  it('ends a term at once when another has taken the lease', async () => {
    const a = replica('a');
    await clock.advance(1000);
    const client = new KubeClient(server);
    const standing = await client.get(LEASES, key);
    await client.update(LEASES, { ...standing, spec: { ...standing.spec, holderIdentity: 'thief' } });
    await clock.advance(2500);
    expect(a.term?.lost.aborted).toBe(true);
    expect(a.election.holder).toBe('a');
  });

  it('goes on leading when the answer to a renewal was lost', async () => {
    const a = replica('a');
    await clock.advance(1000);
    const client = new KubeClient(server);
    const standing = await client.get(LEASES, key);
    await client.update(LEASES, { ...standing, spec: { ...standing.spec, leaseTransitions: 7 } });
    await clock.advance(60_000);
    expect(a.term?.holds).toBe(true);
  });

  it('does not take a lease that was deleted under a leader who may still act', async () => {
    const cut = new FaultyTransport(server, clock, new SeededRandom(1));
    const a = replica('a', { transport: cut });
    await clock.advance(1000);
    const b = replica('b');
    await clock.advance(100);
    cut.faults = { lose: 1 };
    await new KubeClient(server).delete(LEASES, key);
    await clock.advance(8000);
    expect([a.term?.holds, b.term?.holds]).toEqual([true, undefined]);
    await clock.advance(10_000);
    expect([a.term?.holds, b.term?.holds]).toEqual([false, true]);
  });

  it('stops acting the moment a paused process wakes up, before any timer has run', async () => {
    const paused = new SkewedClock(clock);
    const a = replica('a', { clock: paused });
    await clock.advance(1000);
    expect(a.term?.holds).toBe(true);
    paused.jump(3_600_000);
    expect(a.term?.holds).toBe(false);
  });

  it('stops acting in time although the wall clock was set back', async () => {
    const transport = new FaultyTransport(server, clock, new SeededRandom(1));
    const skewed = new SkewedClock(clock);
    const a = replica('a', { clock: skewed, transport });
    await clock.advance(1000);
    transport.faults = { lose: 1 };
    skewed.jump(-3_600_000);
    await clock.advance(10_000);
    expect(a.term?.holds).toBe(false);
  });

  it('leaves no timer behind', async () => {
    const a = replica('a');
    await clock.advance(1000);
    const b = replica('b');
    await clock.advance(3000);
    await a.election.release();
    b.stop.abort();
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  it('refuses deadlines that cannot be safe', () => {
    const options = {
      client: new KubeClient(server),
      clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      identity: 'a',
    };
    expect(() => new LeaderElection({ ...options, ...key, renewDeadlineMs: 15_000 })).toThrow(RangeError);
  });
});

describe('a fenced transport', () => {
  it('holds back writes and lets reads pass while there is no term', async () => {
    const client = new KubeClient(new FencedTransport(server, () => undefined));
    expect((await client.list(CONFIG_MAPS)).items).toEqual([]);
    const write = client.create(CONFIG_MAPS, { metadata: { name: 'x', namespace: 'kcloud' } });
    await expect(write).rejects.toMatchObject({ code: 'KC_NOT_LEADER' });
    expect(server.requests).toHaveLength(1);
  });
});

/** The world of one simulated run: three replicas that lead in turn and write while they lead. */
class World {
  readonly time = new ManualClock();
  readonly api = new FakeApiServer();
  readonly random: Random;
  readonly transports: FaultyTransport[] = [];
  readonly terms = new Map<string, Term>();
  /** The number of the term that each write belonged to, in the order in which they arrived. */
  readonly arrived: number[] = [];
  #begun = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.api.storage.create('api/v1/configmaps', { metadata: { name: 'work', namespace: 'kcloud' } }, 0);
    this.api.intercept = (request) => {
      const term = /"term":"(\d+)"/.exec(request.body ?? '')?.[1];
      if (term !== undefined) this.arrived.push(Number(term));
      return this.random.next() < 0.02 ? failure(500, 'InternalError', 'no') : undefined;
    };
  }

  /** Leads, writes while it leads, hands over after a while, and starts again; for ever. */
  async live(identity: string): Promise<void> {
    const { random, time } = this;
    const own = new SkewedClock(time, {
      offsetMs: (random.next() - 0.5) * 1e9,
      rate: 0.95 + random.next() * 0.1,
    });
    const transport = new FaultyTransport(this.api, time, random);
    this.transports.push(transport);
    const client = new KubeClient(transport);
    const election = new LeaderElection({
      client,
      clock: own,
      random,
      logger: silentLogger,
      identity,
      ...key,
    });
    const writer = new KubeClient(new FencedTransport(transport, () => this.terms.get(identity)));
    for (;;) {
      const term = await election.campaign(new AbortController().signal);
      if (term === undefined) return;
      this.terms.set(identity, term);
      await this.#lead(term, writer, own);
      await election.release();
    }
  }

  async #lead(term: Term, writer: KubeClient, clock: Clock): Promise<void> {
    this.#begun += 1;
    const body = { data: { term: String(this.#begun) } };
    const rounds = 1 + Math.floor(this.random.next() * 100);
    for (let round = 0; round < rounds && !term.lost.aborted; round += 1) {
      void writer
        .patch(CONFIG_MAPS, { namespace: 'kcloud', name: 'work' }, { patch: 'merge', body })
        .catch(() => undefined);
      await new Promise<void>((resolve) => { clock.after(500, resolve); }); // prettier-ignore
    }
    // In order, a leader hands over when nothing of its own is under way any more.
    await new Promise<void>((resolve) => { clock.after(3000, resolve); }); // prettier-ignore
  }

  /** A new kind of weather for the network. */
  change(): void {
    for (const transport of this.transports) {
      transport.faults = { lose: this.random.next() < 0.3 ? 0.9 : 0.05, loseAnswer: 0.05, delayMs: 2500 };
    }
  }

  get leaders(): number {
    return [...this.terms.values()].filter((term) => term.holds).length;
  }
}

describe('under lost, late and refused calls, with clocks that differ and drift', () => {
  it('never has two leaders, and no write arrives after another has begun to write', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const world = new World(seed);
        for (const name of ['a', 'b', 'c']) void world.live(name);
        for (let second = 0; second < 300; second += 1) {
          if (second % 20 === 0) world.change();
          await world.time.advance(1000);
          expect(world.leaders).toBeLessThanOrEqual(1);
        }
        expect(world.arrived).toEqual([...world.arrived].sort((a, b) => a - b));
        expect(world.arrived.length).toBeGreaterThan(20);
        expect(world.arrived.at(-1)).toBeGreaterThan(1);
      }),
      { numRuns: 15 },
    );
  });
});
