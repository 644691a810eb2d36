import { describe, expect, it } from 'vitest';
import { assessQuality, qualityProblems } from './data-quality.ts';
import type { UsageSeries, WorkloadUsage } from './usage.ts';

const STEP_MS = 300_000;
const QUERY = { fromMs: 0, toMs: 10 * STEP_MS, stepMs: STEP_MS };

function series(values: readonly number[], rejected?: number): UsageSeries {
  const column = Float64Array.from(values);
  const base = { startMs: 0, stepMs: STEP_MS, max: column, mean: column, pods: column };
  return rejected === undefined ? base : { ...base, rejected };
}

function usage(
  cpu: UsageSeries | undefined,
  memory: UsageSeries | undefined,
  lastSampleAtMs?: number,
): WorkloadUsage {
  return {
    workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    fromMs: QUERY.fromMs,
    toMs: QUERY.toMs,
    source: 'embedded',
    lastSampleAtMs,
    containers: [
      {
        container: 'app',
        oomKills: [],
        ...(cpu === undefined ? {} : { cpuCores: cpu }),
        ...(memory === undefined ? {} : { memoryBytes: memory }),
      },
    ],
  };
}

const N = Number.NaN;
const FULL = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1];

describe('data quality', () => {
  it('is perfect where every step has a sample, zeroes included', () => {
    const [quality] = assessQuality(usage(series(FULL), series(FULL.map(() => 0))), QUERY);
    expect(quality).toMatchObject({ samples: 10, expected: 10, coverage: 1, continuity: 1, ageSeconds: 0 });
    expect(qualityProblems(quality ?? fail())).toEqual([]);
  });

  it('counts the worse of CPU and memory', () => {
    const gappy = [1, N, N, 1, 1, 1, N, 1, 1, 1];
    const [quality] = assessQuality(usage(series(FULL), series(gappy)), QUERY);
    expect(quality).toMatchObject({ samples: 7, coverage: 0.7, longestGapSeconds: 600 });
  });

  it('tells a young workload from a gappy one', () => {
    const young = [N, N, N, N, N, N, 1, 1, 1, 1];
    const [quality] = assessQuality(usage(series(young), series(young)), QUERY);
    expect(quality).toMatchObject({ coverage: 0.4, continuity: 1, longestGapSeconds: 0 });
  });

  it('counts silence at the end as a gap and as age', () => {
    const stopped = [1, 1, 1, 1, 1, N, N, N, N, N];
    const [quality] = assessQuality(usage(series(stopped), series(stopped)), QUERY);
    expect(quality).toMatchObject({ ageSeconds: 1500, longestGapSeconds: 1500 });
    expect(qualityProblems(quality ?? fail())).toEqual(['the newest sample is 1500 s old']);
  });

  it('takes the time of the newest sample where it is earlier than the end of its step', () => {
    const [quality] = assessQuality(usage(series(FULL), series(FULL), QUERY.toMs - 17_000), QUERY);
    expect(quality?.ageSeconds).toBe(17);
  });

  it('knows no age and refuses where a quantity is missing altogether', () => {
    const [quality] = assessQuality(usage(undefined, undefined), QUERY);
    expect(quality?.ageSeconds).toBeUndefined();
    expect(qualityProblems(quality ?? fail())).toHaveLength(1);
    const [half] = assessQuality(usage(series(FULL), undefined), QUERY);
    expect(qualityProblems(half ?? fail())).toHaveLength(1);
  });

  it('counts impossible values of the source and infinities, and never as samples', () => {
    const broken = [1, 1, Number.POSITIVE_INFINITY, 1, 1, 1, 1, 1, 1, 1];
    const [quality] = assessQuality(usage(series(broken), series(FULL, 4)), QUERY);
    expect(quality).toMatchObject({ samples: 9, nonFinite: 5 });
    expect(qualityProblems(quality ?? fail())).toEqual(['36 % of the values cannot be true']);
  });

  it('says nothing of a workload without containers', () => {
    expect(assessQuality({ ...usage(undefined, undefined), containers: [] }, QUERY)).toEqual([]);
  });
});

function fail(): never {
  throw new Error('no quality was assessed');
}
