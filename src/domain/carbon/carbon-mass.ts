/** The mass of CO2 of energy that was drawn over time. */
import { HOUR_MS } from '../units/duration.ts';
import { type CarbonIntensity, intensitySpans } from './carbon-intensity.ts';

export interface CarbonMass {
  /** In kg; undefined where a part of it is not known. */
  readonly kg: number | undefined;
  /** Of the energy whose intensity is known, and that energy. */
  readonly knownKg: number;
  readonly knownKwh: number;
  /** The energy that nobody can say the carbon of. */
  readonly unknownKwh: number;
  readonly reasons: readonly string[];
}

/** Mean power over a time. */
export interface PowerStretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly watts: number;
}

const NOTHING: CarbonMass = { kg: 0, knownKg: 0, knownKwh: 0, unknownKwh: 0, reasons: [] };

/** The carbon of power that was drawn evenly over a time. */
export function carbonOf({ fromMs, toMs, watts }: PowerStretch, intensity: CarbonIntensity): CarbonMass {
  let mass = NOTHING;
  for (const span of intensitySpans(intensity, fromMs, toMs)) {
    const kwh = (watts * (span.toMs - span.fromMs)) / HOUR_MS / 1000;
    mass = addCarbon(mass, massOf(kwh, span));
  }
  return mass;
}

function massOf(kwh: number, { kgPerKwh, reason }: ReturnType<typeof intensitySpans>[number]): CarbonMass {
  if (kgPerKwh === undefined) {
    return { ...NOTHING, kg: undefined, unknownKwh: kwh, reasons: reason === undefined ? [] : [reason] };
  }
  const kg = kwh * kgPerKwh;
  return { ...NOTHING, kg, knownKg: kg, knownKwh: kwh };
}

/** Two masses together: known where both are. */
export function addCarbon(a: CarbonMass, b: CarbonMass): CarbonMass {
  return {
    kg: a.kg === undefined || b.kg === undefined ? undefined : a.kg + b.kg,
    knownKg: a.knownKg + b.knownKg,
    knownKwh: a.knownKwh + b.knownKwh,
    unknownKwh: a.unknownKwh + b.unknownKwh,
    reasons: b.reasons.length === 0 ? a.reasons : [...new Set([...a.reasons, ...b.reasons])],
  };
}

/** The mean intensity of a time, weighted by its length; undefined where a part is not known. */
export function meanIntensity(intensity: CarbonIntensity, fromMs: number, toMs: number): number | undefined {
  const { kg, knownKwh } = carbonOf({ fromMs, toMs, watts: 1000 }, intensity);
  return kg === undefined || knownKwh === 0 ? undefined : kg / knownKwh;
}
