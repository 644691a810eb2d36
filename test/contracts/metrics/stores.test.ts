/** Stores that speak PromQL and are no Prometheus: each with its paths, tenants, limits and ways of failing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectDirectly, type DirectConnection } from '#adapters/metrics/prometheus/client/connection.ts';
import { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import { DAY_MS } from '#domain/units/duration.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { writeOpenMetrics } from '../../servers/prometheus/open-metrics.ts';
import { PrometheusServer } from '../../servers/prometheus/prometheus-server.ts';
import {
  storeError,
  StoreFront,
  type StoreFrontOptions,
  type StoreRequest,
} from '../../servers/prometheus/store-front.ts';
import { certificates } from '../../testenv/control-plane/certificates.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { expectSame } from './closeness.ts';
import { exposition } from './exposition.ts';
import { testClient } from './prometheus-target.ts';
import { SCENARIO, STEP_MS, T0, WORKLOADS, stepStartMs } from './scenario.ts';

const TITLE = 'stores that are no Prometheus';
const clock = new SystemClock();
const QUERY = {
  workloads: Object.values(WORKLOADS),
  fromMs: T0,
  toMs: stepStartMs(SCENARIO.steps),
  stepMs: STEP_MS,
};

describe.skipIf(skipReason(TITLE, whyNoPrometheus()))(TITLE, () => {
  let prometheus: PrometheusServer;
  let expected: readonly WorkloadUsage[];
  const fronts: StoreFront[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'kcloud-stores-'));

  beforeAll(async () => {
    const file = join(folder, 'scenario.om');
    writeOpenMetrics(file, exposition(SCENARIO));
    prometheus = await PrometheusServer.start({ history: [file] });
    expected = await new PrometheusUsage({ client: testClient(prometheus.url), clock }).usage(QUERY);
    return () => prometheus.stop();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const front of fronts.splice(0)) await front.stop();
  });

  async function front(options: Omit<StoreFrontOptions, 'url'>): Promise<StoreFront> {
    const started = await StoreFront.start({ url: prometheus.url, ...options });
    fronts.push(started);
    return started;
  }

  function usage(connection: Omit<DirectConnection, 'clock'>): Promise<readonly WorkloadUsage[]> {
    const endpoint = connectDirectly({ clock, ...connection });
    const backoff = { initialMs: 1, maxMs: 2 };
    const client = new PromqlClient({ endpoint, clock, random: new SeededRandom(1), backoff });
    return new PrometheusUsage({ client, clock }).usage(QUERY);
  }

  function expectAll(found: readonly WorkloadUsage[]): void {
    expect(found).toHaveLength(expected.length);
    for (const [index, each] of found.entries()) expectSame(each, expected[index] ?? each);
  }

  describe('Thanos', () => {
    /** One of its stores is down: an error, or what the others have and a warning, which is its default. */
    const oneStoreDown: Omit<StoreFrontOptions, 'url'> = {
      refuse: ({ form }) =>
        form.get('partial_response') === 'false'
          ? storeError(503, 'unavailable', 'no store matched')
          : undefined,
      change: (body) => JSON.stringify({ ...(JSON.parse(body) as object), warnings: ['a store is down'] }),
    };

    it('is asked for whole answers, of pairs of replicas as one, for a tenant', async () => {
      const thanos = await front({
        refuse: ({ headers }) =>
          headers['thanos-tenant'] === 'team' ? undefined : storeError(403, '', 'tenant'),
      });
      expectAll(await usage({ url: thanos.url, headers: { 'THANOS-TENANT': 'team' } }));
      for (const { form } of thanos.requests)
        expect([form.get('partial_response'), form.get('dedup')]).toEqual(['false', 'true']);
    });

    it('leaves usage unknown while a part of it is missing', async () => {
      const thanos = await front(oneStoreDown);
      await expect(usage({ url: thanos.url })).rejects.toMatchObject({ code: 'KC_METRICS_UNAVAILABLE' });
    });

    it('answers in part where its address says that this is good enough, and each answer warns', async () => {
      const thanos = await front(oneStoreDown);
      const found = await usage({ url: `${thanos.url}/?partial_response=true` });
      for (const { warnings } of found) expect(warnings).toEqual(['a store is down']);
    });
  });

  describe('Mimir', () => {
    const hours = ({ form }: StoreRequest): number =>
      (Number(form.get('end')) - Number(form.get('start'))) / 3600;

    const limits: Omit<StoreFrontOptions, 'url'> = {
      prefix: '/prometheus',
      refuse: (request) => {
        if (request.headers['x-scope-orgid'] === undefined) return { status: 401, body: 'no org id' };
        if (request.path === '/api/v1/query_range' && hours(request) > 0.5)
          return storeError(422, 'execution', 'the query time range exceeds the limit (query length: 1h0m0s, limit: 30m0s) (err-mimir-max-total-query-length)'); // prettier-ignore
        if (named(request) > 2)
          return storeError(422, 'execution', 'expanding series: the query exceeded the maximum number of series (limit: 2 series) (err-mimir-max-series-per-query). To adjust the related per-tenant limit, configure -querier.max-fetched-series-per-query, or contact your service administrator.'); // prettier-ignore
        return undefined;
      },
    };

    it('is asked below its prefix, for a tenant, for no more time and series than it serves', async () => {
      const mimir = await front(limits);
      const headers = { 'X-Scope-OrgID': 'team' };
      expectAll(await usage({ url: mimir.url, headers }));
      expect(mimir.requests.every(({ headers: sent }) => sent['x-scope-orgid'] === 'team')).toBe(true);
    });

    it('says what is missing where no tenant is named, or the prefix', async () => {
      const mimir = await front(limits);
      await expect(usage({ url: mimir.url })).rejects.toThrow('X-Scope-OrgID');
      await expect(usage({ url: mimir.url.replace('/prometheus', '') })).rejects.toThrow('check the address');
    });
  });

  describe('VictoriaMetrics', () => {
    it('is asked below its tenant, for the times themselves, and not for more series than it finds at once', async () => {
      const victoria = await front({
        prefix: '/select/0/prometheus',
        refuse: (request) =>
          named(request) > 3
            ? storeError(422, '422', 'the number of matching timeseries exceeds 3; either narrow down the search or increase -search.max* command-line flag values') // prettier-ignore
            : undefined,
        change: shiftedUnlessUncached,
      });
      expectAll(await usage({ url: victoria.url }));
      expect(victoria.requests.every(({ form }) => form.get('deny_partial_response') === '1')).toBe(true);
    });
  });

  describe('a store that asks who one is', () => {
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };

    it('is shown a client certificate, and must show one that the authority has signed', async () => {
      const { admin, authority, loopbackServer } = await certificates();
      const store = await front({
        tls: {
          cert: loopbackServer.certificate,
          key: loopbackServer.key,
          ca: authority.certificate,
          requestCert: true,
          rejectUnauthorized: true,
        },
      });
      const caFile = file('ca.crt', authority.certificate);
      const certificateFiles = {
        certificate: file('tls.crt', admin.certificate),
        key: file('tls.key', admin.key),
      };
      expectAll(await usage({ url: store.url, caFile, certificateFiles }));
      await expect(usage({ url: store.url, caFile })).rejects.toMatchObject({
        code: 'KC_METRICS_UNAVAILABLE',
      });
      await expect(usage({ url: store.url, certificateFiles })).rejects.toThrow(/certificate/);
      const unchecked = { url: store.url, certificateFiles, tls: { insecure: true } };
      expectAll(await usage(unchecked));
      expect(connectDirectly({ clock, ...unchecked }).name).toContain('not verified');
    });
  });
});

/** Workloads that the longest selector of a query names. */
function named({ form }: StoreRequest): number {
  const selectors = [...(form.get('query') ?? '').matchAll(/pod=~"([^"]*)"/g)];
  return Math.max(0, ...selectors.map(([, names = '']) => names.split('|').length));
}

/** With fifty points and more it moves the times to where its cache has them. */
function shiftedUnlessUncached(body: string, { form, path }: StoreRequest): string {
  const points = (Number(form.get('end')) - Number(form.get('start'))) / Number(form.get('step'));
  if (path !== '/api/v1/query_range' || points < 6 || form.get('nocache') === '1') return body;
  const shiftSeconds = DAY_MS / 1000 / 7;
  return body.replaceAll(
    /\[(\d+(?:\.\d+)?),"/g,
    (_, time: string) => `[${String(Number(time) + shiftSeconds)},"`,
  );
}
