/** The stepwise search for an order of Hyndman & Khandakar (2008), on conditional likelihoods, with an exact fit of the best. */
import { type ArimaFit, fitArima } from './fit.ts';
import { rootsBeyond } from './parameters.ts';
import { type ArimaOrder } from './polynomial.ts';
import { ordinaryDifferences, seasonalDifferences } from './unit-roots.ts';
import { difference } from './differences.ts';

export interface SelectOptions {
  /** The season's length; 1 for none. */
  readonly season?: number;
  /** At most this many models are fitted in the search (default 40). */
  readonly maxModels?: number;
}

const MOST = { p: 5, q: 5, P: 2, Q: 2 };
/** Roots nearer to the unit circle than this are taken for a sign of the wrong order, as by the authors. */
const ROOT_MARGIN = 1.01;

interface Candidate {
  readonly order: ArimaOrder;
  readonly constant: boolean;
}

/** The best order for finite values; undefined for fewer than 8 or a constant. */
export function selectArima(
  values: Float64Array,
  { season = 1, maxModels = 40 }: SelectOptions = {},
): ArimaFit | undefined {
  const m = values.length >= 3 * season && season > 1 ? season : 1;
  if (values.length < 8 || values.every((value) => value === values[0])) return undefined;
  const D = seasonalDifferences(values, m);
  const d = ordinaryDifferences(difference(values, { d: 0, D, m }));
  const search = new Search(values, maxModels);
  for (const candidate of starts({ d, D, m })) search.consider(candidate);
  while (search.improve());
  return search.best();
}

function starts({ d, D, m }: Pick<ArimaOrder, 'd' | 'D' | 'm'>): Candidate[] {
  const s = m > 1 ? 1 : 0;
  const constant = d + D <= 1;
  const order = (p: number, q: number, [P, Q]: readonly [number, number]): ArimaOrder => ({
    p,
    d,
    q,
    P,
    D,
    Q,
    m,
  });
  return [
    { order: order(2, 2, [s, s]), constant },
    { order: order(0, 0, [0, 0]), constant },
    { order: order(1, 0, [s, 0]), constant },
    { order: order(0, 1, [0, s]), constant },
    ...(constant ? [{ order: order(0, 0, [0, 0]), constant: false }] : []),
  ];
}

class Search {
  readonly #values: Float64Array;
  readonly #tried = new Map<string, ArimaFit | undefined>();
  readonly #most: number;
  #best: ArimaFit | undefined;

  constructor(values: Float64Array, most: number) {
    this.#values = values;
    this.#most = most;
  }

  /** Whether this is the best so far. */
  consider({ order, constant }: Candidate): boolean {
    const key = JSON.stringify([order, constant]);
    if (this.#tried.has(key) || this.#tried.size >= this.#most) return false;
    const fit = fitArima(this.#values, { order, constant, conditional: true });
    this.#tried.set(key, fit);
    if (fit === undefined || fit.aicc >= (this.#best?.aicc ?? Number.POSITIVE_INFINITY)) return false;
    if (!rootsBeyond(fit.blocks, ROOT_MARGIN)) return false;
    this.#best = fit;
    return true;
  }

  /** Tries the neighbours of the best; true where one is better. */
  improve(): boolean {
    return this.#best !== undefined && neighbours(this.#best).some((candidate) => this.consider(candidate));
  }

  /** The exact fit of the best found whose roots keep their distance. */
  best(): ArimaFit | undefined {
    const ranked = [...this.#tried.values()]
      .filter((fit) => fit !== undefined)
      .sort((a, b) => a.aicc - b.aicc);
    for (const { order, constant, free, blocks } of ranked.slice(0, 5)) {
      if (!rootsBeyond(blocks, ROOT_MARGIN)) continue;
      const exact = fitArima(this.#values, { order, constant, start: free });
      if (exact !== undefined && rootsBeyond(exact.blocks, 1.001)) return exact;
    }
    return ranked[0];
  }
}

const STEPS: readonly Partial<Record<'p' | 'q' | 'P' | 'Q', number>>[] = [
  { P: -1 },
  { Q: -1 },
  { P: 1 },
  { Q: 1 },
  { P: 1, Q: 1 },
  { P: -1, Q: -1 },
  { p: -1 },
  { q: -1 },
  { p: 1 },
  { q: 1 },
  { p: 1, q: 1 },
  { p: -1, q: -1 },
];

function neighbours({ order, constant }: ArimaFit): Candidate[] {
  const moved = STEPS.flatMap((step) => {
    const next = { ...order };
    for (const name of ['p', 'q', 'P', 'Q'] as const) next[name] += step[name] ?? 0;
    return allowed(next) ? [{ order: next, constant }] : [];
  });
  return order.d + order.D <= 1 ? [...moved, { order, constant: !constant }] : moved;
}

function allowed({ p, q, P, Q, m }: ArimaOrder): boolean {
  const withinSeason = m === 1 ? P === 0 && Q === 0 : p < m && q < m;
  return withinSeason && inRange(p, MOST.p) && inRange(q, MOST.q) && inRange(P, MOST.P) && inRange(Q, MOST.Q);
}

function inRange(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}
