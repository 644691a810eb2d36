import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import type { SampleBatch } from '#adapters/sinks/sample-batch.ts';
import type { Sink } from '#adapters/sinks/sink.ts';
import {
  CollectAnswer,
  HealthAnswer,
  InfoAnswer,
  LiveAnswer,
  ReadyAnswer,
  SummaryAnswer,
} from '#apis/estimator-api/service.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import { KcError } from '#errors/kc-error.ts';
import { type BenchOptions, EstimatorBench } from './testing.ts';

const benches: EstimatorBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.stop();
});

async function benchOf(options: BenchOptions = {}): Promise<EstimatorBench> {
  const bench = new EstimatorBench(options);
  benches.push(bench);
  bench.start();
  await bench.clock.advance(0);
  return bench;
}

async function ask<T>(bench: EstimatorBench, request: string, schema: TSchema): Promise<T> {
  const { json } = await bench.ask(request);
  expect(Value.Errors(schema, json).slice(0, 3)).toEqual([]);
  return json as T;
}

/** Keeps points by time and tags, as InfluxDB does. */
class FakeSink implements Sink {
  readonly name = 'fake';
  readonly address = 'nowhere';
  readonly points = new Map<string, unknown>();
  writes = 0;
  down = false;

  write({ atMs, samples }: SampleBatch): Promise<void> {
    if (this.down) return Promise.reject(new KcError('KC_SINK_UNAVAILABLE', { problem: 'it is down' }));
    this.writes += 1;
    for (const { kind, tags, fields } of samples) this.points.set(JSON.stringify([atMs, kind, tags]), fields);
    return Promise.resolve();
  }

  close(): void {
    // Nothing is open.
  }
}

describe('collecting', () => {
  it('goes on while a sink is down, and delivers all of it later, once', async () => {
    const sink = new FakeSink();
    const bench = await benchOf({ sinks: [sink] });
    sink.down = true;
    await bench.clock.advance(5 * MINUTE_MS);
    expect(await ask(bench, 'GET /health', HealthAnswer)).toMatchObject({
      status: 'degraded',
      collection: { failures: 0, problem: null },
      sinks: [{ sink: 'fake', state: 'down', dropped_batches: 0 }],
    });
    sink.down = false;
    await bench.clock.advance(MINUTE_MS);
    const collected = bench.service.collector.state.collections;
    expect(sink.writes).toBe(collected);
    // Three containers and two nodes each time, at a time of their own.
    expect(sink.points.size).toBe(5 * collected);
    expect(await ask(bench, 'GET /health', HealthAnswer)).toMatchObject({
      status: 'healthy',
      sinks: [{ state: 'up', waiting_batches: 0, delivered_batches: collected }],
    });
  });

  it('falls on multiples of the interval and survives a source that is down', async () => {
    const sink = new FakeSink();
    const bench = await benchOf({ sinks: [sink] });
    await bench.clock.advance(7_000);
    bench.power.down = true;
    await bench.clock.advance(60_000);
    bench.power.down = false;
    await bench.clock.advance(60_000);
    const times = [...sink.points.keys()].map((key) => (JSON.parse(key) as [number])[0]);
    expect(times.every((ms) => ms % 15_000 === 0)).toBe(true);
    expect(bench.service.collector.state).toMatchObject({ failures: 4, problem: undefined });
  });

  it('stops and starts when asked to; power of now is still answered', async () => {
    const bench = await benchOf();
    expect(await ask(bench, 'POST /collect/start', CollectAnswer)).toMatchObject({
      status: 'already_running',
    });
    expect(await ask(bench, 'POST /collect/stop', CollectAnswer)).toMatchObject({
      status: 'stopped',
      collection: { collecting: false },
    });
    const before = bench.service.collector.state.collections;
    await bench.clock.advance(MINUTE_MS);
    expect(bench.service.collector.state.collections).toBe(before);
    expect((await bench.ask('GET /power/nodes')).status).toBe(200);
    expect(await ask(bench, 'POST /collect/stop', CollectAnswer)).toMatchObject({
      status: 'already_stopped',
    });
    expect(await ask(bench, 'POST /collect/start', CollectAnswer)).toMatchObject({ status: 'started' });
    await bench.clock.advance(MINUTE_MS);
    expect(bench.service.collector.state.collections).toBe(before + 4);
  });
});

