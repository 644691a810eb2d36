import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEstimatorDatabase } from '#adapters/power-history/estimator-database.ts';
import type { SampleBatch } from '../sample-batch.ts';
import { Outbox, type OutboxBounds } from './outbox.ts';

const WIDE: OutboxBounds = { maxAgeMs: 3_600_000, maxBytes: 1 << 20 };

function batchAt(atMs: number): SampleBatch {
  return { atMs, samples: [{ kind: 'node', group: 'nodes', tags: { node: 'n1' }, fields: { watts: 100 } }] };
}

function outboxFor(sinks: readonly string[], bounds = WIDE) {
  const database = openEstimatorDatabase(':memory:');
  return { database, outbox: new Outbox(database, sinks, bounds) };
}

/** Takes all that waits for a sink. */
function drain(outbox: Outbox, sink: string): number[] {
  const times: number[] = [];
  for (let next = outbox.next(sink); next !== undefined; next = outbox.next(sink)) {
    times.push(next.batch.atMs);
    outbox.settle(sink, next.seq, 'delivered');
  }
  return times;
}

describe('the outbox', () => {
  it('gives each sink every batch in order, at its own pace', () => {
    const { outbox } = outboxFor(['redis', 'influxdb']);
    for (const atMs of [1000, 2000, 3000]) outbox.put(batchAt(atMs));
    expect(drain(outbox, 'redis')).toEqual([1000, 2000, 3000]);
    outbox.put(batchAt(4000));
    expect(outbox.backlog('influxdb')).toMatchObject({ batches: 4, oldestAtMs: 1000, delivered: 0 });
    expect(drain(outbox, 'influxdb')).toEqual([1000, 2000, 3000, 4000]);
    expect(drain(outbox, 'redis')).toEqual([4000]);
    expect(outbox.backlog('redis')).toEqual({
      batches: 0,
      oldestAtMs: undefined,
      delivered: 4,
      dropped: 0,
      rejected: 0,
    });
  });

  it('gives a batch again until it is settled, also to the next process', () => {
    const { database, outbox } = outboxFor(['redis']);
    outbox.put(batchAt(1000));
    expect(outbox.next('redis')?.batch).toEqual(batchAt(1000));
    const again = new Outbox(database, ['redis'], WIDE);
    expect(drain(again, 'redis')).toEqual([1000]);
  });

  it('gives a new sink what comes from then on, and forgets one that is not named any more', () => {
    const { database, outbox } = outboxFor(['redis']);
    outbox.put(batchAt(1000));
    const second = new Outbox(database, ['influxdb'], WIDE);
    second.put(batchAt(2000));
    expect(drain(second, 'influxdb')).toEqual([2000]);
    expect(drain(new Outbox(database, ['redis'], WIDE), 'redis')).toEqual([]);
  });

  it('drops the oldest beyond its age and its size, and counts them for who did not have them', () => {
    const { outbox } = outboxFor(['redis', 'influxdb'], { maxAgeMs: 2500, maxBytes: 1 << 20 });
    outbox.put(batchAt(1000));
    expect(drain(outbox, 'redis')).toEqual([1000]);
    for (const atMs of [2000, 3000, 4000]) outbox.put(batchAt(atMs));
    expect(outbox.backlog('influxdb')).toMatchObject({ dropped: 1, batches: 3, oldestAtMs: 2000 });
    expect(outbox.backlog('redis')).toMatchObject({ dropped: 0, batches: 3 });
    const tiny = outboxFor(['redis'], { maxAgeMs: 1e9, maxBytes: 1 }).outbox;
    for (const atMs of [1000, 2000]) tiny.put(batchAt(atMs));
    // The newest stays, whatever its size.
    expect(tiny.backlog('redis')).toMatchObject({ dropped: 1, batches: 1, oldestAtMs: 2000 });
  });

  it('keeps nothing where there is no sink', () => {
    const { database, outbox } = outboxFor([]);
    outbox.put(batchAt(1000));
    expect(database.prepare('SELECT count(*) AS n FROM outbox').get()).toEqual({ n: 0 });
  });

  it('accounts for every batch: delivered, rejected, dropped or waiting', () => {
    const step = fc.constantFrom('put', 'a delivers', 'b delivers', 'b rejects');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { outbox } = outboxFor(['a', 'b'], { maxAgeMs: 5000, maxBytes: 1 << 20 });
        let put = 0;
        for (const what of steps) {
          if (what === 'put') outbox.put(batchAt(++put * 1000));
          const [sink = '', how] = what.split(' ');
          const next = how === undefined ? undefined : outbox.next(sink);
          if (next !== undefined) outbox.settle(sink, next.seq, how === 'rejects' ? 'rejected' : 'delivered');
        }
        for (const sink of ['a', 'b']) {
          const { delivered, rejected, dropped, batches } = outbox.backlog(sink);
          expect(delivered + rejected + dropped + batches).toBe(put);
        }
      }),
    );
  });
});
