import { describe, expect, it } from 'vitest';
import type { PowerSnapshot } from '#domain/power/power.ts';
import { powerCells, type PowerContext, powerRecords } from './rows.ts';

const NOW_MS = 1_800_000_000_000;
const MEASURED = { origin: 'measured', sources: ['kepler'], atMs: NOW_MS - 10_000 } as const;
const MODELLED = { origin: 'modelled', sources: ['utilisation-model'], atMs: NOW_MS - 40_000 } as const;

const container = (pod: string, [activeWatts, idleWatts]: readonly [number, number], evidence: typeof MEASURED | typeof MODELLED = MEASURED) =>
  ({ namespace: 'shop', pod, container: 'c', activeWatts, idleWatts, parts: {}, ...evidence }); // prettier-ignore

const SNAPSHOT: PowerSnapshot = {
  atMs: NOW_MS,
  containers: [container('a', [5, 1]), container('b', [10, 4], MODELLED), { ...container('x', [1, 0]), namespace: 'ml' }],
  nodes: [
    { node: 'n1', watts: 30, activeWatts: 10, idleWatts: 20, systemWatts: 4, parts: {}, ...MEASURED },
    { node: 'n2', watts: 50, activeWatts: 20, idleWatts: 30, systemWatts: 55, parts: {}, ...MODELLED },
  ],
  devices: [{ node: 'n2', uuid: 'GPU-1', part: 'gpu', vendor: 'nvidia', model: 'A100', watts: 60, idleWatts: 15, sharers: [], ...MEASURED }],
  problems: [],
}; // prettier-ignore

const context = (more: Partial<PowerContext>): PowerContext => ({
  by: 'namespace',
  nowMs: NOW_MS,
  ownerOf: (_, pod) => (pod === 'x' ? 'Pod/x' : 'Deployment/web'),
  namespace: undefined,
  ...more,
});

describe('rows of power', () => {
  it('sum containers, with the weakest origin and the oldest age; the system stands last', () => {
    expect(powerRecords(SNAPSHOT, context({}))).toEqual([
      { namespace: 'shop', watts: 20, activeWatts: 15, idleWatts: 5, origin: 'modelled', sources: 'kepler utilisation-model', ageSeconds: 40 },
      { namespace: 'ml', watts: 1, activeWatts: 1, idleWatts: 0, origin: 'measured', sources: 'kepler', ageSeconds: 10 },
      { namespace: '__system__', watts: 59, activeWatts: undefined, idleWatts: undefined, origin: 'modelled', sources: 'kepler utilisation-model', ageSeconds: 40 },
    ]);
  }); // prettier-ignore

  it('go by workload, pod, node or device', () => {
    const keys = (by: PowerContext['by']) =>
      powerRecords(SNAPSHOT, context({ by })).map((record) => record[by]);
    expect(keys('workload')).toEqual(['shop/Deployment/web', 'ml/Pod/x', '__system__']);
    expect(keys('pod')).toEqual(['shop/b', 'shop/a', 'ml/x', '__system__']);
    expect(keys('node')).toEqual(['n2', 'n1']);
    expect(keys('device')).toEqual(['n2/GPU-1/A100']);
  });

  it('of one namespace have no system: that is the cluster’s', () => {
    const records = powerRecords(SNAPSHOT, context({ by: 'pod', namespace: 'ml' }));
    expect(records.map(({ pod }) => pod)).toEqual(['ml/x']);
  });

  it('are nothing where nothing is known', () => {
    expect(powerRecords({ ...SNAPSHOT, containers: [], nodes: [], devices: [] }, context({}))).toEqual([]);
  });

  it('show their origin in colour', () => {
    const [shop] = powerRecords(SNAPSHOT, context({}));
    expect(powerCells(shop ?? {}, 'namespace')).toEqual([
      'shop', { text: '20.0', style: 'bold' }, '15.0', '5.0', { text: 'modelled', style: 'yellow' }, 'kepler utilisation-model', '40 s',
    ]); // prettier-ignore
  });
});
