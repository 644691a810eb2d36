import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#platform/random.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { Channel } from './channel.ts';
import type { FaultPlan } from './fault-plan.ts';
import { FaultyTransport } from './faulty-transport.ts';
import { SimTrace } from './sim-trace.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A server that counts what it carried out and whose watch the test feeds. */
class CountingServer implements Transport {
  readonly carriedOut: string[] = [];
  readonly watch = new Channel<string>();
  aborted = false;

  send(request: WireRequest): Promise<WireResponse> {
    this.carriedOut.push(request.method);
    request.signal?.addEventListener('abort', () => {
      this.aborted = true;
      this.watch.end();
    });
    const response: WireResponse = {
      status: 200,
      headers: {},
      text: () => Promise.resolve('{}'),
      chunks: () => this.watch,
    };
    return Promise.resolve(response);
  }
}

interface Rig {
  readonly clock: VirtualClock;
  readonly server: CountingServer;
  readonly trace: SimTrace;
  readonly transport: FaultyTransport;
}

function rig(plan: FaultPlan, seed: number | string = 1): Rig {
  const clock = new VirtualClock({ startMs: 0 });
  const server = new CountingServer();
  const trace = new SimTrace(clock);
  const transport = new FaultyTransport({
    inner: server,
    clock,
    random: new SeededRandom(seed),
    plan,
    trace,
  });
  return { clock, server, trace, transport };
}

const GET: WireRequest = { method: 'GET', path: '/api/v1/pods', headers: {} };
const PATCH: WireRequest = { method: 'PATCH', path: '/api/v1/pods/a', headers: {}, body: '{}' };
const WATCH: WireRequest = {
  method: 'GET',
  path: '/api/v1/pods?watch=true&resourceVersion=5',
  headers: {},
  stream: true,
};

function event(name: string): string {
  return `${JSON.stringify({ type: 'MODIFIED', object: { metadata: { name } } })}\n`;
}

/** The names that arrive on a watch within a minute, and how it ended. */
async function watchNames(
  { clock, transport, server }: Rig,
  names: readonly string[],
): Promise<{ seen: string[]; end: string }> {
  const seen: string[] = [];
  let end = 'open';
  const response = await clock.settle(transport.send(WATCH), 1000);
  void (async () => {
    let text = '';
    try {
      for await (const chunk of response.chunks()) text += chunk;
      end = 'ended';
    } catch (error) {
      end = String(error);
    }
    for (const line of text.split('\n').filter((candidate) => candidate !== '')) {
      const parsed = JSON.parse(line) as {
        type: string;
        object: { code?: number; metadata: { name?: string } };
      };
      seen.push(parsed.type === 'ERROR' ? String(parsed.object.code) : (parsed.object.metadata.name ?? ''));
    }
  })();
  names.forEach((name, index) => clock.after(index * 100, () => { server.watch.push(event(name)); })); // prettier-ignore
  clock.after(50_000, () => { server.watch.end(); }); // prettier-ignore
  await clock.runFor(120_000);
  return { seen, end };
}

