import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldMap, amountOf } from './field.ts';
import { capChange, reachesTarget } from './step.ts';

const CPU = 'containers/app/requests/cpu';
const CPU_LIMIT = 'containers/app/limits/cpu';
const MEMORY = 'containers/app/requests/memory';

describe('capping a change', () => {
  it.each([
    ['halves at most with 50 %', { [CPU]: '2' }, { [CPU]: '400m' }, 50, { [CPU]: '1' }],
    ['takes a small change whole', { [CPU]: '2' }, { [CPU]: '1500m' }, 50, { [CPU]: '1500m' }],
    ['caps an increase too', { [MEMORY]: '1Gi' }, { [MEMORY]: '4Gi' }, 50, { [MEMORY]: '1536Mi' }],
    ['rounds memory to whole MiB on the near side', { [MEMORY]: '1001Mi' }, { [MEMORY]: '1Mi' }, 50, { [MEMORY]: '501Mi' }],
    ['keeps whole replicas on the near side', { replicas: 8 }, { replicas: 2 }, 40, { replicas: 5 }],
    ['does nothing where one replica is already too much', { replicas: 2 }, { replicas: 1 }, 40, {}],
    ['lowers autoscaler bounds like replicas', { 'hpa/web/minReplicas': 10 }, { 'hpa/web/minReplicas': 2 }, 50, { 'hpa/web/minReplicas': 5 }],
    ['never caps a scale point: it follows from the sizes', { 'hpa/web/target/cpu': 50 }, { 'hpa/web/target/cpu': 200 }, 10, { 'hpa/web/target/cpu': 200 }],
    ['sets a value where there was none', { [CPU]: null }, { [CPU]: '250m' }, 10, { [CPU]: '250m' }],
    ['leaves out what does not change', { [CPU]: '1', [MEMORY]: '1Gi' }, { [CPU]: '1000m', [MEMORY]: '900Mi' }, 50, { [MEMORY]: '900Mi' }],
    [
      'holds a limit at its request where the cap would put it below',
      { [CPU]: null, [CPU_LIMIT]: '1' },
      { [CPU]: '1500m', [CPU_LIMIT]: '3' },
      20,
      { [CPU]: '1500m', [CPU_LIMIT]: '1500m' },
    ],
  ] satisfies [string, FieldMap, FieldMap, number, FieldMap][])('%s', (_name, current, target, cap, step) => {
    expect(capChange(current, target, cap)).toEqual(step);
  }); // prettier-ignore

  it('never moves a size by more than the cap, never past the target, and always arrives', () => {
    const milli = fc.integer({ min: 10, max: 64_000 }).map((value) => `${String(value)}m`);
    fc.assert(
      fc.property(milli, milli, fc.integer({ min: 5, max: 100 }), (from, to, cap) => {
        let current: FieldMap = { [CPU]: from };
        const target = { [CPU]: to };
        for (let steps = 0; steps < 400; steps += 1) {
          const step = capChange(current, target, cap);
          if (Object.keys(step).length === 0) break;
          const before = amountOf(current[CPU]) ?? 0;
          const after = amountOf(step[CPU]) ?? 0;
          expect(Math.abs(after - before)).toBeLessThanOrEqual(before * (cap / 100) + 1e-9);
          expect(Math.sign(after - before)).toBe(Math.sign((amountOf(to) ?? 0) - before));
          current = { ...current, ...step };
        }
        const stuckBelowOneMilli = Math.abs((amountOf(current[CPU]) ?? 0) * (cap / 100)) < 0.001;
        expect(reachesTarget({}, current, target) || stuckBelowOneMilli).toBe(true);
      }),
    );
  });
});
