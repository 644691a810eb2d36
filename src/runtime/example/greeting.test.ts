import { beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_MAPS, EVENTS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { isConditionTrue } from '../conditions/conditions.ts';
import { Manager } from '../manager/manager.ts';
import { RecordingTransport, undeclared, unused } from '../rbac/permission-check.ts';
import { Mortal } from '../testing/mortal.ts';
import { GREETINGS, type Greeting } from './greeting.ts';
import { decide, greetingController } from './greeting-controller.ts';

const key = { namespace: 'shop', name: 'first' };
const greeting: Greeting = { metadata: key, spec: { name: 'Ada' } };

let clock: ManualClock;
let server: FakeApiServer;
let client: KubeClient;

beforeEach(() => {
  clock = new ManualClock();
  server = new FakeApiServer({ clock });
  client = new KubeClient(server);
});

function start(process: Mortal): Manager {
  const { transport } = process;
  const manager = new Manager({
    transport,
    clock: process.clock,
    random: new SeededRandom(1),
    logger: silentLogger,
  });
  manager.addController(greetingController(manager, process.clock));
  void manager.run(new AbortController().signal);
  return manager;
}

describe('the example', () => {
  it('decides by what is there', () => {
    expect(decide({ greeting, configMap: undefined })).toBe('Hello, Ada!');
    expect(decide({ greeting, configMap: { data: { text: 'Hello, Ada!' } } })).toBeUndefined();
  });

  it('greets, says so, follows changes and mends what others break', async () => {
    start(new Mortal({ transport: server, clock }));
    await client.create(GREETINGS, greeting);
    await clock.advance(1000);
    expect((await client.get(CONFIG_MAPS, key)).data).toEqual({ text: 'Hello, Ada!' });
    const { status } = await client.get(GREETINGS, key);
    expect([status?.observedGeneration, isConditionTrue(status?.conditions, 'Ready')]).toEqual([1, true]);
    expect((await client.list(EVENTS)).items).toMatchObject([{ reason: 'Greeted', message: 'Hello, Ada!' }]);
    await client.patch(GREETINGS, key, { patch: 'merge', body: { spec: { words: 'Salut' } } });
    await client.patch(CONFIG_MAPS, key, { patch: 'merge', body: { data: { text: 'graffiti' } } });
    await clock.advance(1000);
    expect((await client.get(CONFIG_MAPS, key)).data).toEqual({ text: 'Salut, Ada!' });
  });

  it('ends the same wherever it is killed', async () => {
    for (let write = 1; write <= 3; write += 1) {
      server = new FakeApiServer({ clock });
      client = new KubeClient(server);
      await client.create(GREETINGS, greeting);
      let writes = 0;
      const process: Mortal = new Mortal({ transport: server, clock });
      server.intercept = ({ method }) => {
        if (method !== 'GET' && (writes += 1) === write) process.kill();
        return undefined;
      };
      start(process);
      await clock.advance(1000);
      server.intercept = undefined;
      start(new Mortal({ transport: server, clock }));
      await clock.advance(1000);
      expect((await client.get(CONFIG_MAPS, key)).data).toEqual({ text: 'Hello, Ada!' });
      expect(isConditionTrue((await client.get(GREETINGS, key)).status?.conditions, 'Ready')).toBe(true);
    }
  });

  it('needs exactly the rights that it declares', async () => {
    const recording = new RecordingTransport(server);
    const manager = start(new Mortal({ transport: recording, clock }));
    await client.create(GREETINGS, greeting);
    await clock.advance(1000);
    expect(undeclared(recording.used, manager.permissions, 'kcloud')).toEqual([]);
    // The first state came with the watch, and nothing happened twice.
    expect(unused(recording.used, manager.permissions, 'kcloud')).toEqual([
      'patch events',
      'list greetings.example.kcloud.io',
      'list configmaps',
    ]);
  });
});
