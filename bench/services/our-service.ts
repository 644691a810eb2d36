/** The estimator on that cluster, as a process of its own; prints its address. Not a bench: main.ts starts it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { openCalibrationDatabase } from '#adapters/calibration/calibration-database.ts';
import { CalibrationStore } from '#adapters/calibration/calibration-store.ts';
import { openEstimatorDatabase } from '#adapters/power-history/estimator-database.ts';
import { PowerHistory } from '#adapters/power-history/power-history.ts';
import { SEED_INTENSITY } from '#domain/carbon/carbon-intensity.ts';
import { SEED_ENERGY_RATES } from '#domain/cost/energy-rates.ts';
import type { PowerSource } from '#domain/power/power.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { Health } from '#runtime/manager/health.ts';
import { EstimatorService } from '#services/estimator/estimator-service.ts';
import { DEFAULT_ALLOW } from '#services/rest/access/caller.ts';
import { snapshotAt } from './fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'kcloud-bench-services-'));
const database = openEstimatorDatabase(join(directory, 'power.db'));
const clock = new SystemClock();
const hour = Math.floor(clock.now() / HOUR_MS) * HOUR_MS;
const history = new PowerHistory(database, 90 * DAY_MS);
for (let atMs = hour - DAY_MS; atMs <= hour; atMs += HOUR_MS) history.append(snapshotAt(atMs), HOUR_MS);

const source: PowerSource = {
  name: 'fixture',
  current: ({ atMs }) => Promise.resolve(snapshotAt(atMs)),
  history: () => Promise.resolve([]),
};
const service = new EstimatorService({
  source,
  database,
  calibrations: new CalibrationStore(openCalibrationDatabase(':memory:')),
  sinks: [],
  bounds: { maxAgeMs: HOUR_MS, maxBytes: 1 << 28 },
  rates: SEED_ENERGY_RATES,
  intensity: SEED_INTENSITY,
  intervalMs: 15_000,
  windowMs: 300_000,
  backfillMs: 0,
  authenticator: undefined,
  allow: DEFAULT_ALLOW,
  limit: { perSecond: 1e9, burst: 1e9 },
  health: new Health(),
  registry: new Registry(),
  clock,
  random: systemRandom,
  logger: silentLogger,
  version: '0.0.0',
  settings: {},
});
const stop = new AbortController();
process.once('SIGTERM', () => {
  stop.abort(new Error('the bench is over'));
});
await service.run(stop.signal, {
  port: 0,
  host: '127.0.0.1',
  onListening: (address) => {
    process.stdout.write(`${address}\n`);
  },
});
