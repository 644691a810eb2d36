/** The service on a cluster in memory: what it answers, what it does not know, and who is let in. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Value } from 'typebox/value';
import type { RecommendationAnswer } from '#apis/optimizer-api/recommendation.ts';
import { ServiceBench } from './testing.ts';

const GIB = 2 ** 30;
const IDLE = { cpuCores: 0.3, memoryBytes: 0.5 * GIB };

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>>
  >;
}
interface Response {
  readonly content?: Readonly<Record<string, { readonly schema?: Record<string, unknown> }>>;
}

describe('the optimizer service', () => {
  let bench: ServiceBench;

  beforeEach(async () => {
    bench = new ServiceBench();
    await bench.addDeployment('shop', 'web');
    await bench.addDeployment('shop', 'unseen');
    await bench.addDeployment('kube-system', 'coredns');
    bench.usage.stories.set('shop/web', IDLE);
    bench.usage.stories.set('kube-system/coredns', IDLE);
    await bench.start();
  });

  afterEach(() => {
    bench.stop();
  });

  it('answers in the shapes that its own document publishes', async () => {
    const document = (await bench.ask('GET /openapi.json')).json as Document;
    const asked = [
      'GET /workloads',
      'GET /workloads/shop/web/metrics',
      'GET /workloads/shop/unseen/metrics',
      'POST /analyze',
      'POST /optimize/Deployment:shop:web',
      'POST /optimize/Deployment:shop:unseen',
      'GET /recommendations',
      'GET /savings/history',
      'GET /health',
      'GET /ready',
    ];
    for (const request of asked) {
      const answer = await bench.ask(request);
      const schema = schemaOf(document, request, answer.status);
      expect([request, schema === undefined]).toEqual([request, false]);
      expect([request, Value.Errors(schema ?? {}, answer.json).slice(0, 2)]).toEqual([request, []]);
    }
  });

  it('analyses the cluster once for all who ask, and anew after a while', async () => {
    const before = bench.usage.questions;
    await Promise.all([
      bench.ask('POST /analyze'),
      bench.ask('GET /recommendations'),
      bench.ask('GET /export/csv'),
    ]);
    await bench.ask('POST /export/terraform');
    expect(bench.usage.questions - before).toBe(1);
  });

  it('shares CPU and memory out to recommendations of their own, whose parts sum to the whole', async () => {
    const { json } = await bench.ask('POST /optimize/Deployment:shop:web', { max_risk_level: 'critical' });
    const { recommendations, total_potential_savings: total } = json as {
      readonly recommendations: readonly RecommendationAnswer[];
      readonly total_potential_savings: number;
    };
    expect(recommendations.map(({ optimization_type: type }) => type).sort()).toEqual([
      'right_size_cpu',
      'right_size_memory',
    ]);
    const sum = recommendations.reduce((all, { monthly_savings: saved }) => all + (saved ?? Number.NaN), 0);
    expect(total).toBeCloseTo(sum, 1);
    for (const {
      changes,
      current_cost: now,
      optimized_cost: then,
      monthly_savings: saved,
    } of recommendations) {
      const resources = new Set(Object.keys(changes).map((path) => path.split('/').at(-1)));
      expect(resources.size).toBe(1);
      expect((now.monthly ?? 0) - (then.monthly ?? 0)).toBeCloseTo(saved ?? Number.NaN, 1);
    }
  });

  it('names a recommendation the same until it is another one', async () => {
    const ids = async () => {
      const { json } = await bench.ask('POST /optimize/Deployment:shop:web', { max_risk_level: 'CRITICAL' });
      return (json as { readonly recommendations: readonly RecommendationAnswer[] }).recommendations.map(
        ({ id }) => id,
      );
    };
    const before = await ids();
    expect(before).not.toEqual([]);
    bench.usage.stories.set('shop/web', { ...IDLE, cpuCores: 0.6 });
    const after = await ids();
    expect(after.filter((id) => before.includes(id))).toHaveLength(1);
  });

  it('keeps what is unknown apart from nothing to do', async () => {
    const { json } = await bench.ask('POST /analyze', { min_confidence: 0 });
    expect(json).toMatchObject({ total_workloads: 3, unknown_workloads: 1 });
    const nobody = await bench.ask('POST /analyze', { namespace_filter: ['nowhere'] });
    expect(nobody.json).toMatchObject({ total_workloads: 0, total_potential_monthly_savings: null });
    const other = await bench.ask('POST /analyze', { cluster_filter: ['gcp-cluster'] });
    expect([other.status, other.json]).toMatchObject([422, { field: 'cluster_filter' }]);
  });

  it('answers 503 and when to come again while the metrics source is down', async () => {
    bench.usage.down = true;
    for (const request of [
      'POST /analyze',
      'GET /recommendations',
      'POST /optimize/Deployment:shop:web',
      'GET /export/csv',
      'GET /workloads/shop/web/metrics',
    ]) {
      const { status, headers, json } = await bench.ask(request);
      expect([request, status, headers['retry-after'], json]).toMatchObject([
        request,
        503,
        '10',
        { code: 'KC_METRICS_UNAVAILABLE' },
      ]);
    }
    expect((await bench.ask('GET /workloads')).status).toBe(200);
    bench.usage.down = false;
    expect((await bench.ask('POST /analyze')).status).toBe(200);
  });

  it('tells 404 from 405, and names the methods that there are', async () => {
    expect((await bench.ask('POST /optimize/no-such-uid')).json).toMatchObject({
      status: 404,
      code: 'KC_NOT_FOUND',
    });
    expect((await bench.ask('GET /workloads/shop/nobody/metrics')).status).toBe(404);
    expect((await bench.ask('GET /nowhere')).status).toBe(404);
    const { status, headers } = await bench.ask('GET /analyze');
    expect([status, headers['allow']]).toEqual([405, 'POST']);
  });

  it('refuses to apply what is protected, what only gets reported, and what is not recommended any more', async () => {
    const { json } = await bench.ask('POST /optimize/Deployment:kube-system:coredns', {
      max_risk_level: 'CRITICAL',
    });
    const [system] = (json as { readonly recommendations: readonly RecommendationAnswer[] }).recommendations;
    expect(system?.dependencies).toEqual(['cannot be applied: namespace kube-system is protected']);
    const refused = await bench.ask(`POST /apply/${system?.id ?? ''}`);
    expect([refused.status, refused.json]).toMatchObject([
      409,
      { detail: expect.stringContaining('kube-system is protected') as string },
    ]);
    const stale = await bench.ask(`POST /apply/${(system?.id ?? '').replace(/.{8}$/, '00000000')}`);
    expect(stale.status).toBe(409);
    expect((await bench.ask('POST /apply/nonsense')).status).toBe(404);
  });

  it('shows its document as a page that needs nothing from anywhere', async () => {
    const { text, headers } = await bench.ask('GET /docs');
    expect(text).toContain('/optimize/{workload_id}');
    expect(text).not.toMatch(
      /<script|<link|<img|@import|url\(|https?:\/\/(?!www\.w3)[^<"]*\.(?:js|css|woff)/,
    );
    expect(String(headers['content-security-policy'])).toContain("default-src 'none'");
  });

  it('counts its requests by route, never by address', async () => {
    await bench.ask('GET /workloads/shop/web/metrics');
    await bench.ask('GET /somewhere/else');
    const { text } = await bench.ask('GET /metrics');
    expect(text).toContain(
      'kcloud_optimizer_api_requests_total{method="GET",route="/workloads/:namespace/:name/metrics",status="200"} 1',
    );
    expect(text).toContain('route="unmatched",status="404"');
    expect(text).not.toContain('shop');
  });
});

function schemaOf(document: Document, request: string, status: number): Record<string, unknown> | undefined {
  const [method = '', path = ''] = request.split(' ');
  const template = Object.keys(document.paths).find((one) => matches(one, path)) ?? '';
  const responses = document.paths[template]?.[method.toLowerCase()]?.responses;
  return responses?.[String(status)]?.content?.['application/json']?.schema;
}

function matches(template: string, path: string): boolean {
  return new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
}

describe('before the cluster is read', () => {
  it('the service is alive, not ready, and answers 503 instead of an empty list', async () => {
    const bench = new ServiceBench();
    expect((await bench.ask('GET /health')).status).toBe(200);
    expect((await bench.ask('GET /ready')).status).toBe(503);
    const { status, json, headers } = await bench.ask('GET /workloads');
    expect([status, json, headers['retry-after']]).toMatchObject([503, { code: 'KC_NOT_READY' }, '10']);
  });
});

describe('an API server that went away', () => {
  it('makes answers 503, not the state of an hour ago', async () => {
    const bench = new ServiceBench();
    await bench.addDeployment('shop', 'web');
    await bench.start();
    expect((await bench.ask('GET /workloads')).status).toBe(200);
    const gone = { status: 503, headers: {}, text: () => Promise.resolve('gone'), chunks: () => (async function* () { yield await Promise.resolve('gone'); })() }; // prettier-ignore
    bench.api.intercept = () => gone;
    bench.api.endWatches(new Error('connection reset'));
    await expect.poll(async () => (await bench.ask('GET /workloads')).status, { timeout: 10_000 }).toBe(503);
    bench.api.intercept = undefined;
    await expect.poll(async () => (await bench.ask('GET /workloads')).status, { timeout: 10_000 }).toBe(200);
    bench.stop();
  });
});
