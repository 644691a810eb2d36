/** What a container will draw, before or while it runs: four stages from its CPU history to its watts. */
import { attribute, type Attribution, type ContainerLoad } from './attribution.ts';
import { DEFAULT_CALIBRATION, type EnergyCalibration } from './calibration.ts';
import { forecastCpu, type CpuForecast } from './cpu-forecast.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { type Interval, type Intervals, intervalsOf } from './intervals.ts';
import { withLagRanges } from './lag-ranges.ts';
import { type Invalid } from './problem.ts';
import {
  DEFAULT_HORIZON_MINUTES,
  DEFAULT_LEVEL,
  DEFAULT_STEP_MINUTES,
  type EnergyRequest,
  requestProblems,
} from './request.ts';
import {
  nodePowerWatts,
  nodeUtilPercent,
  powerLimits,
  type PowerLimits,
  rawNodePowerWatts,
  rawNodeUtilPercent,
} from './stages.ts';

/** Whether a stage's value was limited, and at which end. */
export type Limited = 'none' | 'least' | 'most';

export interface StageValues {
  readonly cpuForecast: {
    readonly meanCores: number;
    readonly intervalCores: Interval;
    readonly samplesGiven: number;
    readonly samplesUsed: number;
  };
  readonly nodeUtil: {
    readonly percent: number;
    readonly intervalPercent: Interval;
    readonly limited: Limited;
  };
  readonly nodePower: {
    readonly watts: number;
    readonly intervalWatts: Interval;
    readonly idleWatts: number;
    readonly maxWatts: number;
    readonly limited: Limited;
  };
  readonly attribution: {
    readonly idleWatts: number;
    readonly activeWatts: number;
    /** The other containers of the node, in their order. */
    readonly othersWatts: readonly number[];
    /** What no container accounts for. */
    readonly unattributedWatts: number;
  };
}

export interface PredictionMethod {
  /** The models of stage 1 with their weights, such as `ARIMA(1,0,1) 60 %, naive 40 %`. */
  readonly forecast: string;
  /** What stage 3 went by: `line` or the family of the calibrated curve. */
  readonly nodePower: string;
  /** How the interval came about. */
  readonly interval: string;
}

export interface EnergyPrediction {
  readonly kind: 'prediction';
  /** Mean over the horizon. */
  readonly predictedPowerWatts: number;
  /** Where the mean over the horizon will lie with the asked probability; holds the prediction. */
  readonly confidenceIntervalWatts: Interval;
  readonly intervalLevel: number;
  /** Over the horizon. */
  readonly predictedEnergyWh: number;
  readonly horizonMinutes: number;
  readonly stages: StageValues;
  readonly method: PredictionMethod;
  readonly evidence: readonly Evidence[];
}

/** Predicts by what is known of the node; `invalid` says all that is wrong with the request. Never throws. */
export function predictEnergy(
  request: EnergyRequest,
  calibration: EnergyCalibration = DEFAULT_CALIBRATION,
): EnergyPrediction | Invalid {
  const problems = requestProblems(request);
  if (problems.length > 0) return { kind: 'invalid', problems };
  const { stepMinutes = DEFAULT_STEP_MINUTES, horizonMinutes = DEFAULT_HORIZON_MINUTES } = request;
  const steps = Math.max(1, Math.round(horizonMinutes / stepMinutes));
  const cpu = forecastCpu(request.historicalCpuCores, { steps, effort: request.effort ?? 'standard' });
  if (cpu.kind === 'unknown') return unusable(cpu.reason);
  return predicted(request, calibration, { cpu, horizonMinutes });
}

function unusable(message: string): Invalid {
  const fix = 'send a longer history with fewer unknown values';
  return {
    kind: 'invalid',
    problems: [{ field: 'historicalCpuCores', code: 'unusable-history', message, fix }],
  };
}

interface Forecasted {
  readonly cpu: CpuForecast;
  readonly horizonMinutes: number;
}

