import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepScalePoints } from './scale-point.ts';

const APP = 'containers/app/requests/cpu';
const SIDE = 'containers/side/requests/cpu';

describe('keeping the scale point of an autoscaler', () => {
  it('doubles the target when the request is halved', () => {
    const hpaFields = { 'hpa/web/target/cpu': 60, 'hpa/web/minReplicas': 2 };
    expect(keepScalePoints({ before: { [APP]: '2' }, after: { [APP]: '1' }, hpaFields })).toEqual({
      'hpa/web/target/cpu': 120,
    });
  });

  it('counts every container of the pod, or the one that is named', () => {
    const hpaFields = { 'hpa/web/target/cpu': 60, 'hpa/api/target/cpu/app': 60 };
    const before = { [APP]: '2', [SIDE]: '2' };
    expect(keepScalePoints({ before, after: { [APP]: '1', [SIDE]: '2' }, hpaFields })).toEqual({
      'hpa/web/target/cpu': 80,
      'hpa/api/target/cpu/app': 120,
    });
  });

  it('leaves targets of the other resource and unchanged requests alone', () => {
    const hpaFields = { 'hpa/web/target/memory': 60, 'hpa/web/target/cpu': 60 };
    expect(keepScalePoints({ before: { [APP]: '2' }, after: { [APP]: '2000m' }, hpaFields })).toEqual({});
  });

  it('keeps the absolute usage at which it scales within one percent point', () => {
    const milli = fc.integer({ min: 50, max: 16_000 });
    fc.assert(
      fc.property(milli, milli, fc.integer({ min: 10, max: 95 }), (had, has, target) => {
        const before = { [APP]: `${String(had)}m` };
        const after = { [APP]: `${String(has)}m` };
        const hpaFields = { 'hpa/web/target/cpu': target };
        const moved = keepScalePoints({ before, after, hpaFields })['hpa/web/target/cpu'] ?? target;
        expect(Math.abs(Number(moved) * has - target * had)).toBeLessThanOrEqual(
          Math.max(has * 0.5, has) + 1e-6,
        );
      }),
    );
  });
});
