import { beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '#apis/kubernetes/builtin.ts';
import { type ObjectKey, keyText } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';
import { CONFIG_MAPS, PODS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { Informers } from '#kube/watch/informers.ts';
import { sleep } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { Controller } from './controller.ts';
import type { ControllerObserver, ControllerSpec, Outcome } from './controller-spec.ts';
import { generationChanged } from './predicates.ts';
import { DONE, type Reconcile, TerminalError, requeueAfter } from './reconcile.ts';
import { Trigger, watchMapped, watchOwn, watchOwned } from './source.ts';

let clock: ManualClock;
let server: FakeApiServer;
let client: KubeClient;
let informers: Informers;
let stop: AbortController;
let abort: AbortController;
let calls: string[];
let outcomes: Outcome[];

beforeEach(() => {
  clock = new ManualClock();
  server = new FakeApiServer();
  client = new KubeClient(server);
  informers = new Informers({ client, clock, random: new SeededRandom(1), logger: silentLogger });
  stop = new AbortController();
  abort = new AbortController();
  calls = [];
  outcomes = [];
});

const observer: ControllerObserver = {
  reconciled: (_name, outcome) => outcomes.push(outcome),
  queue: () => undefined,
  queueObserver: () => ({ added: () => undefined, retried: () => undefined, taken: () => undefined }),
};

function start(reconcile: Reconcile, spec: Partial<ControllerSpec> = {}): Promise<void> {
  const sources = spec.sources ?? [watchOwn(informers.of(CONFIG_MAPS))];
  void informers.run(abort.signal);
  const recording: Reconcile = (key, context) => {
    calls.push(keyText(key));
    return reconcile(key, context);
  };
  const environment = { clock, random: new SeededRandom(2), logger: silentLogger, observer };
  const controller = new Controller({ name: 'test', ...spec, sources, reconcile: recording }, environment);
  return controller.run({ stop: stop.signal, abort: abort.signal });
}

function put(name: string, extra: Partial<ConfigMap> = {}): Promise<ConfigMap> {
  return client.create(CONFIG_MAPS, { metadata: { namespace: 'shop', name }, ...extra });
}

describe('a controller', () => {
  it('reconciles what exists, what changes and what is deleted', async () => {
    await put('a');
    void start(() => Promise.resolve(DONE));
    await clock.advance(0);
    await put('b');
    await clock.advance(0);
    await client.delete(CONFIG_MAPS, { namespace: 'shop', name: 'a' });
    await clock.advance(0);
    expect(calls).toEqual(['shop/a', 'shop/b', 'shop/a']);
  });

  it('never runs two reconciles of one object at once, and misses no change in between', async () => {
    let running = 0;
    let most = 0;
    await put('a');
    void start(async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(clock, 100);
      running -= 1;
      return DONE;
    });
    await clock.advance(0);
    for (let value = 0; value < 5; value += 1) {
      const body = { data: { value: String(value) } };
      await client.patch(CONFIG_MAPS, { namespace: 'shop', name: 'a' }, { patch: 'merge', body });
      await clock.advance(10);
    }
    await clock.advance(1000);
    expect(most).toBe(1);
    expect(calls).toHaveLength(2);
  });

  it('works on several objects at the same time, as many as it has workers', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(name);
    void start(() => sleep(clock, 1000).then(() => DONE), { workers: 2 });
    await clock.advance(0);
    expect(calls).toHaveLength(2);
    await clock.advance(1000);
    expect(calls).toHaveLength(4);
  });

  it('comes back after the time that a reconcile asks for', async () => {
    await put('a');
    void start(() => Promise.resolve(requeueAfter(60_000)));
    await clock.advance(59_000);
    expect(calls).toHaveLength(1);
    await clock.advance(1000);
    expect(calls).toHaveLength(2);
  });

  it('tries a failing reconcile again with growing waits and tells how often it has failed', async () => {
    const failures: number[] = [];
    await put('a');
    void start((_key, context) => {
      failures.push(context.failures);
      return context.failures < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve(DONE);
    });
    await clock.advance(10_000);
    expect(failures).toEqual([0, 1, 2, 3, 4]);
    expect(outcomes).toEqual(['failed', 'failed', 'failed', 'failed', 'done']);
  });

  it.each<[string, Error]>([
    ['a TerminalError', new TerminalError('hopeless')],
    ['an error whose code says never', new KcError('KC_QUANTITY_INVALID', { problem: 'x' })],
  ])('waits for a change after %s', async (_name, error) => {
    await put('a');
    void start(() => Promise.reject(error));
    await clock.advance(600_000);
    expect(outcomes).toEqual(['terminal']);
    await client.patch(
      CONFIG_MAPS,
      { namespace: 'shop', name: 'a' },
      { patch: 'merge', body: { data: { x: '1' } } },
    );
    await clock.advance(0);
    expect(outcomes).toEqual(['terminal', 'terminal']);
  });

  it('contains what a reconcile throws before its first await', async () => {
    await put('a');
    await put('b');
    void start(
      (key) => {
        if (key.name === 'a') throw new TypeError('a bug');
        return Promise.resolve(DONE);
      },
      { workers: 1 },
    );
    await clock.advance(0);
    expect(outcomes).toEqual(['failed', 'done']);
  });

  it('gives up a reconcile that takes too long, keeps its object from others until it ends', async () => {
    let free: (() => void) | undefined;
    let aborted = false;
    await put('a');
    void start(
      (key, { signal }) => {
        if (key.name !== 'a') return Promise.resolve(DONE);
        signal.addEventListener('abort', () => { aborted = true; }); // prettier-ignore
        return new Promise((resolve) => { free = () => { resolve(DONE); }; }); // prettier-ignore
      },
      { workers: 1, timeoutMs: 5000 },
    );
    await clock.advance(1000);
    await put('b');
    await clock.advance(1000);
    expect(calls).toEqual(['shop/a']);
    await clock.advance(3100);
    expect(aborted).toBe(true);
    expect(calls).toEqual(['shop/a', 'shop/b']);
    await clock.advance(60_000);
    expect(calls).toEqual(['shop/a', 'shop/b']);
    free?.();
    await clock.advance(1000);
    expect(calls).toEqual(['shop/a', 'shop/b', 'shop/a']);
  });

  it('looks at every object again now and then, not at all of them at once', async () => {
    for (let index = 0; index < 20; index += 1) await put(String(index));
    void start(() => Promise.resolve(DONE), { resyncEveryMs: 100_000 });
    await clock.advance(100_000);
    expect(calls.length).toBeLessThan(25);
    await clock.advance(10_000);
    expect(calls.length).toBeGreaterThan(25);
    expect(calls.length).toBeLessThan(38);
    await clock.advance(10_000);
    expect(calls.length).toBe(40);
  });

  it('finishes what it is doing when stopped, and takes nothing new', async () => {
    await put('a');
    await put('b');
    let finished = 0;
    const run = start(() => sleep(clock, 1000).then(() => { finished += 1; return DONE; }), { workers: 1 }); // prettier-ignore
    await clock.advance(500);
    stop.abort();
    await clock.advance(1000);
    await run;
    expect([calls.length, finished]).toEqual([1, 1]);
  });

  it('lets go of what it is doing when aborted', async () => {
    await put('a');
    const run = start(() => new Promise(() => undefined));
    await clock.advance(500);
    stop.abort();
    abort.abort();
    await clock.advance(1);
    await run;
    expect(clock.pending).toBe(0);
  });

  it('can be run again', async () => {
    await put('a');
    const sources = [watchOwn(informers.of(CONFIG_MAPS))];
    void informers.run(abort.signal);
    const reconcile = (key: ObjectKey) => { calls.push(key.name); return Promise.resolve(DONE); }; // prettier-ignore
    const controller = new Controller(
      { name: 'test', sources, reconcile },
      { clock, random: new SeededRandom(1), logger: silentLogger },
    );
    for (let life = 0; life < 3; life += 1) {
      const end = new AbortController();
      const run = controller.run({ stop: end.signal, abort: abort.signal });
      await clock.advance(100);
      end.abort();
      await run;
    }
    expect(calls).toEqual(['a', 'a', 'a']);
  });
});