describe('the service', () => {
  it('tells how it is, in every way that the first version did', async () => {
    const bench = await benchOf();
    expect(await ask(bench, 'GET /health', HealthAnswer)).toMatchObject({
      status: 'healthy',
      power_source: { state: 'up' },
    });
    expect(await ask(bench, 'GET /live', LiveAnswer)).toMatchObject({ status: 'alive' });
    expect(await ask(bench, 'GET /ready', ReadyAnswer)).toMatchObject({ status: 'ready' });
    const info = await ask<{ endpoints: string[] }>(bench, 'GET /info', InfoAnswer);
    expect(info.endpoints).toContain('GET /cost/workload/{workload_id}');
    const summary = await ask(bench, 'GET /metrics/summary', SummaryAnswer);
    expect(summary).toMatchObject({ power: { power_watts: 402.5 }, containers: 3, nodes: 2, devices: 0 });
    const { text } = await bench.ask('GET /metrics');
    expect(text).toContain('kcloud_node_power_watts{node="n1",origin="measured"} 305');
    expect(text).toContain('kcloud_namespace_power_watts{namespace="default"} 337.5');
    expect(text).toContain('kcloud_estimator_collections_total{result="ok"} 1');
  });

  it('tells no watts of a source that is down', async () => {
    const bench = await benchOf();
    bench.power.down = true;
    await bench.clock.advance(15_000);
    expect(await ask(bench, 'GET /health', HealthAnswer)).toMatchObject({
      status: 'degraded',
      power_source: { state: 'down' },
    });
    expect(await ask(bench, 'GET /metrics/summary', SummaryAnswer)).toMatchObject({
      power: { power_watts: null },
      nodes: null,
    });
    const { text } = await bench.ask('GET /metrics');
    expect(text).not.toMatch(/^kcloud_node_power_watts\{/m);
    expect((await bench.ask('GET /ready')).status).toBe(200);
  });

  it('echoes a request id, describes itself, and refuses what it does not know', async () => {
    const bench = await benchOf();
    const { headers } = await bench.ask('GET /power/nodes', undefined, { 'x-request-id': 'abc-123' });
    expect(headers['x-request-id']).toBe('abc-123');
    expect((await bench.ask('GET /openapi.json')).json).toMatchObject({ openapi: '3.1.0' });
    expect((await bench.ask('GET /docs')).text).toContain('/predict/energy');
    expect((await bench.ask('GET /power/current?watts=1')).json).toMatchObject({
      status: 422,
      field: 'query.watts',
    });
    expect((await bench.ask('GET /cost/hourly?start=yesterday')).json).toMatchObject({
      status: 422,
      field: 'query.start',
    });
    expect(
      (await bench.ask('GET /cost/hourly?start=2026-11-21T09:00:00Z&end=2026-11-20T09:00:00Z')).status,
    ).toBe(422);
    expect((await bench.ask('POST /power/current')).status).toBe(405);
  });

  it('lets only writers calibrate, start and stop where callers are known', async () => {
    const authenticator = { authenticate: (token: string) => Promise.resolve(token === 'bad' ? undefined : { name: token, groups: ['system:authenticated'] }) }; // prettier-ignore
    const bench = await benchOf({
      authenticator,
      allow: { readers: ['system:authenticated'], writers: ['chief'] },
    });
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    expect((await bench.ask('GET /power/nodes')).status).toBe(401);
    expect((await bench.ask('GET /power/nodes', undefined, as('bad'))).status).toBe(401);
    expect((await bench.ask('GET /power/nodes', undefined, as('reader'))).status).toBe(200);
    expect((await bench.ask('POST /collect/stop', undefined, as('reader'))).status).toBe(403);
    expect((await bench.ask('POST /collect/stop', undefined, as('chief'))).status).toBe(200);
    expect((await bench.ask('GET /health')).status).toBe(200);
  });

  it('counts a prediction for several requests', async () => {
    const bench = await benchOf({ limit: { perSecond: 1, burst: 15 } });
    expect((await bench.ask('POST /predict/energy', {})).status).toBe(422);
    const second = await bench.ask('POST /predict/energy', {});
    expect([second.status, second.headers['retry-after']]).toEqual([429, '5']);
    expect((await bench.ask('GET /calibration/config')).status).toBe(200);
  });
});
