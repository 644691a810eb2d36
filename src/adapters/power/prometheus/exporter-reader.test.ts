import { beforeEach, describe, expect, it } from 'vitest';
import type { PowerInventory } from '#domain/power/inventory.ts';
import { success } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { SeededRandom } from '#platform/random.ts';
import { PromqlClient } from '../../metrics/prometheus/client/promql-client.ts';
import type { ExporterReadings } from './exporter.ts';
import { ExporterReader } from './exporter-reader.ts';

type Labels = Readonly<Record<string, string>>;

const AT_SECONDS = 1_800_000_000;

/** A store that knows series by their names alone: enough to see what is asked and what becomes of the answers. */
class NamedSeries implements Transport {
  readonly queries: string[] = [];
  readonly #series: { readonly metric: Labels; readonly values: readonly (readonly [number, string])[] }[] =
    [];

  /** Samples half a minute apart, the last at the present. */
  add(name: string, labels: Labels, values: readonly string[]): void {
    const timed = values.map(
      (value, index) => [AT_SECONDS - (values.length - 1 - index) * 30, value] as const,
    );
    this.#series.push({ metric: { __name__: name, ...labels }, values: timed });
  }

  send(request: WireRequest): Promise<WireResponse> {
    const query = new URLSearchParams(request.body).get('query') ?? '';
    this.queries.push(query);
    const [, names = ''] = /__name__=~?"([^"]*)"/.exec(query) ?? [];
    const asked = new Set(names.split('|'));
    const isLookBack = query.startsWith('last_over_time');
    const result = this.#series
      .filter(({ metric }) => asked.has(metric['__name__'] ?? ''))
      .map(({ metric, values }) => (isLookBack ? { metric, value: values.at(-1) } : { metric, values }));
    const resultType = isLookBack ? 'vector' : 'matrix';
    return Promise.resolve(success({ status: 'success', data: { resultType, result } }));
  }
}

const inventory: PowerInventory = { machines: [{ node: 'n1', accelerators: [], aliases: [] }], pods: [] };
const ZONE = { node_name: 'n1', zone: 'package', path: 'p' };

let store: NamedSeries;

beforeEach(() => {
  store = new NamedSeries();
});

function read(): Promise<ExporterReadings> {
  const endpoint = { name: 'http://prom', transport: store, pathPrefix: '' };
  const client = new PromqlClient({ endpoint, clock: new ManualClock(), random: new SeededRandom(1) });
  const reader = new ExporterReader({ client, shortestWindowMs: 120_000, matchers: { cluster: 'prod' } });
  return reader.current({ atMs: AT_SECONDS * 1000, windowMs: 60_000 }, inventory);
}

describe('exporters in a store', () => {
  it('are asked for at once for the whole cluster, over no less than the shortest window, in one cluster of many', async () => {
    await read();
    expect(store.queries.length).toBeLessThan(20);
    expect(store.queries.every((query) => query.includes('cluster="prod"'))).toBe(true);
    expect(store.queries.filter((query) => query.endsWith('[120000ms]')).length).toBe(
      store.queries.length - 1,
    );
  });

  it('are read by gauges where somebody drops the counters, and only there', async () => {
    store.add('kepler_node_cpu_watts', ZONE, ['50', '70']);
    expect((await read()).nodes).toMatchObject([{ node: 'n1', cpu: { watts: 60 } }]);
    store.add('kepler_node_cpu_joules_total', ZONE, ['0', '900', '1800']);
    store.queries.length = 0;
    expect((await read()).nodes).toMatchObject([{ cpu: { watts: 30 } }]);
    expect(store.queries.filter((query) => query.includes('kepler_node_cpu_active_watts'))).toEqual([]);
  });

  it('that tell garbage are told, once per metric, and left out', async () => {
    store.add('kepler_node_cpu_joules_total', ZONE, ['NaN', 'NaN']);
    store.add('kepler_node_cpu_idle_joules_total', ZONE, ['-5', '-4']);
    store.add('DCGM_FI_DEV_POWER_USAGE', { Hostname: 'n1', UUID: 'GPU-1' }, ['+Inf']);
    store.add('DCGM_FI_DEV_POWER_USAGE', { Hostname: 'n9', UUID: 'GPU-2' }, ['100']);
    const { devices, nodes, problems } = await read();
    expect([nodes, devices]).toEqual([[], []]);
    expect(problems.map(({ reason, subject }) => [subject, reason])).toEqual([
      ['kepler', 'NotFinite'],
      ['kepler', 'Negative'],
      ['dcgm', 'NotFinite'],
      ['dcgm', 'Ambiguous'],
      ['n1', 'Stale'],
      ['n1', 'Stale'],
    ]);
  });

  it('that were scraped only once are not known yet', async () => {
    store.add('kepler_node_cpu_joules_total', ZONE, ['900']);
    const { nodes, problems } = await read();
    expect(nodes).toEqual([]);
    expect(problems[0]).toMatchObject({ subject: 'kepler', reason: 'Missing' });
  });
});
