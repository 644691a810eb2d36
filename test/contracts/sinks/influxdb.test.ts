/** Points in a real InfluxDB: exact, once, whatever happens to the server. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDirectly } from '#adapters/metrics/prometheus/client/connection.ts';
import { InfluxSink } from '#adapters/sinks/influx/influx-sink.ts';
import { SystemClock } from '#platform/clock.ts';
import { whyNoInfluxdb } from '../../servers/influxdb/binaries.ts';
import { InfluxdbServer } from '../../servers/influxdb/influxdb-server.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { batchAt, SinkRig, T0 } from './sink-rig.ts';

const skipped = skipReason('samples in InfluxDB', whyNoInfluxdb());

describe.skipIf(skipped !== undefined)(
  `samples in InfluxDB${skipped === undefined ? '' : ` (skipped: ${skipped})`}`,
  () => {
    let server: InfluxdbServer;
    let bucket = '';
    let buckets = 0;

    beforeAll(async () => {
      server = await InfluxdbServer.start();
    });
    afterAll(() => server.stop());
    beforeEach(async () => {
      bucket = `power_${String((buckets += 1))}`;
      await server.createBucket(bucket);
    });

    function sinkFor(name = bucket, timeoutMs = 5_000): InfluxSink {
      const { transport, pathPrefix } = connectDirectly({ url: server.url, clock: new SystemClock() });
      return new InfluxSink({
        address: server.url,
        transport,
        pathPrefix,
        bucket: name,
        org: 'kcloud',
        token: undefined,
        prefix: 'kcloud',
        timeoutMs,
      });
    }

    const containerPoints = () =>
      server.query(
        'SELECT watts, origin, note, "pod"::tag, "node"::tag FROM kcloud_container_power ORDER BY time',
        bucket,
      );
    const count = async () =>
      (await server.query('SELECT count(watts) FROM kcloud_container_power', bucket))[0]?.['count'];

    it('are written with their exact times, tags and fields, and overwrite themselves', async () => {
      const sink = sinkFor();
      await sink.write(batchAt(0));
      await sink.write(batchAt(0));
      expect(await containerPoints()).toEqual(
        ['web-0', 'web-1'].map((pod) => ({
          time: T0,
          watts: 0.5,
          origin: 'measured',
          note: 'say "hi"\\',
          pod,
          node: 'n 1,=x',
        })),
      );
      expect(await server.query('SELECT watts FROM kcloud_node_power', bucket)).toEqual([
        { time: T0, watts: 100 },
      ]);
    });

    it('wait for a server that is down, and arrive once when it is back', async () => {
      const rig = new SinkRig();
      rig.start(sinkFor());
      rig.put(0, 5);
      await rig.untilDelivered();
      await server.kill();
      rig.put(5, 25);
      await rig.untilDown();
      expect(rig.state.batches).toBe(20);
      await server.restart();
      await rig.untilDelivered();
      expect(rig.state).toMatchObject({ delivered: 25, dropped: 0, rejected: 0 });
      expect(await count()).toBe(50);
      await rig.stop();
    });

    it('arrive once from a server that takes too long to say so', async () => {
      const rig = new SinkRig();
      rig.start(sinkFor(bucket, 300));
      rig.put(0, 1);
      await rig.untilDelivered();
      server.pause();
      rig.put(1, 4);
      await rig.untilDown();
      server.resume();
      await rig.untilDelivered();
      expect(await count()).toBe(8);
      await rig.stop();
    });

    it('are taken up by the next process', async () => {
      const rig = new SinkRig();
      rig.start(sinkFor());
      await server.kill();
      rig.put(0, 10);
      await rig.untilDown();
      await rig.stop();
      await server.restart();
      rig.start(sinkFor());
      await rig.untilDelivered();
      expect(await count()).toBe(20);
      await rig.stop();
    });

    it('are dropped from the oldest on beyond the stated bound, and counted', async () => {
      const rig = new SinkRig({ maxAgeMs: 10 * 15_000, maxBytes: 1 << 24 });
      rig.start(sinkFor());
      await server.kill();
      rig.put(0, 30);
      expect(rig.state).toMatchObject({ batches: 11, dropped: 19 });
      await server.restart();
      await rig.untilDelivered();
      const [first] = await containerPoints();
      expect(first?.['time']).toBe(T0 + 19 * 15_000);
      expect(await count()).toBe(22);
      await rig.stop();
    });

    it('wait where the bucket is missing; what the server refuses for good is passed over', async () => {
      const rig = new SinkRig();
      rig.start(sinkFor('nowhere'));
      rig.put(0, 2);
      await rig.untilDown();
      expect(rig.state.problem).toMatch(/404.*database not found/);
      await server.createBucket('nowhere');
      await rig.untilDelivered();
      await rig.stop();
      // A field that is a text here and a number there cannot be stored.
      await server.createBucket('clash');
      const clashing = {
        atMs: T0,
        samples: [{ kind: 'node', group: 'nodes', tags: { node: 'n1' }, fields: { watts: 'many' } }],
      };
      await sinkFor('clash').write(clashing);
      const second = new SinkRig();
      second.start(sinkFor('clash'));
      second.put(0, 1);
      await second.untilDelivered();
      expect(second.state).toMatchObject({ delivered: 0, rejected: 1 });
      await second.stop();
    });
  },
);
