import { beforeEach, describe, expect, it } from 'vitest';
import { keyText } from '#apis/kubernetes/object.ts';
import { CONFIG_MAPS, LEASES } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer, failure } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { HttpTransport } from '#kube/transport/http-transport.ts';
import { SystemClock, sleep } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { DONE } from '../controller/reconcile.ts';
import { watchOwn } from '../controller/source.ts';
import { healthHandler, healthServer } from './health-server.ts';
import { Manager } from './manager.ts';
import { Mortal } from '../testing/mortal.ts';

let clock: ManualClock;
let server: FakeApiServer;
let client: KubeClient;

beforeEach(async () => {
  clock = new ManualClock();
  server = new FakeApiServer();
  client = new KubeClient(server);
  await client.create(CONFIG_MAPS, { metadata: { namespace: 'shop', name: 'a' } });
});

interface Process {
  readonly manager: Manager;
  readonly stop: AbortController;
  readonly mortal: Mortal;
  readonly ended: Promise<void>;
  readonly calls: string[];
}

/** Starts a process whose one controller writes its name into every config map, after `workMs`. */
function start(name: string, options: { readonly alone?: boolean; readonly workMs?: number } = {}): Process {
  const mortal = new Mortal({ transport: server, clock });
  const manager = new Manager({
    transport: mortal.transport,
    clock: mortal.clock,
    random: new SeededRandom(name),
    logger: silentLogger,
    ...(options.alone === true
      ? {}
      : { leaderElection: { namespace: 'kcloud', name: 'operator', identity: name } }),
  });
  const calls: string[] = [];
  manager.addController({
    name: 'mark',
    sources: [watchOwn(manager.informers.of(CONFIG_MAPS))],
    reconcile: async (key) => {
      calls.push(keyText(key));
      await sleep(mortal.clock, options.workMs ?? 0);
      await manager.client.patch(CONFIG_MAPS, key, { patch: 'merge', body: { data: { by: name } } });
      return DONE;
    },
  });
  const stop = new AbortController();
  return { manager, stop, mortal, calls, ended: manager.run(stop.signal) };
}

async function by(): Promise<string | undefined> {
  return (await client.get(CONFIG_MAPS, { namespace: 'shop', name: 'a' })).data?.['by'];
}

