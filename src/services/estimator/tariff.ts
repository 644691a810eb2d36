/** Prices power: watts of now as an hour's cost, energy of the past at the rates of its time. */
import { type CarbonIntensity, intensityAt, type IntensitySpan } from '#domain/carbon/carbon-intensity.ts';
import { carbonOf } from '#domain/carbon/carbon-mass.ts';
import { type EnergyCost, energyCost } from '#domain/cost/energy-cost.ts';
import type { EnergyRates } from '#domain/cost/energy-rates.ts';
import { HOUR_MS } from '#domain/units/duration.ts';

export interface TariffOptions {
  readonly rates: EnergyRates;
  readonly intensity: CarbonIntensity;
  /** The rates that held at a time of the past; those of now where nobody noted any. */
  readonly ratesAt: (ms: number) => EnergyRates | undefined;
}

/** Energy that was drawn evenly over a time. */
export interface DrawnEnergy {
  readonly fromMs: number;
  readonly toMs: number;
  readonly joules: number;
}

export interface ComingPower {
  readonly watts: number;
  readonly fromMs: number;
  readonly hours: number;
}

export class Tariff {
  readonly #options: TariffOptions;
  /** Every sample of a collection asks for the same moment. */
  #now: { readonly atMs: number; readonly span: IntensitySpan | undefined } | undefined;

  constructor(options: TariffOptions) {
    this.#options = options;
  }

  get rates(): EnergyRates {
    return this.#options.rates;
  }

  get intensity(): CarbonIntensity {
    return this.#options.intensity;
  }

  /** What an hour at this power costs, at the rates and the carbon intensity of a moment. */
  hourAt(watts: number | undefined, atMs: number): EnergyCost {
    const { rates, intensity } = this.#options;
    if (this.#now?.atMs !== atMs) this.#now = { atMs, span: intensityAt(intensity, atMs) };
    const now = this.#now.span;
    if (now?.kgPerKwh !== undefined) {
      return energyCost({ watts, hours: 1, carbon: { kgPerKwh: now.kgPerKwh } }, rates);
    }
    const drawn = { fromMs: atMs, toMs: atMs + HOUR_MS, watts: watts ?? Number.NaN };
    return energyCost({ watts, hours: 1, carbon: carbonOf(drawn, intensity) }, rates);
  }

  /** What power of the near future costs, at the rates of now. */
  ahead(power: ComingPower): EnergyCost {
    return this.#priced(power, this.#options.rates);
  }

  /** What energy of the past cost. The power that the answer's kWh follow from is its mean over the time. */
  past({ fromMs, toMs, joules }: DrawnEnergy): EnergyCost {
    const hours = (toMs - fromMs) / HOUR_MS;
    const watts = joules / (hours * 3600);
    const { ratesAt, rates } = this.#options;
    return this.#priced({ watts, fromMs, hours }, ratesAt(fromMs) ?? rates);
  }

  #priced({ watts, fromMs, hours }: ComingPower, rates: EnergyRates): EnergyCost {
    const { intensity } = this.#options;
    const carbon =
      intensity.origin === 'table'
        ? carbonOf({ fromMs, toMs: fromMs + hours * HOUR_MS, watts }, intensity)
        : { kgPerKwh: intensity.kgPerKwh };
    return energyCost({ watts, hours, carbon }, rates);
  }
}
