import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { EVENTS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer, failure } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { type EventFate, EventRecorder } from './event-recorder.ts';
import type { Occurrence } from './event-types.ts';

let clock: ManualClock;
let server: FakeApiServer;
let client: KubeClient;
let recorder: EventRecorder;
let stop: AbortController;
let fates: EventFate[];
let ended: Promise<void>;

beforeEach(() => {
  clock = new ManualClock();
  server = new FakeApiServer({ clock });
  client = new KubeClient(server);
  stop = new AbortController();
  fates = [];
  recorder = new EventRecorder({
    client,
    clock,
    random: new SeededRandom(1),
    logger: silentLogger,
    source: { component: 'tester', instance: 'pod-1' },
    observer: (fate) => fates.push(fate),
  });
  ended = recorder.run({ stop: stop.signal, abort: new AbortController().signal });
});

const object: KubeObject = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { namespace: 'shop', name: 'w', uid: 'u-1', resourceVersion: '5' },
};

function occurrence(message: string, extra: Partial<Occurrence> = {}): Occurrence {
  return { object, type: 'Normal', reason: 'Applied', message, ...extra };
}

async function events(): Promise<readonly Event[]> {
  return (await client.list(EVENTS)).items;
}

describe('an event recorder', () => {
  it('writes what kubectl describe shows', async () => {
    recorder.record(occurrence('cpu halved'));
    await clock.advance(0);
    expect(await events()).toMatchObject([
      {
        metadata: { namespace: 'shop', name: expect.stringMatching(/^w\.[0-9a-f]{16}$/) as string },
        involvedObject: {
          apiVersion: 'example.com/v1',
          kind: 'Widget',
          namespace: 'shop',
          name: 'w',
          uid: 'u-1',
          resourceVersion: '5',
        },
        type: 'Normal',
        reason: 'Applied',
        message: 'cpu halved',
        count: 1,
        firstTimestamp: '2026-01-01T00:00:00Z',
        source: { component: 'tester' },
        reportingInstance: 'pod-1',
      },
    ]);
  });

  it('raises the count of one event when the same happens again', async () => {
    for (let round = 0; round < 3; round += 1) {
      recorder.record(occurrence('same'));
      recorder.record(occurrence('same'));
      await clock.advance(10_000);
    }
    expect(await events()).toMatchObject([
      { count: 6, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:20Z' },
    ]);
  });

  it('counts as the same what carries the same key, and shows the latest message', async () => {
    recorder.record(occurrence('3 of 5 ready', { dedupeKey: 'progress' }));
    await clock.advance(1000);
    recorder.record(occurrence('4 of 5 ready', { dedupeKey: 'progress' }));
    await clock.advance(1000);
    expect(await events()).toMatchObject([{ count: 2, message: '4 of 5 ready' }]);
  });

  it('tells as one what is similar and much', async () => {
    for (let index = 0; index < 14; index += 1) recorder.record(occurrence(`attempt ${String(index)}`));
    await clock.advance(1000);
    const all = await events();
    expect(all).toHaveLength(11);
    expect(all.at(-1)).toMatchObject({ message: '(combined from similar events): attempt 13', count: 4 });
  });

  it('cuts off an object that never stops, not others, and lets it speak again later', async () => {
    for (let index = 0; index < 100; index += 1)
      recorder.record(occurrence('again', { reason: `R${String(index)}` }));
    recorder.record(
      occurrence('hello', { object: { ...object, metadata: { namespace: 'shop', name: 'other' } } }),
    );
    await clock.advance(1000);
    expect(await events()).toHaveLength(26);
    expect(fates.filter((fate) => fate === 'suppressed')).toHaveLength(75);
    await clock.advance(300_000);
    recorder.record(occurrence('again', { reason: 'Later' }));
    await clock.advance(1000);
    expect(await events()).toHaveLength(27);
  });

  it('makes a new event where the server has forgotten the old one', async () => {
    recorder.record(occurrence('x'));
    await clock.advance(0);
    const [event] = await events();
    await client.delete(EVENTS, { namespace: 'shop', name: event?.metadata.name ?? '' });
    recorder.record(occurrence('x'));
    await clock.advance(0);
    expect(await events()).toMatchObject([{ count: 1 }]);
  });

  it('puts events of cluster-scoped objects into the namespace default, and cuts what is too long', async () => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n'.repeat(253) } };
    recorder.record(occurrence('m'.repeat(5000), { object: node }));
    await clock.advance(0);
    const [event] = await events();
    expect(event?.metadata.namespace).toBe('default');
    expect(event?.metadata.name).toHaveLength(253);
    expect(event?.message).toHaveLength(1024);
  });

  it('never blocks and never grows without bound while the server is away; tells what it dropped', async () => {
    server.intercept = () => failure(503, 'ServiceUnavailable', 'no');
    for (let index = 0; index < 3000; index += 1) {
      recorder.record(
        occurrence('x', { object: { ...object, metadata: { namespace: 'shop', name: String(index) } } }),
      );
    }
    await clock.advance(1000);
    expect(fates.filter((fate) => fate === 'dropped').length).toBeGreaterThanOrEqual(1999);
    server.intercept = undefined;
    await clock.advance(60_000);
    expect((await events()).length).toBeGreaterThan(900);
  });

  it('drops at once what the server refuses for good', async () => {
    server.intercept = () => failure(403, 'Forbidden', 'namespace is being terminated');
    recorder.record(occurrence('x'));
    await clock.advance(0);
    expect([fates, server.requests.length]).toEqual([['dropped'], 1]);
  });

  it('writes what is left when the process ends, but not for long', async () => {
    recorder.record(occurrence('last words'));
    stop.abort();
    await clock.advance(0);
    await ended;
    expect(await events()).toHaveLength(1);
    expect(clock.pending).toBe(0);
    server.intercept = () => failure(503, 'ServiceUnavailable', 'no');
    const again = new AbortController();
    const run = recorder.run({ stop: again.signal, abort: new AbortController().signal });
    recorder.record(occurrence('unheard'));
    again.abort();
    await clock.advance(3000);
    await run;
    expect(fates.at(-1)).toBe('dropped');
  });
});
