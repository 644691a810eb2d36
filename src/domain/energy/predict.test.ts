import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_CALIBRATION } from './calibration.ts';
import { type EnergyPrediction, predictEnergy } from './predict.ts';
import { type EnergyRequest } from './request.ts';

const SEED: EnergyRequest = {
  historicalCpuCores: new Array<number>(90).fill(0.8),
  containerCpuRequestCores: 1,
  nodeCurrentUtilPercent: 45,
  nodeIdleUtilPercent: 5,
  containersOnNode: [],
  horizonMinutes: 30,
};

function predicted(request: Partial<EnergyRequest> = {}): EnergyPrediction {
  const found = predictEnergy({ ...SEED, ...request });
  if (found.kind === 'invalid') throw new Error(JSON.stringify(found.problems));
  return found;
}

function codes(request: Partial<EnergyRequest>): string[] {
  const found = predictEnergy({ ...SEED, ...request });
  return found.kind === 'invalid' ? found.problems.map(({ field, code }) => `${field} ${code}`) : [];
}

describe('an energy prediction', () => {
  test('goes through the four stages of the paper with its constants', () => {
    const { predictedPowerWatts, stages, predictedEnergyWh } = predicted();
    const util = 23.993 * 0.8 + 4.5347 + 40;
    expect(stages.cpuForecast.meanCores).toBeCloseTo(0.8, 9);
    expect(stages.nodeUtil.percent).toBeCloseTo(util, 9);
    expect(stages.nodePower.watts).toBeCloseTo(0.7254 * util + 53.88, 9);
    expect(predictedPowerWatts).toBeCloseTo(0.7254 * util + 53.88, 9);
    expect(predictedEnergyWh).toBeCloseTo(predictedPowerWatts / 2, 9);
  });

  test('says that a history which never changes has no doubt of its own', () => {
    const { confidenceIntervalWatts, predictedPowerWatts, evidence } = predicted();
    expect(confidenceIntervalWatts.lower).toBeCloseTo(predictedPowerWatts, 9);
    expect(confidenceIntervalWatts.upper).toBeCloseTo(predictedPowerWatts, 9);
    expect(evidence.map(({ text }) => text).join()).toContain('never changes');
  });

  test('answers three samples', () => {
    const { predictedPowerWatts, confidenceIntervalWatts } = predicted({
      historicalCpuCores: [0.8, 0.85, 0.9],
    });
    expect(confidenceIntervalWatts.lower).toBeLessThan(predictedPowerWatts);
    expect(confidenceIntervalWatts.upper).toBeGreaterThan(predictedPowerWatts);
  });

  test('divides the node’s power among its containers, so that all of it is somebody’s', () => {
    const others = [
      { cpuRequestCores: 2, cpuUtilFraction: 0.4 },
      { cpuRequestCores: 0.5, cpuUtilFraction: 0 },
    ];
    const { predictedPowerWatts, stages } = predicted({ containersOnNode: others });
    const sum = stages.attribution.othersWatts.reduce((total, watts) => total + watts, predictedPowerWatts);
    expect(sum).toBeCloseTo(stages.nodePower.watts, 9);
    expect(stages.attribution.idleWatts).toBeCloseTo(53.88 / 3.5, 9);
  });

  test('tells where a stage was limited', () => {
    const { stages } = predicted({ historicalCpuCores: [8, 8, 8, 8] });
    expect(stages.nodeUtil).toMatchObject({ percent: 100, limited: 'most' });
    expect(stages.nodePower).toMatchObject({ watts: DEFAULT_CALIBRATION.nodeMaxPowerWatts, limited: 'most' });
  });

  test('takes unknown samples as gaps and says so', () => {
    const history = Array.from({ length: 90 }, (_, index) =>
      index % 9 === 4 ? Number.NaN : 0.8 + 0.01 * (index % 5),
    );
    const { predictedPowerWatts, evidence } = predicted({ historicalCpuCores: history });
    expect(predictedPowerWatts).toBeGreaterThan(90);
    expect(evidence.map(({ text }) => text).join()).toMatch(/10 of (the )?90/);
  });

  test('uses the latest week of minutes of a very long history and says so', () => {
    const history = Array.from({ length: 100_000 }, (_, index) =>
      index < 50_000 ? 9 : 1 + 0.1 * Math.sin(index),
    );
    const { stages, evidence } = predicted({ historicalCpuCores: history, effort: 'quick' });
    expect(stages.cpuForecast).toMatchObject({ samplesGiven: 100_000, samplesUsed: 10_080 });
    expect(stages.cpuForecast.meanCores).toBeCloseTo(1, 0);
    expect(evidence.map(({ text }) => text)).toContain('of 100000 samples the latest 10080 were used');
  });

  test('goes by steps of any length', () => {
    const { stages, predictedEnergyWh, predictedPowerWatts } = predicted({
      stepMinutes: 5,
      horizonMinutes: 60,
    });
    expect(stages.cpuForecast.meanCores).toBeCloseTo(0.8, 9);
    expect(predictedEnergyWh).toBeCloseTo(predictedPowerWatts, 9);
  });

  test('is the same for the same request', () => {
    const request = {
      historicalCpuCores: Array.from({ length: 60 }, (_, index) => 1 + Math.sin(index * index)),
    };
    expect(predicted(request)).toEqual(predicted(request));
  });
});