function predicted(
  request: EnergyRequest,
  calibration: EnergyCalibration,
  { cpu, horizonMinutes }: Forecasted,
): EnergyPrediction {
  const level = request.intervalLevel ?? DEFAULT_LEVEL;
  const outcome = stagesAt(cpu.meanCores, request, calibration);
  const target = outcome.attribution.shares[0];
  const watts = target?.watts ?? Number.NaN;
  const intervals = intervalsOf({ cpu, request, calibration, level });
  return {
    kind: 'prediction',
    predictedPowerWatts: watts,
    confidenceIntervalWatts: holding(intervals.containerWatts, watts),
    intervalLevel: level,
    predictedEnergyWh: (watts * horizonMinutes) / 60,
    horizonMinutes,
    stages: stageValues(cpu, outcome, intervals),
    method: methodOf(cpu, calibration),
    evidence: evidenceOf({
      cpu,
      request,
      calibration,
      unattributedWatts: outcome.attribution.unattributedWatts,
    }),
  };
}

interface Outcome {
  readonly rawUtil: number;
  readonly util: number;
  readonly rawWatts: number;
  readonly watts: number;
  readonly limits: PowerLimits;
  readonly attribution: Attribution;
}

/** Stages 2 to 4 for the mean of the forecast. */
function stagesAt(cores: number, request: EnergyRequest, calibration: EnergyCalibration): Outcome {
  const node = {
    currentUtilPercent: request.nodeCurrentUtilPercent,
    idleUtilPercent: request.nodeIdleUtilPercent,
  };
  const util = nodeUtilPercent(cores, node, calibration);
  const watts = nodePowerWatts(util, calibration);
  const limits = powerLimits(calibration);
  const requested = request.containerCpuRequestCores;
  const target: ContainerLoad = { cpuRequestCores: requested, cpuUtilFraction: cores / requested };
  return {
    rawUtil: rawNodeUtilPercent(cores, node, calibration),
    util,
    rawWatts: rawNodePowerWatts(util, calibration),
    watts,
    limits,
    attribution: attribute({ watts, idleWatts: limits.idleWatts }, [
      target,
      ...(request.containersOnNode ?? []),
    ]),
  };
}

function stageValues(
  cpu: CpuForecast,
  { rawUtil, util, rawWatts, watts, limits, attribution }: Outcome,
  intervals: Intervals,
): StageValues {
  const [target, ...others] = attribution.shares;
  return {
    cpuForecast: {
      meanCores: cpu.meanCores,
      intervalCores: holding(intervals.cores, cpu.meanCores),
      samplesGiven: cpu.samplesGiven,
      samplesUsed: cpu.samplesUsed,
    },
    nodeUtil: {
      percent: util,
      intervalPercent: holding(intervals.utilPercent, util),
      limited: limited(rawUtil, util),
    },
    nodePower: {
      watts,
      intervalWatts: holding(intervals.nodeWatts, watts),
      ...limits,
      limited: limited(rawWatts, watts),
    },
    attribution: {
      idleWatts: target?.idleWatts ?? Number.NaN,
      activeWatts: target?.activeWatts ?? Number.NaN,
      othersWatts: others.map((share) => share.watts),
      unattributedWatts: attribution.unattributedWatts,
    },
  };
}

function limited(raw: number, value: number): Limited {
  if (raw === value) return 'none';
  return raw < value ? 'least' : 'most';
}

/** The interval, widened where the stages' bends take the value at the mean out of it. */
function holding({ lower, upper }: Interval, value: number): Interval {
  return { lower: Math.min(lower, value), upper: Math.max(upper, value) };
}

function methodOf({ models }: CpuForecast, { nodePowerCurve }: EnergyCalibration): PredictionMethod {
  return {
    forecast: models
      .map(({ description, weight }) => `${withLagRanges(description)} ${(100 * weight).toFixed(0)} %`)
      .join(', '),
    nodePower: nodePowerCurve?.family ?? 'line',
    interval:
      'futures of the CPU with their errors correlated as in backtests, each taken through all stages',
  };
}
