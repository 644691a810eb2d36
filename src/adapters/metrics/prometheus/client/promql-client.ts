/**
 * Speaks the HTTP API of Prometheus (https://prometheus.io/docs/prometheus/latest/querying/api/), which Thanos, Mimir and
 * VictoriaMetrics speak too. Answers are read as they arrive, a series at a time.
 */
import { type ApiCall, type CallOptions, DEFAULT_TIMEOUT_MS, callApi } from './api-call.ts';
import { type Labels, type RangeSeries, parseSeries, sampleValue } from './range-series.ts';

export interface QueryRange {
  /** The first and the last time at which the expression is evaluated. */
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

type TimeRange = Pick<QueryRange, 'startMs' | 'endMs'>;

export interface QueryAnswer {
  readonly series: readonly RangeSeries[];
  /** What the source said besides: that a part is missing, that limits were hit. */
  readonly warnings: readonly string[];
}

/** Every method rejects with SourceError. */
export class PromqlClient {
  readonly #options: CallOptions;

  constructor(options: CallOptions) {
    this.#options = options;
  }

  /** The name of the source, for people. */
  get name(): string {
    return this.#options.endpoint.name;
  }

  /** Evaluates at one time. Each series has one value; a scalar comes as a series without labels. */
  async instant(query: string, atMs: number): Promise<QueryAnswer> {
    const parameters = { query, time: seconds(atMs), timeout: this.#serverTimeout() };
    return this.#query('/api/v1/query', parameters);
  }

  /** Evaluates at every step. */
  async range(query: string, range: QueryRange): Promise<QueryAnswer> {
    const times = { ...timesOf(range), step: seconds(range.stepMs) };
    return this.#query('/api/v1/query_range', { query, ...times, timeout: this.#serverTimeout() });
  }

  async #query(path: string, parameters: ApiCall['parameters']): Promise<QueryAnswer> {
    const found = new Collected(parseSeries);
    const call: ApiCall = { path, parameters, listDepth: 3, ...found.callbacks };
    const { data, warnings = [] } = await callApi(this.#options, call);
    const scalar = scalarOf(data);
    return { series: scalar === undefined ? found.items : [scalar], warnings };
  }

  /** The label sets of every series that one of the selectors matches within the time. */
  async series(match: readonly string[], range: TimeRange): Promise<readonly Labels[]> {
    const found = new Collected((json) => JSON.parse(json) as Labels);
    const parameters = { 'match[]': match, ...timesOf(range) };
    await callApi(this.#options, { path: '/api/v1/series', parameters, listDepth: 2, ...found.callbacks });
    return found.items;
  }

  /** The names of the labels of every series that a selector matches within the time. */
  async labelNames(match: string, range: TimeRange): Promise<readonly string[]> {
    const parameters = { 'match[]': match, ...timesOf(range) };
    const none = new Collected(() => undefined);
    const call = { path: '/api/v1/labels', parameters, listDepth: 2, ...none.callbacks } as const;
    const { data } = await callApi(this.#options, call);
    return Array.isArray(data) ? data.map(String) : [];
  }

  /** The values that a label has in the series that a selector matches within the time. */
  async labelValues(label: string, match: string, range: TimeRange): Promise<readonly string[]> {
    const parameters = { 'match[]': match, ...timesOf(range) };
    const none = new Collected(() => undefined);
    const path = `/api/v1/label/${encodeURIComponent(label)}/values`;
    const { data } = await callApi(this.#options, {
      path,
      parameters,
      listDepth: 2,
      ...none.callbacks,
      readOnly: true,
    });
    return Array.isArray(data) ? data.map(String) : [];
  }

  #serverTimeout(): string {
    return `${String(Math.ceil((this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS) / 1000))}s`;
  }
}

/** Keeps the elements of an answer. */
class Collected<T> {
  readonly items: T[] = [];
  readonly callbacks: { readonly onElement: (json: string) => void; readonly onRepeat: () => void };

  constructor(parse: (json: string) => T) {
    this.callbacks = {
      onElement: (json) => { this.items.push(parse(json)); },
      onRepeat: () => { this.items.length = 0; },
    }; // prettier-ignore
  }
}

function seconds(ms: number): string {
  return String(ms / 1000);
}

function timesOf({ startMs, endMs }: TimeRange): { readonly start: string; readonly end: string } {
  return { start: seconds(startMs), end: seconds(endMs) };
}

/** `{"resultType":"scalar","result":[t,"v"]}` stays in the envelope, since its elements are no series. */
function scalarOf(data: unknown): RangeSeries | undefined {
  if (typeof data !== 'object' || data === null || !('result' in data) || !Array.isArray(data.result))
    return undefined;
  const [time, value] = data.result as readonly unknown[];
  if (typeof time !== 'number' || typeof value !== 'string') return undefined;
  return { labels: {}, times: Float64Array.of(time * 1000), values: Float64Array.of(sampleValue(value)) };
}