describe('what is wrong with a request', () => {
  test.each<[string, Partial<EnergyRequest>, readonly string[]]>([
    ['no history', { historicalCpuCores: [] }, ['historicalCpuCores too-few-samples']],
    ['two samples', { historicalCpuCores: [1, 2] }, ['historicalCpuCores too-few-samples']],
    [
      'nothing but unknown samples',
      { historicalCpuCores: [Number.NaN, Number.NaN, Number.NaN] },
      ['historicalCpuCores too-few-samples'],
    ],
    ['a negative sample', { historicalCpuCores: [1, 2, -1, 3] }, ['historicalCpuCores[2] negative']],
    [
      'an infinite sample',
      { historicalCpuCores: [1, 2, 3, Number.POSITIVE_INFINITY] },
      ['historicalCpuCores[3] not-finite'],
    ],
    ['a sample of no machine', { historicalCpuCores: [1, 2, 1e300] }, ['historicalCpuCores[2] out-of-range']],
    ['no request', { containerCpuRequestCores: 0 }, ['containerCpuRequestCores not-positive']],
    [
      'less than a millicore',
      { containerCpuRequestCores: 5e-324 },
      ['containerCpuRequestCores out-of-range'],
    ],
    ['an unknown request', { containerCpuRequestCores: Number.NaN }, ['containerCpuRequestCores not-finite']],
    ['a utilisation above 100 %', { nodeCurrentUtilPercent: 101 }, ['nodeCurrentUtilPercent out-of-range']],
    ['idle above current', { nodeIdleUtilPercent: 46 }, ['nodeIdleUtilPercent idle-above-current']],
    ['no horizon', { horizonMinutes: 0 }, ['horizonMinutes out-of-range']],
    ['too long a horizon', { horizonMinutes: 241 }, ['horizonMinutes out-of-range']],
    ['a horizon of too many steps', { horizonMinutes: 240, stepMinutes: 0.25 }, ['stepMinutes out-of-range']],
    ['half a minute', { horizonMinutes: 1.5 }, ['horizonMinutes not-whole']],
    [
      'a neighbour above its request',
      { containersOnNode: [{ cpuRequestCores: 1, cpuUtilFraction: 1.5 }] },
      ['containersOnNode[0].cpuUtilFraction out-of-range'],
    ],
    [
      'a neighbour with a negative request',
      { containersOnNode: [{ cpuRequestCores: -1, cpuUtilFraction: 0.5 }] },
      ['containersOnNode[0].cpuRequestCores out-of-range'],
    ],
    [
      'a history of gaps',
      { historicalCpuCores: [1, ...new Array<number>(50).fill(Number.NaN), 1, 2] },
      ['historicalCpuCores unusable-history'],
    ],
  ])('%s is named with its field', (_name, request, expected) => {
    expect(codes(request)).toEqual(expected);
  });

  test('everything is told at once', () => {
    expect(codes({ historicalCpuCores: [], containerCpuRequestCores: -1, horizonMinutes: 999 })).toHaveLength(
      3,
    );
  });

  test('no request of numbers makes it throw or answer with what is not finite', () => {
    const number = fc.oneof(fc.double(), fc.double({ min: 0, max: 200 }), fc.integer({ min: -1, max: 120 }));
    const container = fc.record({
      cpuRequestCores: number,
      cpuUtilFraction: fc.double({ min: 0, max: 1.1 }),
    });
    const request = fc.record({
      historicalCpuCores: fc.array(fc.oneof(fc.double({ min: 0, max: 64 }), number), { maxLength: 12 }),
      containerCpuRequestCores: number,
      nodeCurrentUtilPercent: number,
      nodeIdleUtilPercent: number,
      containersOnNode: fc.array(container, { maxLength: 3 }),
      horizonMinutes: fc.oneof(fc.integer({ min: 1, max: 240 }), number),
      stepMinutes: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 300 })),
    });
    fc.assert(
      fc.property(request, (each) => {
        const found = predictEnergy({ ...each, effort: 'quick' });
        if (found.kind === 'invalid') expect(found.problems.length).toBeGreaterThan(0);
        else expect(numbersOf(found).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

function numbersOf({
  predictedPowerWatts,
  confidenceIntervalWatts,
  predictedEnergyWh,
}: EnergyPrediction): number[] {
  const { lower, upper } = confidenceIntervalWatts;
  return [predictedPowerWatts, lower, upper, predictedEnergyWh];
}
