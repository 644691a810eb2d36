/** Calibrations as the API answers. */
import type { CalibrationInUse } from '#adapters/calibration/calibration-store.ts';
import type { CalibrationConfigAnswer } from '#apis/estimator-api/prediction.ts';
import type { LineFit } from '#domain/energy/line.ts';
import { isoTimeOrNull } from './evidence-answer.ts';

type Answer = CalibrationConfigAnswer['calibration'];

export function calibrationAnswer({ of, atMs, calibration }: CalibrationInUse): Answer {
  return {
    container_to_node_slope: calibration.containerToNodeSlope,
    container_to_node_intercept: calibration.containerToNodeIntercept,
    node_util_to_power_slope: calibration.nodeUtilToPowerSlope,
    node_util_to_power_intercept: calibration.nodeUtilToPowerIntercept,
    node_idle_power_watts: calibration.nodeIdlePowerWatts,
    node_max_power_watts: calibration.nodeMaxPowerWatts,
    origin: calibration.origin,
    scope: scopeText(of),
    calibrated_at: isoTimeOrNull(atMs),
    container_to_node_fit: fitAnswer(calibration.containerToNodeFit),
    node_util_to_power_fit: fitAnswer(calibration.nodePowerFit),
    node_power_curve: calibration.nodePowerCurve?.family ?? null,
  };
}

export function scopeText(of: CalibrationInUse['of']): string {
  return 'name' in of ? `${of.scope} ${of.name}` : of.scope;
}

function fitAnswer(fit: LineFit | undefined): Answer['container_to_node_fit'] {
  if (fit === undefined) return null;
  return { points: fit.points, r_squared: fit.rSquared, residual_sd: fit.residualSd ?? null };
}
