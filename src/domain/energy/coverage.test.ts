/** Whether intervals in watts hold what they say, on made series of which the future is known. */
import { describe, expect, test } from 'vitest';
import { attribute } from './attribution.ts';
import { DEFAULT_CALIBRATION, type EnergyCalibration } from './calibration.ts';
import { type EnergyPrediction, predictEnergy } from './predict.ts';
import { type EnergyRequest } from './request.ts';
import { nodePowerWatts, powerLimits, rawNodeUtilPercent } from './stages.ts';

const HISTORY = 120;
const HORIZON = 30;
const SERIES = 24;
const OTHERS = [{ cpuRequestCores: 2, cpuUtilFraction: 0.4 }];
const NODE = { currentUtilPercent: 45, idleUtilPercent: 5 };

function uniform(seed: number): () => number {
  let state = (seed * 16_777_619 + 12_345) % 2147483647;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function normals(seed: number): () => number {
  const random = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** Autoregressive around a level; cores cannot be negative. */
function autoregressive(phi: number, level: number, sd: number) {
  return (seed: number): number[] => {
    const normal = normals(seed);
    let state = sd * normal();
    return Array.from({ length: HISTORY + HORIZON }, () => {
      state = phi * state + sd * Math.sqrt(1 - phi * phi) * normal();
      return Math.max(0, level + state);
    });
  };
}

function seasonal(seed: number): number[] {
  const normal = normals(seed);
  return Array.from(
    { length: HISTORY + HORIZON },
    (_, step) => 0.8 + 0.3 * Math.sin(step / 3) + 0.05 * normal(),
  );
}

function ask(
  history: readonly number[],
  calibration: EnergyCalibration,
  request: Partial<EnergyRequest> = {},
): EnergyPrediction {
  const found = predictEnergy(
    {
      historicalCpuCores: history.slice(0, HISTORY),
      containerCpuRequestCores: 1,
      nodeCurrentUtilPercent: NODE.currentUtilPercent,
      nodeIdleUtilPercent: NODE.idleUtilPercent,
      containersOnNode: OTHERS,
      horizonMinutes: HORIZON,
      effort: 'quick',
      ...request,
    },
    calibration,
  );
  if (found.kind === 'invalid') throw new Error(JSON.stringify(found.problems));
  return found;
}

/** What the container really drew on average, had the node behaved as calibrated but for these residuals. */
function drawn(
  future: readonly number[],
  calibration: EnergyCalibration,
  residual = { util: 0, watts: 0 },
): number {
  const { idleWatts, maxWatts } = powerLimits(calibration);
  const each = future.map((cores) => {
    const util = Math.min(Math.max(rawNodeUtilPercent(cores, NODE, calibration) + residual.util, 0), 100);
    const exact = nodePowerWatts(util, calibration) + residual.watts;
    const watts = Math.min(Math.max(exact, idleWatts), maxWatts);
    const target = { cpuRequestCores: 1, cpuUtilFraction: cores };
    return attribute({ watts, idleWatts }, [target, ...OTHERS]).shares[0]?.watts ?? Number.NaN;
  });
  return each.reduce((sum, watts) => sum + watts, 0) / each.length;
}

function holds({ confidenceIntervalWatts: { lower, upper } }: EnergyPrediction, watts: number): boolean {
  return watts >= lower - 1e-9 && watts <= upper + 1e-9;
}

const KINDS: readonly (readonly [string, (seed: number) => number[]])[] = [
  ['independent noise', autoregressive(0, 0.8, 0.15)],
  ['noise that lasts a little', autoregressive(0.5, 0.8, 0.15)],
  ['noise that lasts', autoregressive(0.9, 0.8, 0.15)],
  ['levels that wander', autoregressive(0.98, 0.8, 0.15)],
  ['a rhythm', seasonal],
  ['next to nothing, cut off at 0', autoregressive(0.8, 0.05, 0.06)],
  ['a node at its limit', autoregressive(0.9, 2.4, 0.4)],
];

describe('intervals in watts', () => {
  test('hold about 95 % of what happens, over all kinds of series, and most of each kind', () => {
    const shares = KINDS.map(([kind, make]) => {
      const held = Array.from({ length: SERIES }, (_, index) => {
        const series = make(1000 + 77 * index);
        return holds(ask(series, DEFAULT_CALIBRATION), drawn(series.slice(HISTORY), DEFAULT_CALIBRATION));
      });
      return { kind, share: held.filter(Boolean).length / SERIES };
    });
    const overall = shares.reduce((sum, { share }) => sum + share, 0) / shares.length;
    expect(overall).toBeGreaterThanOrEqual(0.92);
    expect(shares.filter(({ share }) => share < 0.75)).toEqual([]);
  });

  test('know that errors which last do not average out', () => {
    const width = (make: (seed: number) => number[]): number => {
      const each = Array.from({ length: 12 }, (_, index) => {
        const { lower, upper } = ask(make(500 + index), DEFAULT_CALIBRATION).confidenceIntervalWatts;
        return upper - lower;
      });
      return each.reduce((sum, value) => sum + value, 0) / each.length;
    };
    const [independent, lasting] = [
      width(autoregressive(0, 0.8, 0.15)),
      width(autoregressive(0.9, 0.8, 0.15)),
    ];
    expect(lasting).toBeGreaterThan(1.3 * independent);
  });

  test('end where the node’s power does', () => {
    const series = autoregressive(0.9, 2.4, 0.4)(7);
    const { stages } = ask(series, DEFAULT_CALIBRATION, { containersOnNode: [] });
    expect(stages.nodePower.intervalWatts.upper).toBeLessThanOrEqual(126.34 + 1e-9);
    expect(stages.nodeUtil.intervalPercent.upper).toBeLessThanOrEqual(100 + 1e-9);
  });

  test('get wider with the level asked for', () => {
    const series = autoregressive(0.9, 0.8, 0.15)(3);
    const widths = [0.5, 0.8, 0.95, 0.99].map((intervalLevel) => {
      const { lower, upper } = ask(series, DEFAULT_CALIBRATION, { intervalLevel }).confidenceIntervalWatts;
      return upper - lower;
    });
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(new Set(widths).size).toBe(4);
  });

  test('hold the residuals of a calibration, once they are known', () => {
    const fit = {
      slope: 1,
      intercept: 0,
      points: 200,
      rSquared: 0.9,
      residualSd: 4,
      meanX: 1,
      squaredSpreadX: 100,
    };
    const powerFit = { ...fit, residualSd: 3, meanX: 50, squaredSpreadX: 160_000 };
    const calibration: EnergyCalibration = {
      ...DEFAULT_CALIBRATION,
      origin: 'calibrated',
      containerToNodeFit: fit,
      nodePowerFit: powerFit,
    };
    const normal = normals(4242);
    const make = autoregressive(0.5, 0.8, 0.15);
    const runs = Array.from({ length: 60 }, (_, index) => {
      const series = make(90 + index);
      const actual = drawn(series.slice(HISTORY), calibration, { util: 4 * normal(), watts: 3 * normal() });
      return {
        knowing: holds(ask(series, calibration), actual),
        ignorant: holds(ask(series, DEFAULT_CALIBRATION), actual),
      };
    });
    const share = (of: 'knowing' | 'ignorant'): number => runs.filter((run) => run[of]).length / runs.length;
    expect(share('knowing')).toBeGreaterThanOrEqual(0.92);
    expect(share('knowing')).toBeGreaterThan(share('ignorant'));
  });
});
