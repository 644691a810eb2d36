/** The calibration of a node of which only its idle and its maximum watts are known, such as from a data sheet. */
import { DEFAULT_CALIBRATION, type EnergyCalibration } from './calibration.ts';
import { tabulate } from './curves/curve.ts';
import { shapedCurve } from './curves/shape.ts';
import { SHAPE } from './curves/shape-numbers.ts';
import { type InputProblem, type Invalid, rangeProblem } from './problem.ts';

/**
 * Power by the shape that servers with such limits have, utilisation by the default line. The curve strays from single servers
 * as servers strayed from it.
 */
export function calibrationOfLimits(
  idleWatts: number,
  maxWatts: number,
): { readonly kind: 'calibrated'; readonly calibration: EnergyCalibration } | Invalid {
  const problems = limitProblems(idleWatts, maxWatts);
  if (problems.length > 0) return { kind: 'invalid', problems };
  const range = maxWatts - idleWatts;
  const strays = SHAPE.residuals.reduce((sum, { sd }) => sum + sd ** 2, 0) / (SHAPE.mean.length - 2);
  const calibration: EnergyCalibration = {
    ...DEFAULT_CALIBRATION,
    origin: 'idle-and-max',
    nodeUtilToPowerSlope: range / 100,
    nodeUtilToPowerIntercept: idleWatts,
    nodeIdlePowerWatts: idleWatts,
    nodeMaxPowerWatts: maxWatts,
    nodePowerCurve: {
      ...tabulate('idle-and-max', shapedCurve({ idleWatts, maxWatts })),
      residualSdWatts: range * Math.sqrt(strays + SHAPE.restSd ** 2),
    },
  };
  return { kind: 'calibrated', calibration };
}

function limitProblems(idleWatts: number, maxWatts: number): InputProblem[] {
  const range = { from: 0.1, to: 1e7, unit: 'watts' };
  const wrong = [
    ...rangeProblem('idleWatts', idleWatts, range),
    ...rangeProblem('maxWatts', maxWatts, range),
  ];
  if (wrong.length > 0 || maxWatts > idleWatts) return wrong;
  const message = `maxWatts is ${maxWatts}, not above the ${idleWatts} of idleWatts`;
  return [
    { field: 'maxWatts', code: 'out-of-range', message, fix: 'send more watts for full load than for none' },
  ];
}
