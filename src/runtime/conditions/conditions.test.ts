import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Condition,
  findCondition,
  isConditionTrue,
  ready,
  reconciling,
  stalled,
  truncated,
  withCondition,
} from './conditions.ts';

const at = (seconds: number, generation?: number) => ({
  nowMs: Date.UTC(2026, 0, 1) + seconds * 1000,
  generation,
});
const found = { reason: 'Because', message: 'so it is' };

describe('a condition', () => {
  it('keeps the time of its last change of status, whatever else changes', () => {
    const first = withCondition(undefined, { type: 'Ready', status: 'False', ...found }, at(0, 1));
    const second = withCondition(
      first,
      { type: 'Ready', status: 'False', reason: 'Other', message: 'x' },
      at(60, 2),
    );
    const third = withCondition(second, { type: 'Ready', status: 'True', ...found }, at(120, 2));
    expect([...first, ...second, ...third].map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:02:00Z',
    ]);
    expect(second).toEqual([
      {
        type: 'Ready',
        status: 'False',
        reason: 'Other',
        message: 'x',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        observedGeneration: 2,
      },
    ]);
  });

  it('keeps its place among the others', () => {
    const both = withCondition(
      withCondition([], { type: 'A', status: 'True', ...found }, at(0)),
      { type: 'B', status: 'True', ...found },
      at(0),
    );
    const again = withCondition(both, { type: 'A', status: 'False', ...found }, at(1));
    expect(again.map(({ type }) => type)).toEqual(['A', 'B']);
    expect(again[1]).toBe(both[1]);
  });

  it('is cut where it is longer than the API server takes', () => {
    const [condition] = withCondition(
      [],
      { type: 'A', status: 'True', reason: 'R', message: 'x'.repeat(40_000) },
      at(0),
    );
    expect(condition?.message).toHaveLength(32_768);
  });
});

describe('the kstatus conditions', () => {
  const states = { ready, reconciling, stalled };

  it('never say that an object is both on its way and stuck, nor ready while either', () => {
    const moves = fc.array(fc.constantFrom<keyof typeof states>('ready', 'reconciling', 'stalled'), {
      minLength: 1,
    });
    fc.assert(
      fc.property(moves, (sequence) => {
        let conditions: readonly Condition[] = [];
        sequence.forEach((move, index) => {
          conditions = states[move](conditions, found, at(index));
        });
        const last = sequence.at(-1);
        expect(isConditionTrue(conditions, 'Ready')).toBe(last === 'ready');
        expect(isConditionTrue(conditions, 'Reconciling')).toBe(last === 'reconciling');
        expect(findCondition(conditions, 'Stalled') !== undefined).toBe(last === 'stalled');
        expect(new Set(conditions.map(({ type }) => type)).size).toBe(conditions.length);
      }),
    );
  });

  it('leave conditions of others alone', () => {
    const own = withCondition([], { type: 'Verified', status: 'Unknown', ...found }, at(0));
    expect(stalled(reconciling(own, found, at(1)), found, at(2))[0]).toBe(own[0]);
  });
});

describe('truncated', () => {
  it('never cuts a character in half', () => {
    expect(truncated('ab😀cd', 4)).toBe('ab…');
    expect(truncated('abcd', 4)).toBe('abcd');
  });
});
