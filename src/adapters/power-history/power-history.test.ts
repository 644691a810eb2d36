import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerPower, NodePower, PowerSnapshot } from '#domain/power/power.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { openEstimatorDatabase } from './estimator-database.ts';
import { bucketShares, COARSE_MS, FINE_MS } from './levels.ts';
import { PowerHistory } from './power-history.ts';

const T0 = Date.UTC(2026, 10, 21, 10);
const EVIDENCE = { origin: 'measured', sources: ['kepler'], atMs: T0 } as const;

function container(pod: string, watts: number, rest: Partial<ContainerPower> = {}): ContainerPower {
  return {
    ...EVIDENCE,
    namespace: 'shop',
    pod,
    container: 'app',
    node: 'n1',
    activeWatts: watts,
    idleWatts: 1,
    parts: { cpu: watts },
    ...rest,
  };
}

function node(watts: number): NodePower {
  return {
    ...EVIDENCE,
    node: 'n1',
    watts,
    activeWatts: watts - 10,
    idleWatts: 10,
    systemWatts: 0,
    parts: { cpu: watts },
  };
}

function snapshot(atMs: number, parts: Partial<PowerSnapshot> = {}): PowerSnapshot {
  return {
    atMs,
    containers: [container('web-0', 36)],
    nodes: [node(100)],
    devices: [],
    problems: [],
    ...parts,
  };
}

function historyOf(): PowerHistory {
  return new PowerHistory(openEstimatorDatabase(':memory:'), 90 * DAY_MS);
}

const HOUR = { levelMs: COARSE_MS, fromMs: T0, toMs: T0 + HOUR_MS } as const;

