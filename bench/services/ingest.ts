/** How many samples a second the collector's work takes: normalised, priced, added up and put in the outbox, on disk. */
import { openEstimatorDatabase } from '#adapters/power-history/estimator-database.ts';
import { PowerHistory } from '#adapters/power-history/power-history.ts';
import { Outbox } from '#adapters/sinks/outbox/outbox.ts';
import { SEED_INTENSITY } from '#domain/carbon/carbon-intensity.ts';
import { SEED_ENERGY_RATES } from '#domain/cost/energy-rates.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { batchOf } from '#services/estimator/collecting/batch.ts';
import { normalise } from '#services/estimator/collecting/normalise.ts';
import { Tariff } from '#services/estimator/tariff.ts';
import { snapshotAt } from './fixture.ts';

const INTERVAL_MS = 15_000;

export function ingestSamples(path: string, snapshots: number): { readonly perSecond: number } {
  const database = openEstimatorDatabase(path);
  const history = new PowerHistory(database, 90 * DAY_MS);
  const outbox = new Outbox(database, ['nowhere'], { maxAgeMs: HOUR_MS * 24, maxBytes: 1 << 30 });
  const tariff = new Tariff({
    rates: SEED_ENERGY_RATES,
    intensity: SEED_INTENSITY,
    ratesAt: () => undefined,
  });
  const startAtMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const made = Array.from({ length: snapshots }, (_none, index) =>
    snapshotAt(startAtMs + index * INTERVAL_MS),
  );
  let samples = 0;
  const startMs = performance.now();
  for (const snapshot of made) {
    const sound = normalise(snapshot);
    const batch = batchOf(sound, tariff);
    history.append(sound, INTERVAL_MS, () => {
      outbox.put(batch);
    });
    samples += batch.samples.length;
  }
  const seconds = (performance.now() - startMs) / 1000;
  database.close();
  return { perSecond: samples / seconds };
}
