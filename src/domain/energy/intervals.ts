/** Intervals of every stage: each possible future of the CPU is taken through all stages, and quantiles are read off. */
import { quantileOfSorted } from '#domain/statistics/order.ts';
import { type EnergyCalibration } from './calibration.ts';
import { clamp } from './clamp.ts';
import { type CpuForecast } from './cpu-forecast.ts';
import { type LineFit, predictionSd } from './line.ts';
import { type EnergyRequest } from './request.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { powerLimits, rawNodePowerWatts, rawNodeUtilPercent } from './stages.ts';

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Of means over the horizon. */
export interface Intervals {
  readonly cores: Interval;
  readonly utilPercent: Interval;
  readonly nodeWatts: Interval;
  readonly containerWatts: Interval;
}

export interface IntervalInput {
  readonly cpu: CpuForecast;
  readonly request: EnergyRequest;
  readonly calibration: EnergyCalibration;
  readonly level: number;
}

interface Means {
  readonly cores: number;
  readonly utilPercent: number;
  readonly nodeWatts: number;
  readonly containerWatts: number;
}

export function intervalsOf(input: IntervalInput): Intervals {
  const followed = follower(input);
  const means = scenarios(input.cpu).map(followed);
  const between = (of: (means: Means) => number): Interval => {
    const sorted = Float64Array.from(means, of).sort();
    const outside = (1 - input.level) / 2;
    return { lower: quantileOfSorted(sorted, outside), upper: quantileOfSorted(sorted, 1 - outside) };
  };
  return {
    cores: between(({ cores }) => cores),
    utilPercent: between(({ utilPercent }) => utilPercent),
    nodeWatts: between(({ nodeWatts }) => nodeWatts),
    containerWatts: between(({ containerWatts }) => containerWatts),
  };
}

/** One future through stages 2 to 4, step by step; residuals of the fits hold for all its steps: the widest case. */
function follower({ request, calibration }: IntervalInput): (scenario: Scenario) => Means {
  const node = {
    currentUtilPercent: request.nodeCurrentUtilPercent,
    idleUtilPercent: request.nodeIdleUtilPercent,
  };
  const share = shareOf(request);
  const utilAway = utilStray(calibration);
  const powerAway = powerStray(calibration);
  const { idleWatts, maxWatts } = powerLimits(calibration);
  return ({ cores, utilResidual, powerResidual }) => {
    const sum = { cores: 0, utilPercent: 0, nodeWatts: 0, containerWatts: 0 };
    for (const used of cores) {
      const util = clamp(rawNodeUtilPercent(used, node, calibration) + utilAway(used, utilResidual), 0, 100);
      const exact = rawNodePowerWatts(util, calibration) + powerAway(util, powerResidual);
      const watts = clamp(exact, idleWatts, maxWatts);
      sum.cores += used;
      sum.utilPercent += util;
      sum.nodeWatts += watts;
      sum.containerWatts += share(used, watts, idleWatts);
    }
    return {
      cores: sum.cores / cores.length,
      utilPercent: sum.utilPercent / cores.length,
      nodeWatts: sum.nodeWatts / cores.length,
      containerWatts: sum.containerWatts / cores.length,
    };
  };
}

/** Stage 4 for the container alone. */
function shareOf({ containersOnNode = [], containerCpuRequestCores: requested }: EnergyRequest) {
  const others = containersOnNode.reduce((sum, { cpuRequestCores }) => sum + cpuRequestCores, 0);
  const othersUse = containersOnNode.reduce(
    (sum, load) => sum + load.cpuRequestCores * load.cpuUtilFraction,
    0,
  );
  const idleShare = requested / (requested + others);
  return (cores: number, watts: number, idleWatts: number): number =>
    idleWatts * idleShare + (cores > 0 ? ((watts - idleWatts) * cores) / (cores + othersUse) : 0);
}

/** How far a residual at so many normal deviations takes a stage's value. */
type Residual = (x: number, deviations: number) => number;

function utilStray({ containerToNodeFit: fit }: EnergyCalibration): Residual {
  return fit === undefined ? () => 0 : lineStray(fit);
}

function powerStray({ nodePowerCurve: curve, nodePowerFit: fit }: EnergyCalibration): Residual {
  if (curve !== undefined) return (_util, deviations) => deviations * (curve.residualSdWatts ?? 0);
  return fit === undefined ? () => 0 : lineStray(fit);
}

/** A line through few points is as unsure as Student's t says. */
function lineStray(fit: LineFit): Residual {
  return (x, deviations) => predictionSd(fit, x) * studentValue(deviations, fit.points - 2);
}

/**
 * The value of Student's t where the normal distribution has `z`: the first terms of its Cornish-Fisher expansion (Abramowitz &
 * Stegun 26.7.5); 1 % low at five degrees of freedom, 10 % at two.
 */
export function studentValue(z: number, degreesOfFreedom: number): number {
  const n = Math.max(degreesOfFreedom, 1);
  return z + (z ** 3 + z) / (4 * n) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n * n);
}
