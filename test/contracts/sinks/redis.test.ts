/** Entries in a real Redis stream: each once, whatever happens to the server and whoever sends them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisStreamSink } from '#adapters/sinks/redis/redis-stream-sink.ts';
import { RedisServer, whyNoRedis } from '../../servers/redis/redis-server.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { connected } from '../rollback-store/redis-rig.ts';
import { batchAt, SinkRig, T0 } from './sink-rig.ts';

const skipped = skipReason('samples in Redis', whyNoRedis());

describe.skipIf(skipped !== undefined)(
  `samples in Redis${skipped === undefined ? '' : ` (skipped: ${skipped})`}`,
  () => {
    let server: RedisServer;
    let stream = '';
    let streams = 0;

    beforeAll(async () => {
      server = await RedisServer.start();
    });
    afterAll(() => server.stop());
    beforeEach(() => {
      stream = `kcloud:power:${String((streams += 1))}`;
    });

    async function sinkFor(timeoutMs = 5_000, maxEntries = 1_000_000): Promise<RedisStreamSink> {
      const connection = await connected(server.port, { timeoutMs });
      return new RedisStreamSink(connection, { stream, maxEntries, rememberMs: 86_400_000 });
    }

    /** The keys of the entries, in their order. */
    async function keys(): Promise<readonly string[]> {
      const connection = await connected(server.port);
      const entries = (await connection.run((client) =>
        client.sendCommand(['XRANGE', stream, '-', '+']),
      )) as [string, string[]][];
      connection.close();
      return entries.map(([, words]) => words[words.indexOf('key') + 1] ?? '');
    }

    it('hold every tag and field, and are added once', async () => {
      const sink = await sinkFor();
      await sink.write(batchAt(0));
      await sink.write(batchAt(0));
      const connection = await connected(server.port);
      const entries = (await connection.run((client) =>
        client.sendCommand(['XRANGE', stream, '-', '+']),
      )) as [string, string[]][];
      connection.close();
      expect(entries).toHaveLength(3);
      expect(entries[0]?.[1]).toEqual([
        ...['key', `${String(T0)}/container/shop/web-0/app/n 1,=x`, 'kind', 'container', 'at_ms', String(T0)],
        ...['namespace', 'shop', 'pod', 'web-0', 'container', 'app', 'node', 'n 1,=x'],
        ...['watts', '0.5', 'origin', 'measured', 'note', 'say "hi"\\'],
      ]);
      sink.close();
    });

    it('are added once by two replicas that send them in any order', async () => {
      const [one, two] = [await sinkFor(), await sinkFor()];
      // One begins in the middle, the other sends all: nothing that came first hides what is older.
      for (const step of [3, 4, 5]) await one.write(batchAt(step));
      await Promise.all([0, 1, 2, 3, 4, 5].map((step) => two.write(batchAt(step))));
      const found = await keys();
      expect(found).toHaveLength(18);
      expect(new Set(found).size).toBe(18);
      one.close();
      two.close();
    });

    it('wait for a server that is down or takes too long, and arrive once', async () => {
      const rig = new SinkRig();
      rig.start(await sinkFor(300));
      rig.put(0, 3);
      await rig.untilDelivered();
      server.pause();
      rig.put(3, 6);
      await rig.untilDown();
      server.resume();
      await rig.untilDelivered();
      const found = await keys();
      expect([found.length, new Set(found).size]).toEqual([18, 18]);
      await server.kill();
      rig.put(6, 16);
      await rig.untilDown();
      expect(rig.state.batches).toBe(10);
      await server.restart();
      await rig.untilDelivered();
      // It came back empty: what it had confirmed before is its own to lose, nothing else is.
      expect(new Set(await keys()).size).toBe(30);
      expect(rig.state).toMatchObject({ delivered: 16, dropped: 0 });
      await rig.stop();
    });

    it('are kept to about as many as asked for', async () => {
      const sink = await sinkFor(5_000, 100);
      for (let step = 0; step < 200; step += 1) await sink.write(batchAt(step));
      const { length } = await keys();
      expect(length).toBeGreaterThanOrEqual(100);
      expect(length).toBeLessThan(400);
      sink.close();
    });

    it('wait where the key is somebody else’s, and are not taken for added', async () => {
      const connection = await connected(server.port);
      await connection.run((client) => client.sendCommand(['SET', stream, 'a text']));
      const rig = new SinkRig();
      rig.start(await sinkFor());
      rig.put(0, 1);
      await rig.untilDown();
      expect(rig.state.problem).toMatch(/WRONGTYPE/);
      await connection.run((client) => client.del(stream));
      await rig.untilDelivered();
      expect(await keys()).toHaveLength(3);
      await rig.stop();
      connection.close();
    });
  },
);