describe('sources', () => {
  it('turn changes of owned objects into their owner, of the right group and kind only', async () => {
    const owner = { kind: 'ConfigMap', name: 'a', uid: 'u', controller: true };
    const pods = watchOwned(informers.of(PODS), CONFIG_MAPS);
    void start(() => Promise.resolve(DONE), { sources: [pods] });
    await clock.advance(0);
    const create = (name: string, apiVersion: string) =>
      client.create(PODS, {
        metadata: { namespace: 'shop', name, ownerReferences: [{ ...owner, apiVersion }] },
      });
    await create('p1', 'v1');
    await create('p2', 'other/v1');
    await clock.advance(0);
    expect(calls).toEqual(['shop/a']);
  });

  it('map both states of a modified object', async () => {
    await client.create(PODS, { metadata: { namespace: 'shop', name: 'p', labels: { app: 'x' } } });
    const map = (pod: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }) => [
      { namespace: 'shop', name: pod.metadata?.labels?.['app'] ?? '' },
    ];
    void start(() => Promise.resolve(DONE), { sources: [watchMapped(informers.of(PODS), map)] });
    await clock.advance(0);
    const body = { metadata: { labels: { app: 'y' } } };
    await client.patch(PODS, { namespace: 'shop', name: 'p' }, { patch: 'merge', body });
    await clock.advance(0);
    expect(calls).toEqual(['shop/x', 'shop/x', 'shop/y']);
  });

  it('drop what their predicates refuse', async () => {
    await put('a');
    void start(() => Promise.resolve(DONE), {
      sources: [watchOwn(informers.of(CONFIG_MAPS), generationChanged)],
    });
    await clock.advance(0);
    const key = { namespace: 'shop', name: 'a' };
    await client.patch(CONFIG_MAPS, key, { patch: 'merge', body: { metadata: { labels: { x: '1' } } } });
    await clock.advance(0);
    expect(calls).toHaveLength(1);
    await client.patch(CONFIG_MAPS, key, { patch: 'merge', body: { data: { x: '1' } } });
    await clock.advance(0);
    expect(calls).toHaveLength(2);
  });

  it('can be fired by hand', async () => {
    const trigger = new Trigger();
    void start(() => Promise.resolve(DONE), { sources: [trigger] });
    await clock.advance(0);
    trigger.fire({ name: 'now' });
    await clock.advance(0);
    expect(calls).toEqual(['now']);
  });
});
