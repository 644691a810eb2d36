/** Who is asked for an analysis, and what becomes of a service that does not answer. */
import { describe, expect, it } from 'vitest';
import type { AnalysisRequest } from '#domain/recommendation/analysis-source.ts';
import type { UsageSource } from '#domain/usage/usage.ts';
import { KcError } from '#errors/kc-error.ts';
import { decide } from './decide.ts';
import { readAnalysis } from './read-usage.ts';
import { CPU, observation, optimization, SIZES, wants } from './testing.ts';

const untouched: UsageSource = {
  name: 'untouched',
  usage: () => Promise.reject(new Error('usage was read')),
};

describe('an analysis', () => {
  it('is left to the service that the operator is told to use, with all it needs to know', async () => {
    const asked: AnalysisRequest[] = [];
    const analyze = (request: AnalysisRequest) => {
      asked.push(request);
      return Promise.resolve(wants({ [CPU]: '1' }));
    };
    const o = observation({ optimization: optimization({}, { phase: 'Analyzing' }) });
    const analysis = await readAnalysis(o, { usage: untouched, analysis: { name: 'optimizer', analyze } });
    expect(analysis.outcome).toBe('wanted');
    expect(asked[0]).toMatchObject({ policy: o.policy, present: SIZES, query: { toMs: o.nowMs } });
  });

  it('is unknown while that service is down: a condition says so, and nothing is analysed or applied', async () => {
    const down = new KcError('KC_OPTIMIZER_UNAVAILABLE', { object: 'http://optimizer-api:8000', problem: 'no answer within 10 s' }); // prettier-ignore
    const service = { name: 'optimizer', analyze: () => Promise.reject(down) };
    const seen = observation({ optimization: optimization({}, { phase: 'Analyzing' }) });
    const analysis = await readAnalysis(seen, { usage: untouched, analysis: service });
    const decision = decide({ ...seen, analysis });
    expect(decision.actions).toEqual([]);
    expect(decision.status.phase).toBe('Pending');
    expect(decision.status.conditions?.find(({ type }) => type === 'Analyzed')).toMatchObject({
      status: 'Unknown',
      reason: 'OptimizerUnavailable',
      message: expect.stringContaining('http://optimizer-api:8000: no answer within 10 s') as string,
    });
  });
});
