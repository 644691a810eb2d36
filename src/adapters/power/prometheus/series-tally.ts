/** Series that make samples, and what is wrong with the others: told once per metric, not once per series. */
import type { counterRate } from '#domain/power/counter.ts';
import type { PowerProblem } from '#domain/power/power.ts';
import type { RangeSeries } from '../../metrics/prometheus/client/range-series.ts';
import type { Naming } from './exporter.ts';
import type { PowerSample } from './samples.ts';

/** A series with its figure over the window, or why it has none. */
export interface RawSeries {
  readonly metric: string;
  readonly labels: RangeSeries['labels'];
  readonly figure: ReturnType<typeof counterRate>;
  readonly last: number;
}

type Reason = 'NotFinite' | 'Negative' | 'Missing' | 'Ambiguous';

const MESSAGES: Readonly<Record<Reason, string>> = {
  NotFinite: 'have values that are no numbers and are left out',
  Negative: 'have negative values and are left out',
  Missing: 'have fewer than two samples within the window and are left out',
  Ambiguous:
    'name no node of this cluster and are left out: of another cluster (set matchers), or of a node that is gone',
};

export class SeriesTally {
  readonly #source: string;
  readonly #naming: Naming;
  readonly #counts = new Map<string, { readonly metric: string; readonly reason: Reason; count: number }>();
  readonly #used = new Set<string>();

  constructor(source: string, naming: Naming) {
    this.#source = source;
    this.#naming = naming;
  }

  /** Undefined where the series has no figure or no node. */
  sample({ metric, labels, figure, last }: RawSeries): PowerSample | undefined {
    const { isListed } = this.#naming.nodes.nodeOf(labels);
    if (figure.reason !== undefined || !isListed) {
      this.#leaveOut(metric, figure.reason ?? 'Ambiguous');
      return undefined;
    }
    this.#used.add(metric);
    return { metric, labels, value: figure.value, last, atMs: figure.atMs };
  }

  #leaveOut(metric: string, reason: Reason): void {
    const key = `${metric} ${reason}`;
    const tally = this.#counts.get(key) ?? { metric, reason, count: 0 };
    tally.count += 1;
    this.#counts.set(key, tally);
  }

  /** Series that have just begun are nothing to tell where others of their metric are there. */
  problems(): readonly PowerProblem[] {
    return [...this.#counts.values()]
      .filter(({ metric, reason }) => reason !== 'Missing' || !this.#used.has(metric))
      .map(({ metric, reason, count }) => ({
        subject: this.#source,
        reason,
        message: `${String(count)} series of ${metric} ${MESSAGES[reason]}`,
      }));
  }
}
