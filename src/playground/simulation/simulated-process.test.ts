import { describe, expect, it } from 'vitest';
import { sleep } from '#platform/clock.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { Channel } from './channel.ts';
import { type CrashPoint, SimulatedProcess } from './simulated-process.ts';
import { VirtualClock } from './virtual-clock.ts';

const PATCH: WireRequest = { method: 'PATCH', path: '/x', headers: {} };
const GET: WireRequest = { method: 'GET', path: '/x', headers: {} };
const WATCH: WireRequest = { ...GET, stream: true };

class SlowServer implements Transport {
  readonly clock = new VirtualClock({ startMs: 0 });
  readonly watch = new Channel<string>();
  effects = 0;
  watchAborted = false;

  async send(request: WireRequest): Promise<WireResponse> {
    if (request.stream !== true) await sleep(this.clock, 10);
    if (request.method !== 'GET') this.effects += 1;
    request.signal?.addEventListener('abort', () => { this.watchAborted = true; }); // prettier-ignore
    return {
      status: 200,
      headers: {},
      text: () => Promise.resolve('{}'),
      chunks: () => this.watch,
    };
  }
}

/** A process that writes three times and notes how far it came. */
async function runWriter(crashAt?: CrashPoint): Promise<{ effects: number; answers: number; ticks: number }> {
  const server = new SlowServer();
  const { clock } = server;
  const process = new SimulatedProcess({
    name: 'writer',
    clock,
    transport: server,
    ...(crashAt === undefined ? {} : { crashAt }),
  });
  let answers = 0;
  let ticks = 0;
  const tick = (): void => {
    ticks += 1;
    process.clock.after(10, tick);
  };
  process.clock.after(10, tick);
  void (async () => {
    for (let write = 0; write < 3; write += 1) {
      await process.transport.send(GET);
      await (await process.transport.send(PATCH)).text();
      answers += 1;
    }
  })();
  await clock.runFor(100);
  return { effects: server.effects, answers, ticks };
}

describe('SimulatedProcess', () => {
  it('runs undisturbed without a crash point', async () => {
    expect(await runWriter()).toEqual({ effects: 3, answers: 3, ticks: 10 });
  });

  it('dies before its k-th write: the server never sees it', async () => {
    expect(await runWriter({ write: 2, when: 'before' })).toEqual({ effects: 1, answers: 1, ticks: 3 });
  });

  it('dies after its k-th write: the server has carried it out, the process never knows', async () => {
    expect(await runWriter({ write: 2, when: 'after' })).toMatchObject({ effects: 2, answers: 1 });
  });

  it('does nothing any more once it is dead, and its streams let go of the server', async () => {
    const server = new SlowServer();
    const reasons: string[] = [];
    const process = new SimulatedProcess({
      name: 'p',
      clock: server.clock,
      transport: server,
      onCrash: (reason) => reasons.push(reason),
    });
    const seen: string[] = [];
    const outcomes: string[] = [];
    const response = await process.transport.send({ ...WATCH, signal: new AbortController().signal });
    void (async () => {
      for await (const chunk of response.chunks()) seen.push(chunk);
      outcomes.push('stream ended');
    })();
    void process.transport.send(PATCH).finally(() => outcomes.push('answered'));
    server.watch.push('a');
    server.clock.after(5, () => {
      process.crash('power');
      process.crash('again');
      server.watch.push('b');
      process.clock.after(1, () => outcomes.push('timer'));
      void process.transport.send(PATCH).finally(() => outcomes.push('answered'));
    });
    await server.clock.runFor(100);
    expect(seen).toEqual(['a']);
    expect(outcomes).toEqual([]);
    expect(reasons).toEqual(['power']);
    expect(process.alive).toBe(false);
    expect(server.watchAborted).toBe(true);
    expect(server.effects).toBe(1);
  });

  it('passes errors and cancelled timers through while it lives', async () => {
    const server = new SlowServer();
    const failing: Transport = { send: () => Promise.reject(new Error('refused')) };
    const process = new SimulatedProcess({ name: 'p', clock: server.clock, transport: failing });
    await expect(process.transport.send(GET)).rejects.toThrow('refused');
    let fired = false;
    process.clock.after(1, () => { fired = true; }).cancel(); // prettier-ignore
    await server.clock.runFor(10);
    expect(fired).toBe(false);
    expect(process.writes).toBe(0);
  });
});
