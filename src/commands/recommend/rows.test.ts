import { describe, expect, it } from 'vitest';
import type { FlatRecord } from '../terminal/output.ts';
import { cellsOf, summaryOf } from './rows.ts';

const ROW: FlatRecord = { namespace: 'shop', kind: 'Deployment', name: 'web', replicas: 2, note: '' };

const UNKNOWN =
  'unknown: web cpu: CPU usage of web: only 5 h of data, 24 h are needed; web memory: memory usage of web: only 5 h of data, 24 h are needed';

describe('the summary under the findings', () => {
  it('counts as saving only what would be carried out, and of alternatives the best', () => {
    const records = [
      { ...ROW, savesUsdPerMonth: 10.5, savesTogetherUsdPerMonth: 12 },
      { ...ROW, savesUsdPerMonth: 12, alternative: true, note: 'spot nodes are cheaper' },
      { ...ROW, savesUsdPerMonth: -2, savesTogetherUsdPerMonth: -2 },
      { ...ROW, savesUsdPerMonth: 90, note: 'left alone: namespace kube-system is protected' },
      { ...ROW, note: UNKNOWN },
      { ...ROW, note: 'sizes are right' },
    ];
    expect(summaryOf(records)).toBe(
      '5 workloads: 2 to change, saving $10.00 a month; 1 left alone, 1 unknown, 1 right as they are.',
    );
  });
});

describe('a row of the findings', () => {
  it('says of an unknown workload the first thing that is missing', () => {
    expect(cellsOf({ ...ROW, note: UNKNOWN }).at(-1)).toMatchObject({
      text: 'unknown: only 5 h of data, 24 h are needed',
    });
  });

  it('leaves unknown amounts empty, and shows small ones in small units', () => {
    const cells = cellsOf({ ...ROW, cpuCores: 0.25, memoryBytes: 512 * 2 ** 20, recommendedReplicas: 1 });
    expect(cells.slice(0, 10)).toEqual([
      'shop', 'Deployment/web', '', '2 → 1', '250m', '', '512Mi', '', '', '',
    ]); // prettier-ignore
  });
});
