import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Calibrated, calibrate, type CalibrationData, calibrationProblems } from './calibrate.ts';
import { nodePowerWatts, nodeUtilPercent } from './stages.ts';

/** The body of the estimator's README. */
const SEED: CalibrationData = {
  containerNode: [
    { containerCpuCores: 0.5, nodeCpuUtilPercent: 15.2 },
    { containerCpuCores: 1, nodeCpuUtilPercent: 28.5 },
  ],
  nodePower: [
    { nodeCpuUtilPercent: 0, nodePowerWatts: 54 },
    { nodeCpuUtilPercent: 50, nodePowerWatts: 85.2 },
  ],
};

function powerAt(utils: readonly number[], watts: (util: number) => number): CalibrationData['nodePower'] {
  return utils.map((util) => ({ nodeCpuUtilPercent: util, nodePowerWatts: watts(util) }));
}

function fitted(data: Partial<CalibrationData>): Calibrated {
  const found = calibrate({ ...SEED, ...data });
  if (found.kind === 'refused') throw new Error(found.refusals.map(({ message }) => message).join());
  return found;
}

function refusals(data: Partial<CalibrationData>): string[] {
  const found = calibrate({ ...SEED, ...data });
  return found.kind === 'refused' ? found.refusals.map((refusal) => `${refusal.data} ${refusal.reason}`) : [];
}

describe('a calibration', () => {
  test('of the README’s body has the six fields of the two lines and the limits seen', () => {
    const { calibration, curves } = fitted({});
    expect(calibration.containerToNodeSlope).toBeCloseTo(26.6, 10);
    expect(calibration.containerToNodeIntercept).toBeCloseTo(1.9, 10);
    expect(calibration.nodeUtilToPowerSlope).toBeCloseTo(0.624, 10);
    expect(calibration.nodeUtilToPowerIntercept).toBeCloseTo(54, 10);
    expect(calibration).toMatchObject({
      nodeIdlePowerWatts: 54,
      nodeMaxPowerWatts: 85.2,
      origin: 'calibrated',
    });
    expect(curves).toBeUndefined();
  });

  test('gives back the lines that data were made of', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(number(1, 40), number(0, 10), number(0.1, 5), number(20, 300), (a, b, c, d) => {
        const { calibration } = fitted({
          containerNode: [0, 0.5, 1, 1.5].map((x) => ({
            containerCpuCores: x,
            nodeCpuUtilPercent: a * x + b,
          })),
          nodePower: powerAt([0, 25, 50, 75, 100], (util) => c * util + d),
        });
        expect(calibration.containerToNodeSlope).toBeCloseTo(a, 6);
        expect(calibration.containerToNodeIntercept).toBeCloseTo(b, 6);
        expect(calibration.nodeUtilToPowerSlope).toBeCloseTo(c, 6);
        expect(calibration.nodeUtilToPowerIntercept).toBeCloseTo(d, 6);
      }),
      { numRuns: 50 },
    );
  });

  test('stays with the line where the node follows one', () => {
    const { calibration, curves } = fitted({
      nodePower: powerAt([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], (util) => 50 + util),
    });
    expect(calibration.nodePowerCurve).toBeUndefined();
    expect(curves?.scores.map(({ family }) => family)).toContain('line');
    expect(nodePowerWatts(33, calibration)).toBeCloseTo(83, 9);
  });

  test('takes a curve where that predicts left-out points better, and stage 3 goes by it', () => {
    const bent = (util: number): number => 100 + 25 * Math.sqrt(util);
    const { calibration, curves } = fitted({
      nodePower: powerAt([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], bent),
    });
    expect(calibration.nodePowerCurve).toBeDefined();
    expect(curves?.scores[0]?.relativeError).toBeLessThan(0.02);
    expect(Math.abs(nodePowerWatts(45, calibration) - bent(45)) / bent(45)).toBeLessThan(0.02);
    const line = calibration.nodeUtilToPowerSlope * 10 + calibration.nodeUtilToPowerIntercept;
    expect(Math.abs(nodePowerWatts(10, calibration) - bent(10))).toBeLessThan(Math.abs(line - bent(10)));
  });

  test('finds a plain curve under noise', () => {
    const bent = (util: number): number => 100 + 150 * (util / 100) ** 0.6;
    const points = powerAt(
      Array.from({ length: 300 }, (_, index) => (index * 37) % 101),
      (util) => bent(util) + 4 * Math.sin(util * 12.9898 + util * util),
    );
    const { calibration } = fitted({ nodePower: points });
    for (const util of [5, 25, 50, 75, 95])
      expect(Math.abs(nodePowerWatts(util, calibration) - bent(util)) / bent(util)).toBeLessThan(0.03);
    expect(calibration.nodePowerCurve?.residualSdWatts).toBeGreaterThan(1);
    expect(calibration.nodePowerCurve?.residualSdWatts).toBeLessThan(6);
  });

  test('uses even ones of very many points', () => {
    const many = Array.from({ length: 50_000 }, (_, index) => ({
      nodeCpuUtilPercent: index / 500,
      nodePowerWatts: 50 + index / 500,
    }));
    const { calibration } = fitted({ nodePower: many });
    expect(calibration.nodePowerFit?.points).toBe(2000);
    expect(calibration.nodeMaxPowerWatts).toBeCloseTo(149.998, 3);
  });
});

