/** The operator's client of the optimizer API, against the real service in memory and against services that fail. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPolicy } from '#domain/policy/optimization-policy.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import type { AnalysisRequest } from '#domain/recommendation/analysis-source.ts';
import { analyzeUsage } from '#domain/recommendation/analyze-usage.ts';
import { propose } from '#domain/recommendation/proposal.ts';
import { DEFAULT_PRICES } from '#domain/cost/resource-prices.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { ServiceBench } from '#services/optimizer/testing.ts';
import { OptimizerApiAnalysis } from './optimizer-api-analysis.ts';
import { OptimizerEndpoint, optimizerEndpoint } from './optimizer-endpoint.ts';

const GIB = 2 ** 30;
const CPU = 'containers/app/requests/cpu';
const MEMORY = 'containers/app/requests/memory';
const PRESENT = {
  [CPU]: '2',
  'containers/app/limits/cpu': '2',
  [MEMORY]: '4Gi',
  'containers/app/limits/memory': '4Gi',
  replicas: 2,
};

function requestFor(name: string, optimizationType: 'CPU' | 'MEMORY' | 'ALL' | 'REPLICAS'): AnalysisRequest {
  const policy = readPolicy({
    metadata: { name: 'o', namespace: 'shop' },
    spec: { targetWorkload: { kind: 'Deployment', name }, optimizationType, maxChangePercent: 30 },
  });
  const toMs = Date.now();
  const query = { fromMs: toMs - policy.metricsWindowMs, toMs, stepMs: 300_000 };
  return { policy, query, present: PRESENT, replicas: 2, floors: {}, autoscaler: undefined };
}

/** Hands the wire to the service in this process. */
function bridge(bench: ServiceBench): Transport {
  return {
    send: async ({ method, path, headers, body }: WireRequest) => {
      const answer = await bench.service.server.app.inject({
        method: method as 'POST',
        url: path,
        headers: { ...headers },
        ...(body === undefined ? {} : { payload: body }),
      });
      return answerOf(answer.statusCode, answer.body);
    },
  };
}

function answerOf(status: number, body: string, headers: Record<string, string> = {}): WireResponse {
  const chunks = async function* () {
    yield await Promise.resolve(body);
  };
  return { status, headers, text: () => Promise.resolve(body), chunks };
}

describe('an analysis by the service', () => {
  const bench = new ServiceBench();
  let source: OptimizerApiAnalysis;

  beforeAll(async () => {
    for (const name of ['idle', 'busy', 'unseen']) await bench.addDeployment('shop', name);
    bench.usage.stories.set('shop/idle', { cpuCores: 0.3, memoryBytes: 0.5 * GIB });
    bench.usage.stories.set('shop/busy', { cpuCores: 1.7, memoryBytes: 3.4 * GIB });
    await bench.start();
    const parts = { clock: new SystemClock(), random: new SeededRandom(1) };
    source = new OptimizerApiAnalysis(
      new OptimizerEndpoint({ transport: bridge(bench), name: 'service', ...parts }),
    );
  });

  afterAll(() => {
    bench.stop();
  });

  const local = async (request: AnalysisRequest): Promise<Analysis> => {
    const [usage] = await bench.usage.usage({ workloads: [request.policy.target], ...request.query });
    if (usage === undefined) throw new Error('no usage');
    return analyzeUsage({ ...request, usage });
  };

  /** What is plain data in both; the time of the question differs by the time of the call. */
  const plain = ({ atMs: _at, ...analysis }: Analysis) => ({ ...analysis, assess: undefined });

  it.each([
    ['idle', 'CPU'],
    ['idle', 'MEMORY'],
    ['idle', 'ALL'],
    ['busy', 'ALL'],
    ['busy', 'REPLICAS'],
    ['unseen', 'ALL'],
  ] as const)('of %s for %s is what the operator would have found itself', async (name, type) => {
    const request = requestFor(name, type);
    expect(plain(await source.analyze(request))).toEqual(plain(await local(request)));
  });

  it('judges the next step and the way’s end as the operator would', async () => {
    const request = requestFor('idle', 'ALL');
    const [remote, own] = [await source.analyze(request), await local(request)];
    if (remote.outcome !== 'wanted' || own.outcome !== 'wanted') throw new Error('nothing was wanted');
    const proposal = propose({
      present: PRESENT,
      hpaFields: {},
      original: {},
      wanted: own.wanted,
      maxChangePercent: 30,
      replicas: 2,
      prices: DEFAULT_PRICES,
    });
    for (const step of [proposal?.step ?? {}, proposal?.target ?? {}]) {
      const [there, here] = [remote.assess(step), own.assess(step)];
      expect(there.confidence).toBeCloseTo(here.confidence, 5);
      expect([there.risk, there.riskFactors]).toEqual([here.risk, here.riskFactors]);
    }
    const odd = remote.assess({ [CPU]: '1' });
    expect(odd.confidence).toBeLessThanOrEqual(remote.assess(proposal?.target ?? {}).confidence);
  });

  it('respects bounds of containers and floors that were learned', async () => {
    const request = requestFor('idle', 'CPU');
    const bounded = {
      ...request,
      policy: { ...request.policy, containers: [{ name: '*', minCpu: '1500m' }] },
    };
    expect(await source.analyze(bounded)).toMatchObject({ wanted: { [CPU]: '1500m' } });
    const learned = await source.analyze({ ...request, floors: { [CPU]: '1' } });
    expect(plain(learned)).toEqual(plain(await local({ ...request, floors: { [CPU]: '1' } })));
  });

  it('is refused, not guessed, while the metrics source of the service is down', async () => {
    bench.usage.down = true;
    const impatient = new OptimizerEndpoint({ transport: bridge(bench), name: 'service', clock: new SystemClock(), random: new SeededRandom(1), attempts: 1 }); // prettier-ignore
    const asked = new OptimizerApiAnalysis(impatient).analyze(requestFor('idle', 'CPU'));
    await expect(asked).rejects.toMatchObject({ code: 'KC_OPTIMIZER_UNAVAILABLE', problem: expect.stringContaining('503') as string }); // prettier-ignore
    bench.usage.down = false;
  });
});