describe('a manager', () => {
  it('starts controllers only when every cache is synced', async () => {
    server.intercept = (request) =>
      request.path.includes('configmaps') ? failure(500, '', 'no') : undefined;
    const { manager, calls } = start('x', { alone: true });
    manager.informers.of(LEASES);
    await clock.advance(5000);
    expect(calls).toEqual([]);
    const report = await manager.health.ready();
    expect(report.checks.find(({ name }) => name === 'caches')?.problem).toContain(
      'configmaps not synced: list',
    );
    server.intercept = undefined;
    await clock.advance(30_000);
    expect(calls[0]).toBe('shop/a');
    expect((await manager.health.ready()).ok).toBe(true);
  });

  it('lets only the leader act, and the next at once when it stops', async () => {
    const first = start('first');
    await clock.advance(1000);
    const second = start('second');
    await clock.advance(30_000);
    expect([first.manager.leads, second.manager.leads]).toEqual([true, false]);
    expect([await by(), second.calls.length]).toEqual(['first', 0]);
    first.stop.abort();
    await clock.advance(0);
    await first.ended;
    await clock.advance(2500);
    expect([second.manager.leads, await by()]).toEqual([true, 'second']);
  });

  it('finishes what is under way before it hands over', async () => {
    const first = start('first', { workMs: 5000 });
    await clock.advance(1000);
    first.stop.abort();
    await clock.advance(3000);
    expect((await client.get(LEASES, { namespace: 'kcloud', name: 'operator' })).spec?.holderIdentity).toBe(
      'first',
    );
    expect((await first.manager.health.ready()).ok).toBe(false);
    await clock.advance(1500);
    await first.ended;
    expect(await by()).toBe('first');
    expect(
      (await client.get(LEASES, { namespace: 'kcloud', name: 'operator' })).spec?.holderIdentity,
    ).toBeUndefined();
  });

  it('cuts off what does not finish in time', async () => {
    const first = start('first', { workMs: 3_600_000 });
    await clock.advance(1000);
    first.stop.abort();
    await clock.advance(20_001);
    await first.ended;
    expect(await by()).toBeUndefined();
  });

  it('is replaced after it was killed in the middle of a reconcile, and does nothing any more', async () => {
    const first = start('first', { workMs: 500 });
    await clock.advance(100);
    first.mortal.kill();
    const second = start('second');
    await clock.advance(10_000);
    expect(await by()).toBeUndefined();
    await clock.advance(10_000);
    expect(await by()).toBe('second');
    second.stop.abort();
    await clock.advance(0);
    await second.ended;
    expect(clock.pending).toBe(0);
    expect(server.watchCount).toBe(0);
  });

  it('holds back the writes of a leader that cannot renew, and leads again when it can', async () => {
    const first = start('first', { workMs: 20_000 });
    await clock.advance(5000);
    server.intercept = (request) => (request.path.includes('leases') ? failure(500, '', 'no') : undefined);
    await clock.advance(14_000);
    expect(first.manager.leads).toBe(false);
    await clock.advance(5000);
    expect(await by()).toBeUndefined();
    server.intercept = undefined;
    await clock.advance(30_000);
    expect([first.manager.leads, await by()]).toEqual([true, 'first']);
  });

  it('can live many lives in one process', async () => {
    for (const name of ['one', 'two', 'three']) {
      const life = start(name, { alone: true });
      await clock.advance(1000);
      expect(await by()).toBe(name);
      life.stop.abort();
      await clock.advance(0);
      await life.ended;
    }
    expect([clock.pending, server.watchCount]).toEqual([0, 0]);
  });

  it('stops everything and says why when one of its parts fails', async () => {
    const failing = new Manager({
      transport: server,
      clock,
      random: new SeededRandom(1),
      logger: silentLogger,
    });
    failing.add({ name: 'broken', start: 'synced', run: () => Promise.reject(new Error('port in use')) });
    const run = failing.run(new AbortController().signal);
    void run.catch(() => undefined);
    await clock.advance(0);
    await expect(run).rejects.toThrow('port in use');
  });
});

describe('the health server', () => {
  it('answers what the checks say, and the metrics of the runtime', async () => {
    server.intercept = () => failure(500, '', 'starting');
    const { manager } = start('x', { alone: true });
    const handler = healthHandler({ health: manager.health, registry: manager.metrics.registry });
    const get = async (path: string, method = 'GET') => handler({ method, path, body: '' });
    expect((await get('/readyz')).status).toBe(503);
    server.intercept = undefined;
    await clock.advance(1000);
    const ready = await get('/readyz');
    expect([ready.status, ready.body]).toEqual([200, '[+] running ok\n[+] caches ok\nok\n']);
    expect((await get('/healthz')).body).toBe('ok\n');
    expect([(await get('/other')).status, (await get('/healthz', 'POST')).status]).toEqual([404, 405]);
    const { body } = await get('/metrics');
    expect(body).toContain('kcloud_runtime_reconcile_total{controller="mark",outcome="done"} 2');
    expect(body).toContain('kcloud_runtime_cached_objects{resource="configmaps"} 1');
    expect(body).toContain('kcloud_runtime_queue_depth{controller="mark"} 0');
    expect(body).toContain('kcloud_runtime_leader 1');
  });

  it('is up while it runs and gone after', async () => {
    const { manager } = start('x', { alone: true });
    const stop = new AbortController();
    const listening = Promise.withResolvers<string>();
    const part = healthServer({
      health: manager.health,
      registry: manager.metrics.registry,
      port: 0,
      host: '127.0.0.1',
      onListening: listening.resolve,
    });
    const run = part.run({ stop: stop.signal, abort: stop.signal });
    const transport = new HttpTransport({ server: await listening.promise, clock: new SystemClock() });
    const call = { method: 'GET', path: '/healthz?verbose', headers: {}, timeoutMs: 5000 } as const;
    expect(await (await transport.send(call)).text()).toBe('ok\n');
    stop.abort();
    await run;
    await expect(transport.send(call)).rejects.toMatchObject({ code: 'KC_API_UNREACHABLE' });
    transport.close();
  });
});
