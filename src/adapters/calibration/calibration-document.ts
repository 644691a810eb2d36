/** A calibration as the JSON text that is stored of it. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { failure } from '#adapters/sqlite/failures.ts';
import type { EnergyCalibration } from '#domain/energy/calibration.ts';

const Fit = Type.Object({
  slope: Type.Number(),
  intercept: Type.Number(),
  points: Type.Number(),
  rSquared: Type.Number(),
  residualSd: Type.Optional(Type.Number()),
  slopeStandardError: Type.Optional(Type.Number()),
  interceptStandardError: Type.Optional(Type.Number()),
  meanX: Type.Number(),
  squaredSpreadX: Type.Number(),
});

const Curve = Type.Object({
  family: Type.Union([
    Type.Literal('line'),
    Type.Literal('idle-and-max'),
    Type.Literal('learned-shape'),
    Type.Literal('piecewise'),
    Type.Literal('monotone-cubic'),
    Type.Literal('power-law'),
    Type.Literal('cubic'),
  ]),
  wattsAtPercent: Type.Array(Type.Number(), { minItems: 101, maxItems: 101 }),
  residualSdWatts: Type.Optional(Type.Number()),
});

const Calibration = Type.Object({
  origin: Type.Union([Type.Literal('default'), Type.Literal('idle-and-max'), Type.Literal('calibrated')]),
  containerToNodeSlope: Type.Number(),
  containerToNodeIntercept: Type.Number(),
  nodeUtilToPowerSlope: Type.Number(),
  nodeUtilToPowerIntercept: Type.Number(),
  nodeIdlePowerWatts: Type.Number(),
  nodeMaxPowerWatts: Type.Number(),
  containerToNodeFit: Type.Optional(Fit),
  nodePowerFit: Type.Optional(Fit),
  nodePowerCurve: Type.Optional(Curve),
});

export function writeCalibration(calibration: EnergyCalibration): string {
  return JSON.stringify(calibration);
}

/** Throws KC_STORE_CORRUPT where the text is not what was written: a wrong calibration is worse than none. */
export function readCalibration(text: string, object: string): EnergyCalibration {
  const fix = 'calibrate anew, or remove the calibration to go back to the defaults';
  const document = parsed(text);
  if (Value.Check(Calibration, document)) return document;
  const { instancePath = '', message = 'it is not JSON' } = Value.Errors(Calibration, document)[0] ?? {};
  throw failure('KC_STORE_CORRUPT', object, { problem: `the calibration ${instancePath} ${message}`, fix });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