describe('a calibration is refused', () => {
  const flat = { nodeCpuUtilPercent: 50, nodePowerWatts: 80 };
  test.each<[string, Partial<CalibrationData>, readonly string[]]>([
    ['without points', { nodePower: [] }, ['nodePower too-few-points']],
    ['with one point', { containerNode: SEED.containerNode.slice(1) }, ['containerNode too-few-points']],
    ['where all points are at one load', { nodePower: [flat, flat, flat] }, ['nodePower no-spread']],
    [
      'where more load means less power',
      { nodePower: powerAt([0, 50, 100], (util) => 200 - util) },
      ['nodePower slope-not-positive'],
    ],
    [
      'where load means nothing',
      { nodePower: powerAt([0, 50, 100], () => 80) },
      ['nodePower slope-not-positive'],
    ],
    [
      'where the line explains next to nothing',
      { nodePower: powerAt([0, 20, 40, 60, 80, 100], (util) => (util % 40 === 0 ? 60 : 100)) },
      ['nodePower poor-fit'],
    ],
    [
      'with a value that is not known',
      { nodePower: [...SEED.nodePower, { nodeCpuUtilPercent: 70, nodePowerWatts: Number.NaN }] },
      ['nodePower not-finite'],
    ],
    [
      'for both lines at once',
      { containerNode: [], nodePower: [] },
      ['containerNode too-few-points', 'nodePower too-few-points'],
    ],
  ])('%s', (_name, data, expected) => {
    expect(refusals(data)).toEqual(expected);
  });

  test('or gives finite stages, whatever the numbers', () => {
    const point = fc.record({
      nodeCpuUtilPercent: fc.double({ min: 0, max: 100, noNaN: true }),
      nodePowerWatts: fc.double({ min: 0, max: 1e5, noNaN: true }),
    });
    const container = fc.record({
      containerCpuCores: fc.double({ min: 0, max: 200, noNaN: true }),
      nodeCpuUtilPercent: fc.double({ min: 0, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(container, { maxLength: 9 }),
        fc.array(point, { maxLength: 12 }),
        (containerNode, nodePower) => {
          const found = calibrate({ containerNode, nodePower });
          if (found.kind === 'refused') expect(found.refusals[0]?.fix).not.toBe('');
          else {
            const node = { currentUtilPercent: 40, idleUtilPercent: 5 };
            const watts = [0, 30, 100].map((util) => nodePowerWatts(util, found.calibration));
            expect(watts.every(Number.isFinite)).toBe(true);
            expect(watts).toEqual([...watts].sort((a, b) => a - b));
            expect(nodeUtilPercent(1, node, found.calibration)).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});

test('single values that cannot be are named with their place', () => {
  const data = {
    containerNode: [{ containerCpuCores: -1, nodeCpuUtilPercent: 10 }],
    nodePower: [...SEED.nodePower, { nodeCpuUtilPercent: 101, nodePowerWatts: 80 }],
  };
  expect(calibrationProblems(data).map(({ field, code }) => `${field} ${code}`)).toEqual([
    'containerNode[0].containerCpuCores out-of-range',
    'nodePower[2].nodeCpuUtilPercent out-of-range',
  ]);
  expect(calibrationProblems(SEED)).toEqual([]);
});
