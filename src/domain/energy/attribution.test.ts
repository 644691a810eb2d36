import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attribute } from './attribution.ts';

const load = fc.record({
  cpuRequestCores: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e4, noNaN: true })),
  cpuUtilFraction: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 50, noNaN: true })),
});
const node = fc
  .tuple(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.double({ min: 0, max: 1e4, noNaN: true }))
  .map(([idleWatts, activeWatts]) => ({ idleWatts, watts: idleWatts + activeWatts }));

describe('attribution', () => {
  test('what containers draw and what nobody draws sum to what the node draws', () => {
    fc.assert(
      fc.property(node, fc.array(load, { maxLength: 40 }), ({ watts, idleWatts }, loads) => {
        const { shares, unattributedWatts } = attribute({ watts, idleWatts }, loads);
        const sum = shares.reduce((total, share) => total + share.watts, unattributedWatts);
        expect(Math.abs(sum - watts)).toBeLessThanOrEqual(1e-9 * Math.max(1, watts));
        expect(shares.every((share) => share.idleWatts >= 0 && share.activeWatts >= -1e-9)).toBe(true);
      }),
    );
  });

  test('nothing is left over as soon as anyone uses anything', () => {
    fc.assert(
      fc.property(node, fc.array(load, { minLength: 1, maxLength: 40 }), (watts, loads) => {
        fc.pre(loads.some(({ cpuRequestCores, cpuUtilFraction }) => cpuRequestCores * cpuUtilFraction > 0));
        expect(attribute(watts, loads).unattributedWatts).toBe(0);
      }),
    );
  });

  test('idle watts go by request, active watts by request times utilisation', () => {
    const { shares } = attribute({ watts: 100, idleWatts: 60 }, [
      { cpuRequestCores: 1, cpuUtilFraction: 0.9 },
      { cpuRequestCores: 3, cpuUtilFraction: 0.1 },
    ]);
    expect(shares.map(({ idleWatts }) => idleWatts)).toEqual([15, 45]);
    expect(shares[0]?.activeWatts).toBeCloseTo(30, 12);
    expect(shares[1]?.activeWatts).toBeCloseTo(10, 12);
  });

  test('where nobody requests anything, the idle watts are divided evenly and the active ones are nobody’s', () => {
    const idle = { cpuRequestCores: 0, cpuUtilFraction: 0.5 };
    const { shares, unattributedWatts } = attribute({ watts: 100, idleWatts: 60 }, [idle, idle]);
    expect(shares.map(({ watts }) => watts)).toEqual([30, 30]);
    expect(unattributedWatts).toBe(40);
  });

  test('where nobody uses anything, containers draw their idle share only', () => {
    const still = { cpuRequestCores: 2, cpuUtilFraction: 0 };
    const { shares, unattributedWatts } = attribute({ watts: 100, idleWatts: 60 }, [still]);
    expect(shares[0]).toEqual({ idleWatts: 60, activeWatts: 0, watts: 60 });
    expect(unattributedWatts).toBe(40);
  });

  test('a node without containers draws everything for nobody', () => {
    expect(attribute({ watts: 100, idleWatts: 60 }, [])).toEqual({ shares: [], unattributedWatts: 100 });
  });
});
