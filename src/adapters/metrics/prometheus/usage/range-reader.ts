/** Evaluates expressions over long times: in pieces that the source can serve, and in smaller ones where it cannot. */
import type { Grid } from '#domain/usage/series.ts';
import type { PromqlClient } from '../client/promql-client.ts';
import type { RangeSeries } from '../client/range-series.ts';
import { isTooLarge } from '../client/source-error.ts';

/** Prometheus serves at most 11,000 points per series. */
export const MAX_STEPS = 10_000;

export class RangeReader {
  readonly #client: PromqlClient;
  /** What the source has refused once is not asked again. */
  #maxSteps = MAX_STEPS;
  readonly #warnings = new Set<string>();

  constructor(client: PromqlClient) {
    this.#client = client;
  }

  /** What the source said about the answers so far. */
  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  /** Asks for the whole time again, since what is asked for is less. */
  widen(): void {
    this.#maxSteps = MAX_STEPS;
  }

  /** The values at the end of each step of the grid; a series may come in several pieces. Rejects with SourceError. */
  async read(expression: string, grid: Grid): Promise<readonly RangeSeries[]> {
    if (grid.steps > this.#maxSteps) return this.#halves(expression, grid);
    try {
      const { startMs, stepMs, steps } = grid;
      const range = { startMs: startMs + stepMs, endMs: startMs + steps * stepMs, stepMs };
      const { series, warnings } = await this.#client.range(expression, range);
      for (const warning of warnings) this.#warnings.add(warning);
      return series;
    } catch (error) {
      if (!isTooLarge(error) || grid.steps === 1) throw error;
      this.#maxSteps = Math.min(this.#maxSteps, Math.ceil(grid.steps / 2));
      return this.#halves(expression, grid);
    }
  }

  async #halves(expression: string, grid: Grid): Promise<readonly RangeSeries[]> {
    const series: RangeSeries[] = [];
    for (const half of pieces(grid, Math.ceil(grid.steps / 2)))
      series.push(...(await this.read(expression, half)));
    return series;
  }
}

/** A grid in consecutive pieces of at most `steps` steps. */
export function pieces(grid: Grid, steps: number): readonly Grid[] {
  const { startMs, stepMs } = grid;
  return Array.from({ length: Math.ceil(grid.steps / steps) }, (_, piece) => {
    const first = piece * steps;
    return { startMs: startMs + first * stepMs, stepMs, steps: Math.min(steps, grid.steps - first) };
  });
}
