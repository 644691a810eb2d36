import { describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { APPROVE } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { readPolicy } from '#domain/policy/optimization-policy.ts';
import { isAnalysisDue } from './decide-analysis.ts';
import { NOW, optimization } from './testing.ts';

const BLOCKED = ['Approval: autoApply is off: waiting for an approval'];

function due(annotations: Record<string, string>, blockedBy = BLOCKED, handled?: string): boolean {
  const recommendation = {
    id: 'r1',
    optimizationType: 'right_size_cpu',
    currentCost: 2,
    optimizedCost: 1,
    monthlySavings: 1,
    confidenceScore: 0.9,
    riskLevel: 'LOW',
    changes: { cpu_request: '1' },
    blockedBy,
  } as const;
  const waiting = optimization(
    {},
    {
      phase: 'Ready',
      nextAnalysis: new Date(NOW + 1_800_000).toISOString(),
      currentRecommendation: { ...recommendation, blockedBy: [...blockedBy] },
      ...(handled === undefined ? {} : { handledRequests: { approve: handled } }),
    },
  );
  const object: CostOptimization = { ...waiting, metadata: { ...waiting.metadata, annotations } };
  return isAnalysisDue({ optimization: object, nowMs: NOW, policy: readPolicy(object) });
}

describe('an approval', () => {
  it('is looked at when it comes, not at the next analysis', () => {
    expect(due({})).toBe(false);
    expect(due({ [APPROVE]: 'r1' })).toBe(true);
    expect(due({ [APPROVE]: 'true' })).toBe(true);
  });

  it('of another recommendation, or one that was carried out, changes nothing', () => {
    expect(due({ [APPROVE]: 'r0' })).toBe(false);
    expect(due({ [APPROVE]: 'r1' }, BLOCKED, 'r1')).toBe(false);
  });

  it('is looked at once where it does not open what is closed', () => {
    expect(due({ [APPROVE]: 'r1' }, [...BLOCKED, 'DryRun: dryRun is on'])).toBe(true);
    expect(due({ [APPROVE]: 'r1' }, ['DryRun: dryRun is on'])).toBe(false);
  });
});