describe('the power history', () => {
  it('adds watts over their interval up to joules', () => {
    const history = historyOf();
    for (let at = 1; at <= 4; at += 1) history.append(snapshot(T0 + at * 15_000), 15_000);
    const [sum] = history.sums({ ...HOUR, kind: 'container', by: ['time', 'namespace', 'pod'] });
    expect(sum).toEqual({
      fromMs: T0,
      namespace: 'shop',
      pod: 'web-0',
      activeJoules: 36 * 60,
      idleJoules: 60,
      partJoules: { cpu: 36 * 60 },
      coveredMs: 60_000,
      origin: 'measured',
    });
    expect(history.observed(COARSE_MS, T0, T0 + HOUR_MS)).toEqual([
      { fromMs: T0, coveredMs: 60_000, problemMs: 0, problem: undefined },
    ]);
  });

  it('counts a snapshot once, and no moment twice', () => {
    const history = historyOf();
    expect(history.append(snapshot(T0 + 15_000), 15_000)).toBe(true);
    expect(history.append(snapshot(T0 + 15_000), 15_000)).toBe(false);
    expect(history.append(snapshot(T0 + 5_000), 15_000)).toBe(false);
    // A longer interval after a restart: what the first covered stays its own.
    expect(history.append(snapshot(T0 + 30_000), 30_000)).toBe(true);
    const [sum] = history.sums({ ...HOUR, kind: 'node', by: [] });
    expect(sum?.activeJoules).toBe(90 * 30);
    expect(sum?.coveredMs).toBe(30_000);
  });

  it('leaves a gap where nobody looked, and tells problems', () => {
    const history = historyOf();
    history.append(snapshot(T0 + MINUTE_MS), 15_000);
    const problem = { subject: 'n2', reason: 'Missing', message: 'node n2 has no exporter' } as const;
    history.append(snapshot(T0 + 10 * MINUTE_MS, { problems: [problem] }), 15_000);
    expect(history.observed(COARSE_MS, T0, T0 + HOUR_MS)).toEqual([
      { fromMs: T0, coveredMs: 30_000, problemMs: 15_000, problem: 'node n2 has no exporter' },
    ]);
  });

  it('takes a snapshot in which nothing is known for no observation', () => {
    const history = historyOf();
    history.append(snapshot(T0 + 15_000, { containers: [], nodes: [] }), 15_000);
    expect(history.observed(COARSE_MS, T0, T0 + HOUR_MS)).toEqual([]);
    expect(history.sums({ ...HOUR, kind: 'node', by: ['time'] })).toEqual([]);
    expect(history.sums({ ...HOUR, kind: 'node', by: [] })).toEqual([]);
  });

  it('fills the past only where nobody had looked', () => {
    const history = historyOf();
    history.append(snapshot(T0 + 20 * MINUTE_MS), 15_000);
    expect(history.fill(snapshot(T0 + 10 * MINUTE_MS), FINE_MS)).toBe(true);
    expect(history.fill(snapshot(T0 + 10 * MINUTE_MS), FINE_MS)).toBe(false);
    expect(history.fill(snapshot(T0 + 20 * MINUTE_MS), FINE_MS)).toBe(false);
    const nothing = { containers: [], nodes: [] };
    expect(history.fill(snapshot(T0 + 15 * MINUTE_MS, nothing), FINE_MS)).toBe(false);
    expect(history.observed(COARSE_MS, T0, T0 + HOUR_MS)[0]?.coveredMs).toBe(FINE_MS + 15_000);
  });

  it('keeps parts that nobody measures apart from zero, and gives a sum the weakest origin', () => {
    const history = historyOf();
    const gpu = container('train-0', 300, { parts: { cpu: 0, gpu: 300 }, origin: 'modelled' });
    history.append(snapshot(T0 + 1000, { containers: [container('web-0', 36), gpu] }), 1000);
    const sums = history.sums({ ...HOUR, kind: 'container', by: ['pod'] });
    expect(sums.map(({ pod, partJoules, origin }) => [pod, partJoules, origin])).toEqual([
      ['train-0', { cpu: 0, gpu: 300 }, 'modelled'],
      ['web-0', { cpu: 36 }, 'measured'],
    ]);
    expect(history.sums({ ...HOUR, kind: 'container', by: ['namespace'] })[0]?.origin).toBe('modelled');
    expect(history.sums({ ...HOUR, kind: 'container', by: [], pods: ['web-0'] })[0]?.activeJoules).toBe(36);
    expect(history.sums({ ...HOUR, kind: 'container', by: [], namespace: 'none' })).toEqual([]);
    expect(history.pods('shop').map(({ pod }) => pod)).toEqual(['train-0', 'web-0']);
    const late = { ...HOUR, fromMs: T0 + 1, toMs: T0 + 2 * HOUR_MS };
    expect(history.sums({ ...late, kind: 'container', by: [], pods: ['web-0'] })).toEqual([]);
  });

  it('forgets what is past its time, level by level', () => {
    const history = historyOf();
    history.append(snapshot(T0), 15_000);
    history.append(snapshot(T0 + 8 * DAY_MS), 15_000);
    const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, kind: 'node', by: ['time'] } as const;
    expect(history.sums({ ...all, levelMs: FINE_MS })).toHaveLength(1);
    expect(history.sums({ ...all, levelMs: COARSE_MS })).toHaveLength(2);
    history.append(snapshot(T0 + 100 * DAY_MS), 15_000);
    expect(history.sums({ ...all, levelMs: COARSE_MS })).toHaveLength(1);
  });

  it('takes back what stands in the same transaction as something that failed', () => {
    const history = historyOf();
    const failing = () => {
      throw new Error('the outbox is full');
    };
    expect(() => history.append(snapshot(T0 + 1000), 1000, failing)).toThrow(/the outbox is full/);
    expect(history.lastAtMs).toBeUndefined();
    expect(history.append(snapshot(T0 + 1000), 1000)).toBe(true);
    expect(history.sums({ ...HOUR, kind: 'container', by: ['pod'] })[0]?.activeJoules).toBe(36);
  });

  it('holds the same energy at every level, however intervals fall', () => {
    const run = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 400_000 }), watts: fc.double({ min: 0, max: 1e4, noNaN: true }) }), { minLength: 1, maxLength: 12 }); // prettier-ignore
    fc.assert(
      fc.property(run, (steps) => {
        const history = historyOf();
        let [atMs, joules] = [T0, 0];
        for (const { ms, watts } of steps) {
          atMs += ms;
          joules += (watts * ms) / 1000;
          history.append(snapshot(atMs, { containers: [container('web-0', watts)], nodes: [] }), ms);
        }
        for (const levelMs of [FINE_MS, COARSE_MS] as const) {
          const [sum] = history.sums({ kind: 'container', levelMs, fromMs: 0, toMs: atMs, by: [] });
          expect(Math.abs((sum?.activeJoules ?? 0) - joules)).toBeLessThanOrEqual(1e-9 * Math.max(1, joules));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('splits time into buckets without rest', () => {
    const bounds = fc.tuple(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 1, max: 1e7 }));
    fc.assert(
      fc.property(bounds, ([fromMs, ms]) => {
        const shares = bucketShares(FINE_MS, fromMs, fromMs + ms);
        expect(shares.reduce((sum, share) => sum + share.ms, 0)).toBe(ms);
        expect(shares.every((share) => share.bucketMs % FINE_MS === 0 && share.ms <= FINE_MS)).toBe(true);
      }),
    );
  });
});
