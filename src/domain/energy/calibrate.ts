/** From measurements of a node to its calibration, or the reasons why they do not support one. */
import { type EnergyCalibration } from './calibration.ts';
import { chooseCurve, type CurveChoice } from './curves/choose.ts';
import { fitLine, type LineFit, type XY } from './line.ts';
import { type InputProblem, rangeProblem } from './problem.ts';

export interface ContainerNodePoint {
  /** Cores that the container used. */
  readonly containerCpuCores: number;
  /** 0–100. */
  readonly nodeCpuUtilPercent: number;
}

export interface NodePowerPoint {
  /** 0–100. */
  readonly nodeCpuUtilPercent: number;
  readonly nodePowerWatts: number;
}

export interface CalibrationData {
  readonly containerNode: readonly ContainerNodePoint[];
  readonly nodePower: readonly NodePowerPoint[];
}

export type RefusalReason = 'too-few-points' | 'no-spread' | 'slope-not-positive' | 'poor-fit' | 'not-finite';

/** Which data do not support a fit, and why. */
export interface Refusal {
  readonly data: keyof CalibrationData;
  readonly reason: RefusalReason;
  readonly message: string;
  readonly fix: string;
}

export interface Calibrated {
  readonly kind: 'calibrated';
  readonly calibration: EnergyCalibration;
  /** How the shapes of stage 3 did on points they were not fitted to; absent with too few points to tell. */
  readonly curves?: CurveChoice;
}

export interface CalibrationRefused {
  readonly kind: 'refused';
  /** At least one. */
  readonly refusals: readonly Refusal[];
}

/** As many as a line needs; no residual can be told from them. */
export const FEWEST_POINTS = 2;
/** Below this share of explained variance a line says less about the node than its mean does. */
export const LEAST_R_SQUARED = 0.5;
/** More points tell nothing new and cost time; of more, evenly chosen ones are used. */
export const MOST_POINTS = 2000;
/** Over less than this no slope can be told from noise. */
const LEAST_SPREAD = { containerNode: 0.01, nodePower: 1 };
const UNIT = { containerNode: 'cores of the container', nodePower: 'percentage points of the node' };
const MOST_WATTS = 1e7;
const MOST_NAMED = 5;

/** What is wrong with single values of the data, whether or not they would support a fit. */
export function calibrationProblems({ containerNode, nodePower }: CalibrationData): InputProblem[] {
  const percent = { from: 0, to: 100, unit: 'percent' };
  const first = containerNode.flatMap(({ containerCpuCores, nodeCpuUtilPercent }, index) => [
    ...rangeProblem(`containerNode[${index}].containerCpuCores`, containerCpuCores, {
      from: 0,
      to: 100_000,
      unit: 'cores',
    }),
    ...rangeProblem(`containerNode[${index}].nodeCpuUtilPercent`, nodeCpuUtilPercent, percent),
  ]);
  const second = nodePower.flatMap(({ nodeCpuUtilPercent, nodePowerWatts }, index) => [
    ...rangeProblem(`nodePower[${index}].nodeCpuUtilPercent`, nodeCpuUtilPercent, percent),
    ...rangeProblem(`nodePower[${index}].nodePowerWatts`, nodePowerWatts, {
      from: 0,
      to: MOST_WATTS,
      unit: 'watts',
    }),
  ]);
  return [...first.slice(0, MOST_NAMED), ...second.slice(0, MOST_NAMED)];
}

/**
 * Fits both lines by least squares, takes the least and the most watts seen as idle and maximum, and looks for a curve
 * that predicts the node's power better than the line. Refuses instead of returning lines that the data do not support.
 */
export function calibrate(data: CalibrationData): Calibrated | CalibrationRefused {
  const container = supported(
    'containerNode',
    data.containerNode.map(({ containerCpuCores: x, nodeCpuUtilPercent: y }) => ({ x, y })),
  );
  const power = supported(
    'nodePower',
    data.nodePower.map(({ nodeCpuUtilPercent: x, nodePowerWatts: y }) => ({ x, y })),
  );
  if (container.kind === 'refused' || power.kind === 'refused') {
    const refusals = [container, power].flatMap((found) => (found.kind === 'refused' ? [found.refusal] : []));
    return { kind: 'refused', refusals };
  }
  const curves = chooseCurve(power.points);
  const watts = power.points.map(({ y }) => y);
  const calibration: EnergyCalibration = {
    origin: 'calibrated',
    containerToNodeSlope: container.fit.slope,
    containerToNodeIntercept: container.fit.intercept,
    nodeUtilToPowerSlope: power.fit.slope,
    nodeUtilToPowerIntercept: power.fit.intercept,
    nodeIdlePowerWatts: Math.min(...watts),
    nodeMaxPowerWatts: Math.max(...watts),
    containerToNodeFit: container.fit,
    nodePowerFit: power.fit,
    ...(curves?.chosen === undefined ? {} : { nodePowerCurve: curves.chosen }),
  };
  return { kind: 'calibrated', calibration, ...(curves === undefined ? {} : { curves }) };
}

type Supported =
  | { readonly kind: 'supported'; readonly fit: LineFit; readonly points: readonly XY[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

function supported(data: keyof CalibrationData, given: readonly XY[]): Supported {
  const points = thinned(given);
  if (points.some(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y)))
    return refused(data, 'not-finite', 'a value is not a finite number');
  if (points.length < FEWEST_POINTS)
    return refused(
      data,
      'too-few-points',
      `${points.length} points were given, a line needs ${FEWEST_POINTS}`,
    );
  const xs = points.map(({ x }) => x);
  const spread = Math.max(...xs) - Math.min(...xs);
  if (spread < LEAST_SPREAD[data])
    return refused(data, 'no-spread', `the points span ${spread.toPrecision(3)} ${UNIT[data]}`);
  const fit = fitLine(points);
  if (!(fit.slope > 0))
    return refused(
      data,
      'slope-not-positive',
      `more load would mean no more (slope ${fit.slope.toPrecision(4)})`,
    );
  if (fit.rSquared < LEAST_R_SQUARED)
    return refused(
      data,
      'poor-fit',
      `the line explains ${(100 * fit.rSquared).toFixed(0)} % of the variance`,
    );
  return { kind: 'supported', fit, points };
}

const FIXES: Readonly<Record<RefusalReason, string>> = {
  'too-few-points': 'measure at two or more loads, better at five',
  'no-spread': 'measure at loads that differ, from idle to full',
  'slope-not-positive': 'check that load and measurement are of the same node and the same time',
  'poor-fit': `measure more points or longer means; at least ${100 * LEAST_R_SQUARED} % must be explained`,
  'not-finite': 'leave out what was not measured',
};

function refused(data: keyof CalibrationData, reason: RefusalReason, message: string): Supported {
  return { kind: 'refused', refusal: { data, reason, message: `${data}: ${message}`, fix: FIXES[reason] } };
}

/** Every nth point where there are very many. */
function thinned(points: readonly XY[]): readonly XY[] {
  if (points.length <= MOST_POINTS) return points;
  return Array.from(
    { length: MOST_POINTS },
    (_, k) =>
      points[Math.round((k * (points.length - 1)) / (MOST_POINTS - 1))] ?? { x: Number.NaN, y: Number.NaN },
  );
}
