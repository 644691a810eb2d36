/** The flags of the estimator, with the environment variables of the seed. */
import { readFileSync } from 'node:fs';
import { type CarbonIntensity, SEED_INTENSITY } from '#domain/carbon/carbon-intensity.ts';
import { CARBON_UNITS, type CarbonUnit, parseCarbonTable } from '#domain/carbon/carbon-table.ts';
import { type EnergyRates, energyRatesFrom, SEED_ENERGY_RATES } from '#domain/cost/energy-rates.ts';
import { KcError } from '#errors/kc-error.ts';
import { DEFAULT_ALLOW } from '#services/rest/access/caller.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { prometheusFlags } from '../cli/prometheus-flags.ts';

const { electricityUsdPerKwh, coolingFactor, carbonUsdPerKg } = SEED_ENERGY_RATES;

export const estimatorFlags = defineFlags({
  ...prometheusFlags,
  'prometheus-url': { type: 'text', env: ['POWER_PROMETHEUS_URL', 'PROMETHEUS_URL'], describe: 'PromQL store that scrapes the power exporters; without it every watt is modelled' },
  'prometheus-timeout-seconds': { type: 'number', default: 10, min: 0.1, max: 120, env: ['POWER_PROMETHEUS_TIMEOUT'], describe: 'how long it may take for one query' },
  'metrics-interval': { type: 'number', default: 15, min: 1, max: 3600, env: ['POWER_METRICS_INTERVAL'], describe: 'seconds between two collections' },
  window: { type: 'text', default: '5m', env: ['POWER_WINDOW'], describe: 'over which counters become watts, 30s to 1h' },
  'electricity-rate': { type: 'text', env: ['ELECTRICITY_RATE'], describe: `USD per kWh (default ${electricityUsdPerKwh})` },
  'cooling-mode': { type: 'text', env: ['COOLING_MODE'], describe: 'seed: cooling is electricity × COOLING_FACTOR; pue: electricity × (PUE − 1) (default seed)' },
  'cooling-factor': { type: 'text', env: ['COOLING_FACTOR'], describe: `cooling in parts of the cost of electricity (default ${coolingFactor})` },
  pue: { type: 'text', env: ['PUE'], describe: 'power usage effectiveness, for the mode pue' },
  'carbon-rate': { type: 'text', env: ['CARBON_RATE'], describe: `USD per kg of CO2 (default ${carbonUsdPerKg})` },
  'carbon-intensity': { type: 'number', min: 0, env: ['CARBON_INTENSITY'], describe: 'kg of CO2 per kWh; 1 where absent, as in the printed formula' },
  'carbon-table': { type: 'text', env: ['CARBON_TABLE'], describe: 'CSV or JSON file of intensities by hour, instead' },
  'carbon-unit': { type: 'text', choices: CARBON_UNITS, env: ['CARBON_UNIT'], describe: 'unit of that file where it does not say' },
  'carbon-time-zone': { type: 'text', default: 'UTC', env: ['CARBON_TIME_ZONE'], describe: 'of its times without an offset' },
  'data-dir': { type: 'text', default: '.kcloud-estimator', env: ['KCLOUD_DATA_DIR'], describe: 'folder for the power history, the outbox and calibrations' },
  'retention-days': { type: 'number', default: 90, min: 1, max: 3650, env: ['RETENTION_DAYS'], describe: 'how long hours are kept' },
  'backfill-hours': { type: 'number', default: 24, min: 0, max: 168, env: ['BACKFILL_HOURS'], describe: 'how far back the PromQL store is asked for what was not collected' },
  'backlog-hours': { type: 'number', default: 6, min: 0.1, max: 168, env: ['BACKLOG_HOURS'], describe: 'how long samples wait for a sink that is down' },
  'backlog-megabytes': { type: 'number', default: 256, min: 1, max: 100_000, env: ['BACKLOG_MEGABYTES'], describe: 'and how many of them at most, packed' },
  port: { type: 'number', default: 8001, min: 0, max: 65535, env: ['PORT'], describe: 'port of the API' },
  host: { type: 'text', default: '0.0.0.0', env: ['HOST'], describe: 'address to listen on' },
  authentication: { type: 'text', default: 'none', choices: ['none', 'token-review'], env: ['AUTHENTICATION'], describe: 'token-review: callers send a token of the cluster' },
  reader: { type: 'list', env: ['API_READERS'], describe: `user or group that may read; repeatable (default ${DEFAULT_ALLOW.readers.join(', ')})` },
  writer: { type: 'list', env: ['API_WRITERS'], describe: `user or group that may calibrate, start and stop; repeatable (default ${DEFAULT_ALLOW.writers.join(', ')})` },
  'token-audience': { type: 'list', env: ['API_TOKEN_AUDIENCES'], describe: 'audience that tokens must be meant for; that of the API server where absent' },
  'requests-per-second': { type: 'number', default: 100, min: 0.1, env: ['REQUESTS_PER_SECOND'], describe: 'requests of one caller; predictions count for several' },
  burst: { type: 'number', default: 500, min: 1, env: ['REQUEST_BURST'], describe: 'how many at once' },
}); // prettier-ignore

export type EstimatorValues = FlagValues<typeof estimatorFlags>;

/** Throws KC_CONFIG_INVALID, naming the variable. */
export function ratesOf(values: EstimatorValues): EnergyRates {
  return energyRatesFrom({
    ELECTRICITY_RATE: values['electricity-rate'],
    COOLING_MODE: values['cooling-mode'],
    COOLING_FACTOR: values['cooling-factor'],
    PUE: values.pue,
    CARBON_RATE: values['carbon-rate'],
  });
}

/** Throws KC_CONFIG_INVALID or KC_CARBON_INVALID, naming the variable or the file. */
export function intensityOf(values: EstimatorValues): CarbonIntensity {
  const { 'carbon-table': file, 'carbon-intensity': kgPerKwh } = values;
  if (file !== undefined && kgPerKwh !== undefined) {
    const problem = 'cannot be set together with CARBON_INTENSITY';
    throw new KcError('KC_CONFIG_INVALID', { field: 'CARBON_TABLE', problem });
  }
  if (file === undefined) return kgPerKwh === undefined ? SEED_INTENSITY : { origin: 'constant', kgPerKwh };
  const unit = values['carbon-unit'] as CarbonUnit | undefined;
  return parseCarbonTable(readFile(file, 'CARBON_TABLE'), {
    name: file,
    timeZone: values['carbon-time-zone'],
    unit,
  });
}

export function readFile(file: string, field: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KcError('KC_CONFIG_INVALID', { field, problem: `cannot read ${file}`, cause: error });
  }
}
