/** Service levels from a source that speaks PromQL. */
import type { SloReading, SloSource } from '#domain/usage/usage.ts';
import type { PromqlClient } from './client/promql-client.ts';

export class PrometheusSlo implements SloSource {
  readonly #client: PromqlClient;

  constructor(client: PromqlClient) {
    this.#client = client;
  }

  async evaluate(promql: string, atMs: number): Promise<number | undefined> {
    return (await this.read(promql, atMs)).value;
  }

  /** An expression must come to exactly one finite number: which of several would count is anybody's guess. */
  async read(promql: string, atMs: number): Promise<SloReading> {
    const { series, warnings } = await this.#client.instant(promql, atMs);
    const [only] = series;
    if (series.length > 1)
      return { reason: `it gives ${String(series.length)} series; aggregate them to one` };
    const value = only?.values[0];
    if (value === undefined) return { reason: ['it gives no value at this time', ...warnings].join('; ') };
    return Number.isFinite(value) ? { value } : { reason: `it gives ${String(value)}` };
  }
}
