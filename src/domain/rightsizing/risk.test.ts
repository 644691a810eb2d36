import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RISK_LEVELS } from '#apis/optimization.k8s.io/v1/spec.ts';
import { assessRisk, compareRisk, highestRisk, type RiskQuestion } from './risk.ts';

const calm: RiskQuestion = {
  what: 'cpu',
  change: -0.2,
  workloadKind: 'Deployment',
  replicas: 3,
  confidence: 0.95,
  burstiness: 1.2,
  utilisation: 0.3,
  oomKills: 0,
  throttledRatio: 0,
  belowPeak: false,
};

describe('risk', () => {
  it.each<[string, Partial<RiskQuestion>, string]>([
    ['a small cut of CPU', {}, 'LOW'],
    ['a raise', { change: 1, what: 'memory', utilisation: 0.95 }, 'LOW'],
    ['half of the CPU of several replicas', { change: -0.5 }, 'LOW'],
    ['half of the memory of several replicas', { what: 'memory', change: -0.5 }, 'MEDIUM'],
    ['half of the memory of the only replica', { what: 'memory', change: -0.5, replicas: 1 }, 'MEDIUM'],
    ['most of the memory of the only replica of a StatefulSet', { what: 'memory', change: -0.75, replicas: 1, workloadKind: 'StatefulSet' }, 'HIGH'],
    ['memory of what was killed', { what: 'memory', oomKills: 1 }, 'HIGH'],
    ['memory below its peak', { what: 'memory', belowPeak: true }, 'HIGH'],
    ['much memory, below its peak', { what: 'memory', change: -0.5, belowPeak: true }, 'CRITICAL'],
    ['CPU of what is throttled', { throttledRatio: 0.3 }, 'MEDIUM'],
    ['a cut that nobody trusts', { confidence: 0.5 }, 'MEDIUM'],
    ['the second replica', { what: 'replicas', replicas: 2, change: -0.5 }, 'MEDIUM'],
    ['one of ten replicas', { what: 'replicas', replicas: 10, change: -0.1 }, 'LOW'],
  ])('of %s', (_name, change, level) => {
    expect(assessRisk({ ...calm, ...change }).level).toBe(level);
  }); // prettier-ignore

  it('grows with the cut, and falls with confidence', () => {
    const cut = fc.double({ min: -1, max: 0, noNaN: true });
    const level = (change: number, confidence: number) =>
      assessRisk({ ...calm, what: 'memory', change, confidence }).level;
    fc.assert(
      fc.property(cut, cut, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, confidence) => {
        expect(
          compareRisk(level(Math.min(a, b), confidence), level(Math.max(a, b), confidence)),
        ).toBeGreaterThanOrEqual(0);
        expect(compareRisk(level(a, 0.4), level(a, confidence))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('names what it consists of, heaviest first', () => {
    const { factors, points } = assessRisk({ ...calm, what: 'memory', change: -0.8, oomKills: 2 });
    expect(factors.map(({ name }) => name)).toEqual(['drastic reduction', 'OOM kills', 'memory']);
    expect(factors.reduce((sum, factor) => sum + factor.points, 0)).toBe(points);
  });

  it('is ordered by place, not as text', () => {
    expect([...RISK_LEVELS].sort(compareRisk)).toEqual(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']);
    expect(highestRisk(['LOW', 'CRITICAL', 'HIGH'])).toBe('CRITICAL');
    expect(highestRisk([])).toBe('LOW');
  });
});
