import { afterEach, describe, expect, it } from 'vitest';
import { openEstimatorDatabase } from '#adapters/power-history/estimator-database.ts';
import { KcError } from '#errors/kc-error.ts';
import { ManualClock, settle } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { Delivery } from './delivery.ts';
import { Outbox } from './outbox/outbox.ts';
import type { SampleBatch } from './sample-batch.ts';
import type { Sink } from './sink.ts';

const stop = new AbortController();
afterEach(() => {
  stop.abort(new Error('the test is over'));
});

/** A sink that takes, fails or refuses as it is told. */
class FakeSink implements Sink {
  readonly name = 'fake';
  readonly address = 'nowhere';
  readonly taken: number[] = [];
  mood: 'well' | 'down' | 'refuses' = 'well';
  attempts = 0;
  closed = false;

  write(batch: SampleBatch): Promise<void> {
    this.attempts += 1;
    if (this.mood === 'down')
      return Promise.reject(new KcError('KC_SINK_UNAVAILABLE', { problem: 'it is down' }));
    if (this.mood === 'refuses')
      return Promise.reject(new KcError('KC_SINK_REFUSED', { problem: 'it is wrong' }));
    this.taken.push(batch.atMs);
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

function rig() {
  const sink = new FakeSink();
  const clock = new ManualClock();
  const outbox = new Outbox(openEstimatorDatabase(':memory:'), ['fake'], { maxAgeMs: 1e9, maxBytes: 1e9 });
  const delivery = new Delivery({ sink, outbox, clock, logger: silentLogger });
  const put = (atMs: number) => {
    outbox.put({ atMs, samples: [] });
    outbox.wake();
  };
  const end = new AbortController();
  const running = delivery.run(end.signal);
  return { sink, clock, outbox, delivery, put, running, end };
}

describe('delivery to a sink', () => {
  it('brings what there is, then what comes', async () => {
    const { sink, put, delivery } = rig();
    put(1000);
    await settle();
    put(2000);
    await settle();
    expect(sink.taken).toEqual([1000, 2000]);
    expect(delivery.state).toMatchObject({ batches: 0, delivered: 2, problem: undefined });
  });

  it('tries again with growing pauses while the sink is down, and says what is wrong', async () => {
    const { sink, put, delivery, clock } = rig();
    sink.mood = 'down';
    put(1000);
    await clock.advance(60_000);
    expect(sink.attempts).toBeGreaterThan(4);
    expect(sink.attempts).toBeLessThan(12);
    expect(delivery.state).toMatchObject({ batches: 1, delivered: 0 });
    expect(delivery.state.problem).toMatch(/it is down/);
    sink.mood = 'well';
    put(2000);
    await clock.advance(30_000);
    expect(sink.taken).toEqual([1000, 2000]);
    expect(delivery.state).toMatchObject({ batches: 0, delivered: 2, problem: undefined });
  });

  it('passes over what the sink will never take, and counts it', async () => {
    const { sink, put, delivery } = rig();
    sink.mood = 'refuses';
    put(1000);
    await settle();
    sink.mood = 'well';
    put(2000);
    await settle();
    expect(sink.taken).toEqual([2000]);
    expect(delivery.state).toMatchObject({ batches: 0, delivered: 1, rejected: 1 });
  });

  it('ends when it is told to, leaving what is not delivered in the outbox', async () => {
    const { sink, put, outbox, end, running } = rig();
    sink.mood = 'down';
    put(1000);
    await settle();
    end.abort(new Error('the process ends'));
    await running;
    expect(sink.closed).toBe(true);
    expect(outbox.backlog('fake').batches).toBe(1);
  });
});
