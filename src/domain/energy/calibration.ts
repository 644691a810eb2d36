/** What the stages of an energy prediction stand on: two lines, the limits of the node's power, and how good they are. */
import { type TabulatedCurve } from './curves/curve.ts';
import { type LineFit } from './line.ts';

/** `default`: nothing is known of the node; `idle-and-max`: only those two are; `calibrated`: fitted to its measurements. */
export type CalibrationOrigin = 'default' | 'idle-and-max' | 'calibrated';

export interface EnergyCalibration {
  readonly origin: CalibrationOrigin;
  /** Percentage points of the node's CPU utilisation per core that the container uses. */
  readonly containerToNodeSlope: number;
  /** Percentage points. */
  readonly containerToNodeIntercept: number;
  /** Watts per percentage point of the node's CPU utilisation. */
  readonly nodeUtilToPowerSlope: number;
  /** Watts. */
  readonly nodeUtilToPowerIntercept: number;
  readonly nodeIdlePowerWatts: number;
  readonly nodeMaxPowerWatts: number;
  /** How well the first line fits; absent where it was not fitted. */
  readonly containerToNodeFit?: LineFit;
  /** How well the second line fits; absent where it was not fitted. */
  readonly nodePowerFit?: LineFit;
  /** Used instead of the second line where it predicted the node's own measurements better. */
  readonly nodePowerCurve?: TabulatedCurve;
}

/**
 * The defaults of kcloud-cost-estimator (src/predictor/energy_predictor.py), which names Alzamil & Djemame, "Energy
 * Prediction for Cloud Workload Patterns" (GECON 2016), equations 1 and 2, and a Dell X3430 server as their source. They
 * describe that one small server; any other node needs a calibration.
 */
export const DEFAULT_CALIBRATION: EnergyCalibration = {
  origin: 'default',
  containerToNodeSlope: 23.993,
  containerToNodeIntercept: 4.5347,
  nodeUtilToPowerSlope: 0.7254,
  nodeUtilToPowerIntercept: 53.88,
  nodeIdlePowerWatts: 53.88,
  nodeMaxPowerWatts: 126.34,
};