describe('FaultyTransport', () => {
  it('changes nothing under an empty plan', async () => {
    const world = rig({});
    expect((await world.transport.send(PATCH)).status).toBe(200);
    expect(await watchNames(world, ['a', 'b', 'c'])).toEqual({ seen: ['a', 'b', 'c'], end: 'ended' });
  });

  it('answers with a declared status and keeps the request from the server', async () => {
    const { transport, server } = rig({ answers: [{ status: 429, share: 1, retryAfterSeconds: 7 }] });
    const response = await transport.send(GET);
    expect(response.status).toBe(429);
    expect(response.headers['retry-after']).toBe('7');
    expect(JSON.parse(await response.text())).toMatchObject({ kind: 'Status', reason: 'TooManyRequests' });
    expect(server.carriedOut).toEqual([]);
  });

  it('injects conflicts into writes only', async () => {
    const { transport } = rig({ answers: [{ status: 409, share: 1 }] });
    expect((await transport.send(GET)).status).toBe(200);
    expect((await transport.send(PATCH)).status).toBe(409);
  });

  it('confines a storm to its window', async () => {
    const { transport, clock } = rig({ answers: [{ status: 503, share: 1, fromMs: 1000, untilMs: 2000 }] });
    const statuses: number[] = [];
    for (let ms = 0; ms < 3000; ms += 500) {
      statuses.push((await transport.send(GET)).status);
      await clock.runFor(500);
    }
    expect(statuses).toEqual([200, 200, 503, 503, 200, 200]);
  });

  it('lets a request take effect and then answers with an error, or not at all', async () => {
    const failing = rig({ answers: [{ status: 504, share: 1, tookEffect: true }] });
    expect((await failing.transport.send(PATCH)).status).toBe(504);
    expect(failing.server.carriedOut).toEqual(['PATCH']);
    const mute = rig({ lostAnswers: { share: 1 } });
    await expect(mute.transport.send(PATCH)).rejects.toThrow('KC_API_UNREACHABLE');
    expect(mute.server.carriedOut).toEqual(['PATCH']);
  });

  it('makes slow answers wait in virtual time and times out where the request says so', async () => {
    const { transport, clock } = rig({ slow: { share: 1, minMs: 5000, maxMs: 5000 } });
    await clock.settle(transport.send(GET), 10_000);
    expect(clock.now()).toBe(5000);
    await expect(clock.settle(transport.send({ ...GET, timeoutMs: 100 }), 10_000)).rejects.toThrow('100 ms');
    expect(clock.now()).toBe(5100);
  });

  it('ends a slow request with the reason of its signal', async () => {
    const { transport, clock } = rig({ slow: { share: 1, minMs: 5000, maxMs: 5000 } });
    const controller = new AbortController();
    clock.after(10, () => { controller.abort(new Error('enough')); }); // prettier-ignore
    const sent = transport.send({ ...GET, signal: controller.signal });
    await expect(clock.settle(sent, 10_000)).rejects.toThrow('enough');
  });

  it('refuses or hangs during an outage and breaks the watches that were open', async () => {
    const world = rig({ outages: [{ fromMs: 250, untilMs: 900 }] });
    const { seen, end } = await watchNames(world, ['a', 'b', 'c', 'd', 'e']);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(end).toContain('KC_API_UNREACHABLE');
    expect(world.server.aborted).toBe(true);
    const hanging = rig({ outages: [{ fromMs: 0, untilMs: 3000, mode: 'hanging' }] });
    await expect(hanging.clock.settle(hanging.transport.send(GET), 10_000)).rejects.toThrow('refused');
    expect(hanging.clock.now()).toBe(3000);
  });

  it('refuses to resume a watch with 410', async () => {
    const { transport } = rig({ watches: { expired: 1 } });
    expect((await transport.send(WATCH)).status).toBe(410);
  });

  it('duplicates, delays and splits events without changing their order', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `pod-${index}`);
    const plan: FaultPlan = { watches: { duplicate: 0.3, stale: 0.3, staleMs: 2000, split: 0.5 } };
    const { seen, end } = await watchNames(rig(plan), names);
    expect(seen.length).toBeGreaterThan(names.length);
    expect(seen.filter((name, index) => name !== seen[index - 1])).toEqual(names);
    expect(end).toBe('ended');
  });

  it('always expires a stream that lost or reordered an event', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom('lose', 'reorder'), async (seed, fault) => {
        const names = Array.from({ length: 30 }, (_, index) => `pod-${index}`);
        const world = rig({ watches: { [fault]: 0.2, lieExpiresMs: 20_000 } }, seed);
        const { seen, end } = await watchNames(world, names);
        const isTrue = seen.join() === names.join();
        expect(isTrue || seen.at(-1) === '410').toBe(true);
        expect(end).toBe('ended');
      }),
      { numRuns: 30 },
    );
  });

  it('drops connections at random times', async () => {
    const ends = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) {
      const { end, seen } = await watchNames(rig({ watches: { dropAfterMs: 1000 } }, seed), ['a']);
      expect(seen.length).toBeLessThanOrEqual(1);
      ends.add(end.includes('KC_API_UNREACHABLE') ? 'broken' : end);
    }
    expect([...ends].sort()).toEqual(['broken', 'ended']);
  });

  it('does the same again for the same seed, and something else for another', async () => {
    const plan: FaultPlan = {
      answers: [{ status: 500, share: 0.3, methods: ['PATCH'] }],
      slow: { share: 0.3, minMs: 1, maxMs: 50 },
      watches: { duplicate: 0.2, stale: 0.2, lose: 0.05 },
    };
    const digest = async (seed: number): Promise<string> => {
      const world = rig(plan, seed);
      for (let index = 0; index < 20; index += 1) await world.clock.settle(world.transport.send(PATCH), 1000);
      await watchNames(world, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
      return world.trace.digest();
    };
    expect(await digest(7)).toBe(await digest(7));
    expect(await digest(7)).not.toBe(await digest(8));
  });
});