describe('a service that fails', () => {
  const failing = (answers: readonly (WireResponse | Error)[]) => {
    const clock = new ManualClock(0);
    let calls = 0;
    const send = (): Promise<WireResponse> => {
      const answer = answers[Math.min(calls++, answers.length - 1)];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? answerOf(500, ''));
    };
    const endpoint = new OptimizerEndpoint({
      transport: { send },
      name: 'http://api',
      clock,
      random: new SeededRandom(1),
    });
    const analysis = new OptimizerApiAnalysis(endpoint).analyze(requestFor('idle', 'CPU'));
    const seen = analysis.then(
      () => 'answered',
      (error: unknown) => String(error),
    );
    return { clock, seen, calls: () => calls };
  };

  const good = answerOf(
    200,
    JSON.stringify({
      analyses: [
        {
          optimization_type: 'CPU',
          outcome: 'nothing',
          message: 'sizes are right',
          data_quality: { samples: 1, coverage: 1, age_seconds: 0, history_seconds: 0, source: 's' },
          inputs: [],
          alternatives: [],
          throttled_ratio: null,
        },
      ],
    }),
  );

  it('for a moment is asked again', async () => {
    const { clock, seen, calls } = failing([
      new Error('ECONNREFUSED'),
      answerOf(503, '{}', { 'retry-after': '2' }),
      good,
    ]);
    await clock.advance(20_000);
    expect([await seen, calls()]).toEqual(['answered', 3]);
  });

  it('for good is given up after three calls, with what it said', async () => {
    const { clock, seen, calls } = failing([answerOf(503, JSON.stringify({ detail: 'metrics are down' }))]);
    await clock.advance(60_000);
    expect(await seen).toMatch(/http:\/\/api: 503: metrics are down.*KC_OPTIMIZER_UNAVAILABLE/);
    expect(calls()).toBe(3);
  });

  it.each([
    ['refuses', answerOf(401, '{"detail":"no token"}'), /401: no token/],
    ['is something else', answerOf(200, '<html>'), /Unexpected token|not valid JSON/],
    ['speaks of something else', answerOf(200, '{"hello":"world"}'), /no analysis of what was asked/],
    [
      'has another answer',
      answerOf(200, good.status === 200 ? '{"analyses":[]}' : ''),
      /no analysis of what was asked/,
    ],
  ])('and %s is not asked again', async (_how, answer, said) => {
    const { seen, calls } = failing([answer]);
    expect(await seen).toMatch(said);
    expect(calls()).toBe(1);
  });

  it('that has no address is a mistake in the settings', () => {
    const parts = { clock: new SystemClock(), random: new SeededRandom(1) };
    expect(() => optimizerEndpoint({ url: 'optimizer:8000', ...parts })).toThrow(/OPTIMIZER_API_URL/);
  });
});
