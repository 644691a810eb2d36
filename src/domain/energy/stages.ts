/**
 * The formulas of stages 2 and 3: from a container's cores to the node's utilisation to the node's power. Alzamil &
 * Djemame (GECON 2016), equations 1 and 2, as kcloud-cost-estimator has them.
 */
import { type EnergyCalibration } from './calibration.ts';
import { clamp } from './clamp.ts';
import { wattsAt } from './curves/curve.ts';

export interface NodeState {
  /** 0–100. */
  readonly currentUtilPercent: number;
  /** 0–100, at most the current one. */
  readonly idleUtilPercent: number;
}

/** Stage 2 before it is limited to 0–100 %. */
export function rawNodeUtilPercent(cores: number, node: NodeState, calibration: EnergyCalibration): number {
  const { containerToNodeSlope: slope, containerToNodeIntercept: intercept } = calibration;
  return slope * cores + intercept + (node.currentUtilPercent - node.idleUtilPercent);
}

/** Stage 2: the node's CPU utilisation in percent once the container uses `cores`. */
export function nodeUtilPercent(cores: number, node: NodeState, calibration: EnergyCalibration): number {
  return clamp(rawNodeUtilPercent(cores, node, calibration), 0, 100);
}

export interface PowerLimits {
  readonly idleWatts: number;
  readonly maxWatts: number;
}

/** Between what the node's power lies: the ends of the curve where there is one, which may reach beyond what was measured. */
export function powerLimits(calibration: EnergyCalibration): PowerLimits {
  const { nodePowerCurve: curve, nodeIdlePowerWatts, nodeMaxPowerWatts } = calibration;
  return {
    idleWatts: curve?.wattsAtPercent[0] ?? nodeIdlePowerWatts,
    maxWatts: curve?.wattsAtPercent.at(-1) ?? nodeMaxPowerWatts,
  };
}

/** Stage 3 before it is limited to what the node can draw. */
export function rawNodePowerWatts(utilPercent: number, calibration: EnergyCalibration): number {
  const { nodePowerCurve, nodeUtilToPowerSlope: slope, nodeUtilToPowerIntercept: intercept } = calibration;
  return nodePowerCurve === undefined
    ? slope * utilPercent + intercept
    : wattsAt(nodePowerCurve, utilPercent);
}

/** Stage 3: the node's power in watts at a utilisation of 0–100 %. */
export function nodePowerWatts(utilPercent: number, calibration: EnergyCalibration): number {
  const { idleWatts, maxWatts } = powerLimits(calibration);
  return clamp(rawNodePowerWatts(utilPercent, calibration), idleWatts, maxWatts);
}
