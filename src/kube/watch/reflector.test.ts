import { beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '#apis/kubernetes/builtin.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { CONFIG_MAPS } from '../client/builtin-types.ts';
import { KubeClient } from '../client/kube-client.ts';
import type { Change } from '../store/change.ts';
import { FakeApiServer, failure } from '../testing/fake-api-server.ts';
import { ManualClock, settle } from '../testing/manual-clock.ts';
import type { Informer } from './informer.ts';
import { Informers } from './informers.ts';

let clock: ManualClock;
let server: FakeApiServer;
let client: KubeClient;
let stop: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  server = new FakeApiServer();
  client = new KubeClient(server);
  stop = new AbortController();
});

function start(
  options: { readonly watchList?: boolean; readonly relistEveryMs?: number } = {},
): Informer<ConfigMap> {
  const informers = new Informers({
    client,
    clock,
    random: new SeededRandom(1),
    logger: silentLogger,
    ...options,
  });
  const informer = informers.of(CONFIG_MAPS, { namespace: 'shop' });
  void informers.run(stop.signal);
  return informer;
}

async function put(name: string, value: string): Promise<void> {
  const key = { namespace: 'shop', name };
  const body = { data: { value } };
  if ((await client.find(CONFIG_MAPS, key)) === undefined) {
    await client.create(CONFIG_MAPS, { metadata: key, ...body });
  } else {
    await client.patch(CONFIG_MAPS, key, { patch: 'merge', body });
  }
}

function values(informer: Informer<ConfigMap>): Record<string, string | undefined> {
  return Object.fromEntries(
    informer.store.list().map((object) => [object.metadata?.name ?? '', object.data?.['value']]),
  );
}

function paths(): string[] {
  return server.requests.filter((request) => request.method === 'GET').map((request) => request.path);
}

describe.each([{ watchList: true }, { watchList: false }])(
  'a reflector, with $watchList for WatchList',
  (mode) => {
    it('copies what exists and follows what happens', async () => {
      await put('a', '1');
      const informer = start(mode);
      const changes: string[] = [];
      informer.onChange((change: Change<ConfigMap>) => {
        changes.push(
          `${change.type} ${change.object.metadata?.name ?? ''} ${change.previous?.data?.['value'] ?? '-'}`,
        );
      });
      expect(informer.synced).toBe(false);
      await settle();
      expect(informer.synced).toBe(true);
      await put('b', '1');
      await put('a', '2');
      await client.delete(CONFIG_MAPS, { namespace: 'shop', name: 'b' });
      await settle();
      expect(values(informer)).toEqual({ a: '2' });
      expect(changes).toEqual(['ADDED a -', 'ADDED b -', 'MODIFIED a 1', 'DELETED b 1']);
    });

    it('resumes a closed watch where it ended, without a new list', async () => {
      const informer = start(mode);
      await settle();
      await put('a', '1');
      await settle();
      server.endWatches();
      await put('b', '1');
      await clock.advance(2000);
      expect(values(informer)).toEqual({ a: '1', b: '1' });
      expect(paths().at(-1)).toContain('resourceVersion=101');
    });

    it('lists afresh after 410 and tells what was missed', async () => {
      await put('a', '1');
      await put('gone', '1');
      const informer = start(mode);
      const deleted: string[] = [];
      informer.onChange((change) => {
        if (change.type === 'DELETED') deleted.push(change.object.metadata?.name ?? '');
      });
      await settle();
      server.endWatches(new Error('broken'));
      await client.delete(CONFIG_MAPS, { namespace: 'shop', name: 'gone' });
      await put('b', '1');
      server.storage.compact();
      await clock.advance(10_000);
      expect(values(informer)).toEqual({ a: '1', b: '1' });
      expect(deleted).toEqual(['gone']);
    });

    it('lists afresh after an ERROR event that says Expired', async () => {
      const informer = start(mode);
      await settle();
      const before = server.requests.length;
      server.sendLine(
        JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }),
      );
      await clock.advance(10_000);
      const fresh = paths().slice(before).join(' ');
      expect(fresh).toMatch(mode.watchList ? /sendInitialEvents=true/ : /limit=500/);
      expect(informer.lastError).toBeUndefined();
    });

    it('gives up a stream that falls silent and opens another', async () => {
      start(mode);
      await settle();
      server.bookmark();
      await settle();
      const before = server.requests.length;
      await clock.advance(149_000);
      expect(server.requests.length).toBe(before);
      await clock.advance(5000);
      expect(server.requests.length).toBe(before + 1);
      expect(server.watchCount).toBe(1);
    });

    it('backs off from a failing server and says why', async () => {
      server.intercept = () => failure(500, 'InternalError', 'etcd is down');
      const informer = start(mode);
      await clock.advance(300_000);
      expect(informer.synced).toBe(false);
      expect(String(informer.lastError)).toContain('etcd is down');
      expect(server.requests.length).toBeLessThan(25);
      server.intercept = undefined;
      await clock.advance(31_000);
      expect(informer.synced).toBe(true);
      expect(informer.lastError).toBeUndefined();
    });

    it('waits as long as Retry-After says', async () => {
      server.intercept = () => ({
        ...failure(429, 'TooManyRequests', 'slow down'),
        headers: { 'retry-after': '60' },
      });
      start(mode);
      await clock.advance(59_000);
      expect(server.requests.length).toBe(1);
    });

    it('never takes a list that is older than what it has seen, unless the server insists', async () => {
      server.storage.skip(1000);
      await put('a', '1');
      const informer = start(mode);
      await settle();
      const restored = new FakeApiServer();
      await new KubeClient(restored).create(CONFIG_MAPS, { metadata: { namespace: 'shop', name: 'old' } });
      server.intercept = (request) => restored.send(request);
      restored.storage.compact();
      server.sendLine(JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } }));
      await clock.advance(3000);
      expect(values(informer)).toEqual({ a: '1' });
      expect(String(informer.lastError)).toContain('is older than');
      await clock.advance(60_000);
      expect(values(informer)).toEqual({ old: undefined });
    });

    it('finds at the next relist what a middleman has lost', async () => {
      const informer = start({ ...mode, relistEveryMs: 60_000 });
      await settle();
      server.tamper = () => [];
      await put('b', '1');
      server.tamper = undefined;
      server.bookmark();
      await clock.advance(61_000);
      expect(values(informer)).toEqual({});
      server.endWatches();
      await clock.advance(1000);
      expect(values(informer)).toEqual({ b: '1' });
    });
  },
);

