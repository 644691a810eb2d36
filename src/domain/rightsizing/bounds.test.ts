import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionFor } from './action.ts';
import { bound, CPU_UNIT, MEMORY_UNIT, roundUp } from './bounds.ts';
import { learnedFloor, oomFloor } from './floors.ts';

const MIB = 2 ** 20;
const base = { bounds: {}, floors: [], smallest: 0.01, unit: 'cores', what: 'CPU of app' } as const;

describe('bounds', () => {
  it('are honoured, whatever is wanted', () => {
    const amount = fc.double({ min: 0.001, max: 100, noNaN: true });
    fc.assert(
      fc.property(amount, amount, amount, (wanted, a, b) => {
        const bounds = { min: Math.min(a, b), max: Math.max(a, b) };
        const bounded = bound(wanted, { ...base, bounds });
        expect('kind' in bounded ? Number.NaN : bounded.value).toBeGreaterThanOrEqual(bounds.min);
        expect('kind' in bounded ? Number.NaN : bounded.value).toBeLessThanOrEqual(bounds.max);
      }),
    );
  });

  it('say so when they hold', () => {
    const names = (wanted: number, bounds: object) => {
      const bounded = bound(wanted, { ...base, bounds });
      return bounded.measures.map(({ name }) => name);
    };
    expect(names(5, { max: 2 })).toEqual(['upper bound']);
    expect(names(0.001, {})).toEqual(['lower bound']);
    expect(names(1, { min: 0.5, max: 2 })).toEqual([]);
  });

  it('give way to a maximum below the smallest size, but not to one below a floor', () => {
    expect(bound(1, { ...base, bounds: { max: 0.005 } })).toMatchObject({ value: 0.005 });
    const floor = learnedFloor(2, 'cores');
    const refused = bound(1, { ...base, bounds: { max: 1.5 }, floors: floor === undefined ? [] : [floor] });
    expect(refused).toMatchObject({ kind: 'refusal', code: 'bounds-conflict' });
    expect(bound(1, { ...base, bounds: { min: 3, max: 2 } })).toMatchObject({
      kind: 'refusal',
      code: 'bounds-conflict',
    });
  });

  it('round up to whole units without rounding noise', () => {
    expect([0.1201, 0.12, 0.3, 1e-9].map((cores) => roundUp(cores, CPU_UNIT))).toEqual([
      0.121, 0.12, 0.3, 0.001,
    ]);
    expect([MIB, MIB + 1, 5 * MIB].map((bytes) => roundUp(bytes, MEMORY_UNIT) / MIB)).toEqual([1, 2, 5]);
  });
});

describe('floors', () => {
  it('lie a fifth or 100 Mi above the limit that killed, whichever is more', () => {
    const kill = (limitBytes?: number) => ({
      atMs: 0,
      pod: 'p',
      ...(limitBytes === undefined ? {} : { limitBytes }),
    });
    expect(oomFloor([kill(200 * MIB)], 0)?.value).toBe(300 * MIB);
    expect(oomFloor([kill(200 * MIB), kill(1000 * MIB)], 0)?.value).toBe(1200 * MIB);
    expect(oomFloor([kill()], 1000 * MIB)?.value).toBe(1200 * MIB);
    expect(oomFloor([], 1000 * MIB)).toBeUndefined();
    expect(oomFloor([kill()], Number.NaN)).toBeUndefined();
  });

  it('lie above a size that did harm', () => {
    expect(learnedFloor(2, 'cores')?.value).toBeGreaterThan(2);
    expect([learnedFloor(undefined, 'cores'), learnedFloor(0, 'cores')]).toEqual([undefined, undefined]);
  });
});

describe('a change', () => {
  it('is worth its disruption from a tenth less or three percent more', () => {
    expect([0.5, 0.89, 0.95, 1, 1.02, 1.1].map((request) => actionFor(request, 1))).toEqual([
      'lower',
      'lower',
      'keep',
      'keep',
      'keep',
      'raise',
    ]);
    expect([actionFor(1, undefined), actionFor(1, 0)]).toEqual(['set', 'set']);
  });
});
