/** Which rates held since when. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Database } from '#adapters/sqlite/database.ts';
import { COOLING_MODES, type EnergyRates } from '#domain/cost/energy-rates.ts';

const Rates = Type.Object({
  electricityUsdPerKwh: Type.Number(),
  coolingMode: Type.Enum([...COOLING_MODES]),
  coolingFactor: Type.Number(),
  carbonUsdPerKg: Type.Number(),
});

interface Entry {
  readonly fromMs: number;
  readonly rates: EnergyRates;
}

export class RateBook {
  readonly #database: Database;
  /** By time. */
  #entries: readonly Entry[];

  constructor(database: Database) {
    this.#database = database;
    this.#entries = this.#read();
  }

  /** Notes that these rates hold from now on, where others held before. */
  note(rates: EnergyRates, nowMs: number): void {
    const { electricityUsdPerKwh, coolingMode, coolingFactor, carbonUsdPerKg } = rates;
    const document = JSON.stringify({ electricityUsdPerKwh, coolingMode, coolingFactor, carbonUsdPerKg });
    this.#database.transaction(() => {
      const last = this.#database.prepare('SELECT document FROM rates ORDER BY from_ms DESC LIMIT 1').get();
      if (last?.['document'] === document) return;
      const sql =
        'INSERT INTO rates VALUES (?, ?) ON CONFLICT (from_ms) DO UPDATE SET document = excluded.document';
      this.#database.prepare(sql).run(nowMs, document);
    });
    this.#entries = this.#read();
  }

  /** The rates at a time; before the first that were noted, those. Undefined where none ever were. */
  at(ms: number): EnergyRates | undefined {
    return (this.#entries.findLast(({ fromMs }) => fromMs <= ms) ?? this.#entries[0])?.rates;
  }

  #read(): readonly Entry[] {
    const rows = this.#database.reading(() =>
      this.#database.prepare('SELECT from_ms, document FROM rates ORDER BY from_ms').all(),
    );
    return rows.map((row) => ({
      fromMs: Number(row['from_ms']),
      rates: Value.Parse(Rates, JSON.parse(String(row['document']))),
    }));
  }
}