describe('a reflector', () => {
  it('falls back to lists where the server refuses WatchList, and does not ask again', async () => {
    server = new FakeApiServer({ watchList: false });
    client = new KubeClient(server);
    await put('a', '1');
    const informer = start();
    await clock.advance(0);
    expect(values(informer)).toEqual({ a: '1' });
    server.storage.compact();
    server.endWatches(new Error('broken'));
    await put('b', '1');
    server.storage.compact();
    await clock.advance(5000);
    expect(values(informer)).toEqual({ a: '1', b: '1' });
    expect(paths().filter((path) => path.includes('sendInitialEvents'))).toHaveLength(1);
  });

  it('falls back to a list where the initial events never end', async () => {
    await put('a', '1');
    server.intercept = (request) =>
      request.path.includes('sendInitialEvents')
        ? server.send({ ...request, path: request.path.replace('sendInitialEvents=true', '') })
        : undefined;
    const informer = start();
    await clock.advance(19_000);
    expect(informer.synced).toBe(false);
    await clock.advance(3000);
    expect(values(informer)).toEqual({ a: '1' });
  });

  it('shows listed and watched objects in the same shape, without managed fields', async () => {
    server.storage.create(
      'api/v1/configmaps',
      { metadata: { name: 'a', namespace: 'shop', managedFields: [{}] } },
      0,
    );
    const informer = start({ watchList: false });
    await settle();
    const [object] = informer.store.list();
    expect(object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(object?.metadata).not.toHaveProperty('managedFields');
    expect(Object.isFrozen(object?.metadata)).toBe(true);
  });

  it('pages through large collections and starts over where a page has expired', async () => {
    for (let index = 0; index < 1200; index += 1) await put(`c${String(index)}`, '1');
    server.intercept = (request) => {
      if (request.path.includes('continue=500')) server.storage.compact();
      return undefined;
    };
    server.storage.skip(1);
    const informer = start({ watchList: false });
    await settle();
    expect(informer.store.size).toBe(1200);
  });

  it('stops when told, leaving no timer and no stream behind', async () => {
    const informers = new Informers({ client, clock, random: new SeededRandom(1), logger: silentLogger });
    informers.of(CONFIG_MAPS);
    const run = informers.run(stop.signal);
    await settle();
    stop.abort();
    await run;
    expect(clock.pending).toBe(0);
    expect(server.watchCount).toBe(0);
  });
});
