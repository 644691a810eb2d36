import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withHolders } from './device-holders.ts';
import { splitDevice } from './device-split.ts';
import type { PlacedContainer, PlacedPod } from './inventory.ts';
import type { DeviceHolder, DeviceReading } from './readings.ts';

const [a, b, c] = ['a', 'b', 'c'].map((pod) => ({ namespace: 'team-a', pod, container: 'app' })) as [DeviceHolder, DeviceHolder, DeviceHolder]; // prettier-ignore

/** An A100 draws 50 W idle. */
function gpu(watts: number, ...holders: readonly DeviceHolder[]): DeviceReading {
  return {
    node: 'n1',
    uuid: 'GPU-1',
    part: 'gpu',
    vendor: 'nvidia',
    model: 'NVIDIA A100-SXM4-80GB',
    watts,
    holders,
    origin: 'measured',
    sources: ['dcgm'],
    atMs: 0,
  };
}

function split(reading: DeviceReading): readonly [string | undefined, number, readonly number[]] {
  const { idleWatts, sharers, splitBy } = splitDevice(reading);
  return [splitBy, idleWatts, sharers.map(({ watts }) => watts)];
}

describe('a GPU', () => {
  it('that nobody holds is idle, and all of one that somebody holds is theirs', () => {
    expect(split(gpu(60))).toEqual([undefined, 60, []]);
    expect(split(gpu(300, a))).toEqual(['whole', 0, [300]]);
  });

  it('is shared by measured use beyond what it draws idle', () => {
    expect(split(gpu(250, { ...a, use: 6 }, { ...b, use: 2 }))).toEqual(['use', 0, [25 + 150, 25 + 50]]);
  });

  it('is shared by what each was given where an exporter repeats the use of the device for each', () => {
    const same = { use: 0.7 };
    expect(split(gpu(250, { ...a, ...same, share: 0.25 }, { ...b, ...same, share: 0.25 }))).toEqual(['share', 25, [112.5, 112.5]]); // prettier-ignore
  });

  it('is shared evenly where nothing is known of its sharers, and where not all of them were measured', () => {
    expect(split(gpu(250, a, b))).toEqual(['equal', 0, [125, 125]]);
    expect(split(gpu(250, { ...a, use: 1 }, b))).toEqual(['equal', 0, [125, 125]]);
  });

  it('that is cut into slices leaves the idle watts of the free ones over', () => {
    const [big, small] = [
      { ...a, share: 3 / 7, use: 0.9 * (3 / 7) },
      { ...b, share: 1 / 7, use: 0.1 / 7 },
    ];
    const [by, idle, sharers] = split(gpu(330, big, small));
    expect(by).toBe('use');
    expect(idle).toBeCloseTo((50 * 3) / 7, 9);
    expect(sharers[0]).toBeCloseTo((50 * 3) / 7 + (280 * 2.7) / 2.8, 9);
  });

  it('counts a holder once, however many slots it has', () => {
    expect(split(gpu(250, { ...a, share: 0.25 }, { ...a, share: 0.25 }, { ...b, share: 0.5 }))[2]).toEqual([
      125, 125,
    ]);
  });

  it('is never more and never less than its parts', () => {
    const amount = fc.option(fc.double({ min: 0, max: 3, noNaN: true }), { nil: undefined });
    const holders = fc.array(fc.tuple(fc.constantFrom(a, b, c), amount, amount), { maxLength: 5 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), holders, (watts, found) => {
        const held = found.map(([ref, share, use]) => ({
          ...ref,
          ...(share === undefined ? {} : { share }),
          ...(use === undefined ? {} : { use }),
        }));
        const [, idle, sharers] = split(gpu(watts, ...held));
        expect(idle + sharers.reduce((sum, each) => sum + each, 0)).toBeCloseTo(watts, 9);
        expect(Math.min(idle, ...sharers)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

function pod(name: string, container: Partial<PlacedContainer>): PlacedPod {
  const app = { container: 'app', gpus: 0, npus: 0, allocations: [], ...container };
  return { namespace: 'team-a', pod: name, uid: name, node: 'n1', startedMs: 0, containers: [app] };
}

describe('who holds a GPU', () => {
  const other = { ...gpu(100), uuid: 'GPU-2' };

  it('is told by what HAMi gave before by what the exporter says, and both are one', () => {
    const pods = [pod('a', { gpus: 1, allocations: [{ uuid: 'GPU-1', share: 0.3 }] })];
    const [device] = withHolders([gpu(100, { ...a, use: 7 })], pods);
    expect(device?.holders).toEqual([{ ...a, share: 0.3, use: 7 }]);
  });

  it('is not the exporter whose own pod is in its labels', () => {
    const exporter = { namespace: 'monitoring', pod: 'dcgm-exporter-x', container: 'exporter' };
    expect(
      withHolders([gpu(100, exporter, a), other], [pod('a', { gpus: 1 })]).map(({ holders }) => holders),
    ).toEqual([[a], []]);
    expect(
      withHolders([gpu(100, { ...a, pod: 'idle-viewer' })], [pod('idle-viewer', {})])[0]?.holders,
    ).toEqual([]);
  });

  it('is everybody who asked for one, as much as they asked for, where nobody is named', () => {
    const pods = [pod('a', { gpus: 1 }), pod('b', {})];
    expect(withHolders([gpu(100), other], pods).map(({ holders }) => holders)).toEqual([[{ ...a, share: 0.5 }], [{ ...a, share: 0.5 }]]); // prettier-ignore
  });
});
