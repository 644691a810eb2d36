/** The seed's REST examples, word for word, against the service as a process beside a cluster. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Value } from 'typebox/value';
import { CostSummary, OptimizeAnswer } from '#apis/optimizer-api/analysis.ts';
import { SavingsHistory } from '#apis/optimizer-api/history.ts';
import {
  ApplyAnswer,
  type RecommendationAnswer,
  RecommendationsAnswer,
} from '#apis/optimizer-api/recommendation.ts';
import { WorkloadMetricsSchema, WorkloadsAnswer } from '#apis/optimizer-api/workload.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import type { TSchema } from 'typebox';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { ask, FRONTEND, setStage, type Stage } from './stage.ts';

/** As the seed prints it. */
const SEED_REQUEST = { min_confidence: 0.7, optimization_types: ['right_size_cpu', 'reduce_replicas'] };

function shapedAs(schema: TSchema, value: unknown): void {
  expect(Value.Errors(schema, value).slice(0, 3)).toEqual([]);
}

describeTargets('the optimizer API', (target) => {
  let stage: Stage;
  const get = (path: string) => ask(stage, `GET ${path}`);
  const post = (path: string, body?: unknown) => ask(stage, `POST ${path}`, { body });

  beforeAll(async () => {
    stage = await setStage(target());
  });

  afterAll(async () => {
    await stage.service.process.kill();
  });

  it('lists workloads, by whose id they are optimized', async () => {
    const { json } = await get(`/workloads?namespace=${stage.namespace}`);
    shapedAs(WorkloadsAnswer, json);
    expect(json).toMatchObject({
      count: 2,
      workloads: [
        {
          id: stage.frontend.metadata?.uid,
          name: FRONTEND,
          namespace: stage.namespace,
          kind: 'Deployment',
          replicas: 5,
          cluster_name: 'aws-cluster',
          current_resources: { cpu_request: '2', memory_request: '4Gi', cpu_limit: '2', memory_limit: '4Gi' },
        },
        { name: 'silent-worker' },
      ],
    });
  });

  it('answers the request of the seed in the form of the seed', async () => {
    const { status, json } = await post(`/optimize/${stage.frontend.metadata?.uid ?? ''}`, SEED_REQUEST);
    expect(status).toBe(200);
    shapedAs(OptimizeAnswer, json);
    const { recommendations } = json as { readonly recommendations: readonly RecommendationAnswer[] };
    expect(recommendations).toHaveLength(1);
    const [recommendation] = recommendations;
    expect(recommendation).toMatchObject({
      optimization_type: 'right_size_cpu',
      risk_assessment: { level: expect.stringMatching(/^(LOW|MEDIUM)$/) as string },
      recommended_config: { cpu_request: expect.stringMatching(/^\d+m$/) as string, memory_request: '4Gi' },
    });
    expect(recommendation?.monthly_savings).toBeGreaterThan(50);
    expect(recommendation?.confidence_score).toBeGreaterThanOrEqual(0.7);
    expect(recommendation?.current_cost.monthly).toBeCloseTo(5 * 730 * (2 * 0.04 + 4 * 0.005), 2);
  });

  it('tells the usage of a workload per pod', async () => {
    const { json } = await get(`/workloads/${stage.namespace}/${FRONTEND}/metrics`);
    shapedAs(WorkloadMetricsSchema, json);
    expect(json).toMatchObject({ workload_id: stage.frontend.metadata?.uid, time_range_hours: 168 });
    const { cpu_utilization_pct: percent } = json as { readonly cpu_utilization_pct: number };
    expect(percent).toBeGreaterThan(28);
    expect(percent).toBeLessThan(32);
  });

  it('says that it does not know, where a workload has no samples: never zero', async () => {
    const metrics = await get(`/workloads/${stage.namespace}/silent-worker/metrics`);
    expect(metrics.json).toMatchObject({
      cpu_usage: { avg: null, p95: null },
      cpu_utilization_pct: null,
      unknown: { cpu_utilization_pct: 'usage is not known' },
    });
    const advice = await post(`/optimize/Deployment:${stage.namespace}:silent-worker`, {
      optimization_types: ['right_size_cpu', 'right_size_memory', 'reduce_replicas'],
    });
    shapedAs(OptimizeAnswer, advice.json);
    expect(advice.json).toMatchObject({
      recommendations: [],
      total_potential_savings: null,
      analyses: [{ optimization_type: 'ALL', outcome: 'unknown' }],
    });
  });

  it('sums up all workloads, and counts those it knows nothing of', async () => {
    const { json } = await post('/analyze', {
      cluster_filter: ['aws-cluster'],
      namespace_filter: [stage.namespace],
      min_confidence: 0.7,
      min_savings_threshold: 50.0,
      include_high_risk: false,
    });
    shapedAs(CostSummary, json);
    expect(json).toMatchObject({ total_workloads: 2, unknown_workloads: 1 });
    const summary = json as CostSummary;
    expect(summary.total_potential_monthly_savings).toBeGreaterThan(50);
    expect(summary.total_optimized_monthly_cost).toBeCloseTo(
      (summary.total_current_monthly_cost ?? 0) - (summary.total_potential_monthly_savings ?? 0),
      2,
    );
  });

  it('lists recommendations and exports them', async () => {
    const list = await get(
      `/recommendations?min_savings=0&min_confidence=0.5&limit=100&namespace=${stage.namespace}`,
    );
    shapedAs(RecommendationsAnswer, list.json);
    const { recommendations } = list.json as RecommendationsAnswerType;
    expect(recommendations.map(({ optimization_type: type }) => type).sort()).toEqual([
      'right_size_cpu',
      'right_size_memory',
    ]);
    const csv = await get(`/export/csv?namespace=${stage.namespace}`);
    expect(csv.headers.get('content-disposition')).toContain('cost_optimization_recommendations.csv');
    const [head, first] = csv.text.split('\r\n');
    expect(head).toBe(
      'Cluster,Namespace,Workload,Optimization Type,Current Monthly Cost,Optimized Monthly Cost,Monthly Savings,Savings %,Confidence Score,Risk Level,Status',
    );
    expect(first).toMatch(
      new RegExp(`^aws-cluster,${stage.namespace},frontend-web,right_size_cpu,\\$365\\.00,`),
    );
    const terraform = await post('/export/terraform', { namespace_filter: [stage.namespace] });
    expect(terraform.json).toMatchObject({ terraform: { required_version: '>= 1.0' } });
    const { resource } = terraform.json as { readonly resource: { readonly kubernetes_manifest: object } };
    expect(Object.keys(resource.kubernetes_manifest)).toHaveLength(2);
  });

  it('tells savings as they were measured, or that nothing was measured here', async () => {
    const { json } = await get('/savings/history?days=30');
    shapedAs(SavingsHistory, json);
    expect(json).toMatchObject({
      realized_savings: null,
      unknown: { realized_savings: expect.stringContaining('--state') as string },
    });
  });

  it('lets in who has a good token, and only the named', async () => {
    expect((await ask(stage, 'GET /workloads', { as: 'nobody' })).status).toBe(401);
    expect((await ask(stage, 'GET /workloads', { as: 'stranger' })).status).toBe(403);
    expect((await ask(stage, 'POST /apply/x.right_size_cpu.00000000', { as: 'reader' })).status).toBe(403);
    for (const path of ['/health', '/healthz', '/ready', '/readyz', '/metrics', '/openapi.json', '/docs']) {
      expect((await ask(stage, `GET ${path}`, { as: 'nobody' })).status).toBe(200);
    }
  });

  it('applies through a CostOptimization: first as a rehearsal, then for the operator', async () => {
    const { json } = await post(`/optimize/${stage.frontend.metadata?.uid ?? ''}`, {
      optimization_types: ['right_size_cpu'],
    });
    const [recommendation] = (json as { readonly recommendations: readonly RecommendationAnswer[] })
      .recommendations;
    const apply = (body: object) =>
      ask(stage, `POST /apply/${recommendation?.id ?? ''}`, { as: 'writer', body });
    const rehearsal = await apply({ dry_run: true, auto_rollback: true });
    expect(rehearsal.status).toBe(200);
    shapedAs(ApplyAnswer, rehearsal.json);
    expect(rehearsal.json).toMatchObject({ status: 'dry_run_success', applied_at: null });
    const list = async () =>
      (await target().client.list(COST_OPTIMIZATIONS, { namespace: stage.namespace })).items;
    expect(await list()).toEqual([]);
    const real = await apply({ dry_run: false });
    expect(real.status).toBe(202);
    shapedAs(ApplyAnswer, real.json);
    const cores = recommendation?.recommended_config['cpu_request'];
    expect(await list()).toMatchObject([
      {
        metadata: { annotations: { 'optimization.k8s.io/approve': 'true' } },
        spec: {
          targetWorkload: { kind: 'Deployment', name: FRONTEND, namespace: stage.namespace },
          optimizationType: 'CPU',
          dryRun: false,
          verificationWindow: '300s',
          containers: [{ name: FRONTEND, minCpu: cores, maxCpu: cores }],
        },
      },
    ]);
    const another = await apply({});
    expect([another.status, another.json]).toMatchObject([409, { code: 'KC_RECOMMENDATION_CHANGED' }]);
  });

  it('pushes how things stand, and what becomes of a CostOptimization', async () => {
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from(stage.tokens.reader).toString('base64url')}`;
    const socket = new WebSocket(`${stage.service.url.replace('http', 'ws')}/ws`, ['kcloud', protocol]);
    const message = await new Promise<string>((resolve, reject) => {
      socket.addEventListener('message', ({ data }) => {
        resolve(String(data));
      });
      socket.addEventListener('error', () => {
        reject(new Error('the WebSocket failed'));
      });
    });
    expect(JSON.parse(message)).toMatchObject({
      event_type: 'optimization_update',
      data: { total_savings: expect.any(Number) as number, recommendation_count: 2 },
    });
    expect(socket.protocol).toBe('kcloud');
    socket.close();
  });
});

interface RecommendationsAnswerType {
  readonly recommendations: readonly RecommendationAnswer[];
}

describe('the word "verbatim"', () => {
  it('is kept: the request is the one that the seed prints', () => {
    expect(JSON.stringify(SEED_REQUEST)).toBe(
      '{"min_confidence":0.7,"optimization_types":["right_size_cpu","reduce_replicas"]}',
    );
  });
});
