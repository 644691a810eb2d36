/** Energy of the cluster and of each namespace by the hour, remembered until something changes in the hour. */
import { COARSE_MS } from './levels.ts';
import type { EnergySum, PowerHistory } from './power-history.ts';

interface HourTotal {
  readonly cluster: EnergySum | undefined;
  readonly namespaces: ReadonlyMap<string, EnergySum>;
}

export interface HourSpan {
  /** A whole hour. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** A year; who asks for more waits a little longer. */
const MAX_HOURS = 366 * 24;

export class HourTotals {
  readonly #history: PowerHistory;
  readonly #hours = new Map<number, HourTotal>();

  constructor(history: PowerHistory) {
    this.#history = history;
    history.onChange((hourMs) => {
      if (hourMs === undefined) this.#hours.clear();
      else this.#hours.delete(hourMs);
    });
  }

  /** Of the cluster where no namespace is given, by hour; hours in which there was nothing of it are absent. */
  energy(span: HourSpan, namespace?: string): ReadonlyMap<number, EnergySum> {
    return this.#collect(span, (hour) =>
      namespace === undefined ? hour.cluster : hour.namespaces.get(namespace),
    );
  }

  /** Hours in which any node, or any container, was known. */
  known(span: HourSpan, kind: 'node' | 'container'): ReadonlySet<number> {
    const isKnown = (hour: HourTotal): true | undefined =>
      (kind === 'node' ? hour.cluster !== undefined : hour.namespaces.size > 0) ? true : undefined;
    return new Set(this.#collect(span, isKnown).keys());
  }

  #collect<T>({ fromMs, toMs }: HourSpan, pick: (hour: HourTotal) => T | undefined): Map<number, T> {
    this.#load({ fromMs, toMs });
    const found = new Map<number, T>();
    for (let hourMs = fromMs; hourMs < toMs; hourMs += COARSE_MS) {
      const hour = this.#hours.get(hourMs);
      const picked = hour === undefined ? undefined : pick(hour);
      if (picked !== undefined) found.set(hourMs, picked);
    }
    return found;
  }

  /** Reads the stretch from the first to the last hour that is not remembered. */
  #load({ fromMs, toMs }: HourSpan): void {
    const missing: number[] = [];
    for (let hourMs = fromMs; hourMs < toMs; hourMs += COARSE_MS) {
      if (!this.#hours.has(hourMs)) missing.push(hourMs);
    }
    const [first, last] = [missing[0], missing.at(-1)];
    if (first === undefined || last === undefined) return;
    if (this.#hours.size > MAX_HOURS) this.#hours.clear();
    const span = { levelMs: COARSE_MS, fromMs: first, toMs: last + COARSE_MS };
    const nodes = this.#history.sums({ ...span, kind: 'node', by: ['time'] });
    const containers = this.#history.sums({ ...span, kind: 'container', by: ['time', 'namespace'] });
    const cluster = new Map(nodes.map((sum) => [sum.fromMs, sum]));
    const byHour = Map.groupBy(containers, (sum) => sum.fromMs);
    for (let hourMs = first; hourMs <= last; hourMs += COARSE_MS) {
      const namespaces = new Map((byHour.get(hourMs) ?? []).map((sum) => [sum.namespace ?? '', sum]));
      this.#hours.set(hourMs, { cluster: cluster.get(hourMs), namespaces });
    }
  }
}
