import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuRequest, type CurrentSize, limitFor, limitRatio, memoryRequest } from './limits.ts';

const move = (current: CurrentSize) => ({ current, controlled: 'RequestsAndLimits' }) as const;
const stay = (current: CurrentSize) => ({ current, controlled: 'RequestsOnly' }) as const;

describe('limits', () => {
  it('relate to requests as Kubernetes reads them', () => {
    expect(limitRatio({ request: 2, limit: 3 })).toBe(1.5);
    expect(limitRatio({ limit: 3 })).toBe(1);
    expect(limitRatio({ request: 2 })).toBeUndefined();
    expect(limitRatio({})).toBeUndefined();
  });

  it('are not added where there are none', () => {
    expect(limitFor(1, 5, move({ request: 2 }))).toBeUndefined();
    expect(memoryRequest({ peak: 5, sustained: 2 }, move({ request: 2 }))).toBe(5);
  });

  it('keep their ratio, but never cut what is needed', () => {
    expect(limitFor(2, 1, move({ request: 1, limit: 2 }))).toBe(4);
    expect(limitFor(2, 7, move({ request: 1, limit: 2 }))).toBe(7);
  });

  it('stay equal to requests where they are equal now, so that the pod stays Guaranteed', () => {
    const guaranteed = move({ request: 4, limit: 4 });
    expect(cpuRequest({ wanted: 1, ceiling: 1.5 }, guaranteed)).toBe(1.5);
    expect(limitFor(1.5, 1.5, guaranteed)).toBe(1.5);
    expect(memoryRequest({ peak: 3, sustained: 1 }, guaranteed)).toBe(3);
  });

  it('are left to the user who says so, and hold the request below them', () => {
    expect(limitFor(1, 9, stay({ request: 1, limit: 4 }))).toBe(4);
    expect(cpuRequest({ wanted: 5, ceiling: 6 }, stay({ request: 1, limit: 4 }))).toBe(4);
    expect(memoryRequest({ peak: 5, sustained: 1 }, stay({ request: 1, limit: 4 }))).toBe(4);
    expect(cpuRequest({ wanted: 5, ceiling: 6 }, stay({ request: 1 }))).toBe(5);
  });

  it('always hold the memory peak while the request holds sustained use', () => {
    const amount = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(amount, amount, amount, amount, (a, b, request, more) => {
        const sizes = { peak: Math.max(a, b), sustained: Math.min(a, b) };
        const place = move({ request, limit: request + more });
        const given = memoryRequest(sizes, place);
        expect(given).toBeGreaterThanOrEqual(sizes.sustained);
        expect(given).toBeLessThanOrEqual(sizes.peak);
        expect(limitFor(given, sizes.peak, place)).toBeGreaterThanOrEqual(sizes.peak);
      }),
    );
  });
});
