import { describe, expect, it } from 'vitest';
import { isKcError, messageOf } from '#errors/kc-error.ts';
import { response } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { UnreachableError } from '#kube/transport/unreachable.ts';
import { SeededRandom } from '#platform/random.ts';
import type { PrometheusEndpoint } from './api-call.ts';
import { PromqlClient } from './promql-client.ts';
import { isTooLarge, isTooWide } from './source-error.ts';

type Reply = WireResponse | Error | (() => WireResponse);

/** A source that gives its replies one after the other, the last for ever. */
class ScriptedSource implements Transport {
  readonly requests: WireRequest[] = [];
  readonly #replies: readonly Reply[];

  constructor(...replies: readonly Reply[]) {
    this.#replies = replies;
  }

  send(request: WireRequest): Promise<WireResponse> {
    const reply = this.#replies[Math.min(this.requests.length, this.#replies.length - 1)];
    this.requests.push(request);
    if (reply === undefined || reply instanceof Error) return Promise.reject(reply ?? new Error('no reply'));
    return Promise.resolve(typeof reply === 'function' ? reply() : reply);
  }
}

function matrix(...series: readonly unknown[]): () => WireResponse {
  return () =>
    response(200, JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: series } }));
}

function refusal(status: number, errorType: string, error: string): () => WireResponse {
  return () => response(status, JSON.stringify({ status: 'error', errorType, error }));
}

const clock = new ManualClock();

function clientOf(transport: Transport, endpoint: Partial<PrometheusEndpoint> = {}): PromqlClient {
  return new PromqlClient({
    endpoint: { name: 'http://prom', transport, pathPrefix: '', ...endpoint },
    clock,
    random: new SeededRandom(1),
    backoff: { initialMs: 100, maxMs: 100 },
  });
}

/** The outcome of a call during which time passes. */
async function outcome<T>(call: Promise<T>, passMs = 1000): Promise<T | Error> {
  const settled = call.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  await clock.advance(passMs);
  return settled;
}

const RANGE = { startMs: 60_000, endMs: 120_000, stepMs: 60_000 };
const ONE = { metric: { pod: 'a' }, values: [[60, '1'], [120, '2']] }; // prettier-ignore

describe('a query', () => {
  it('is sent as a form, so that its length does not matter', async () => {
    const source = new ScriptedSource(matrix(ONE));
    const { series } = await clientOf(source, {
      pathPrefix: '/prometheus',
      headers: { 'x-scope-orgid': 'team' },
    }).range('up{a="b&c"}', RANGE);
    expect(series.map(({ labels, values }) => [labels, [...values]])).toEqual([[{ pod: 'a' }, [1, 2]]]);
    const [request] = source.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/prometheus/api/v1/query_range',
      headers: { 'x-scope-orgid': 'team' },
    });
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      query: 'up{a="b&c"}', start: '60', end: '120', step: '60', timeout: '60s',
    }); // prettier-ignore
  });

  it('goes by GET where that needs fewer rights, unless it is long', async () => {
    const source = new ScriptedSource(matrix(ONE));
    const client = clientOf(source, { prefersGet: true });
    await client.instant('up', 0);
    await client.instant(`up{pod=~"${'x'.repeat(5000)}"}`, 0);
    expect(source.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(source.requests[0]?.path).toContain('/api/v1/query?query=up&time=0');
  });

  it('passes on what the source warns of', async () => {
    const body = {
      status: 'success',
      data: { resultType: 'vector', result: [] },
      warnings: ['a store is down'],
    };
    const answer = await clientOf(new ScriptedSource(response(200, JSON.stringify(body)))).instant('up', 0);
    expect(answer.warnings).toEqual(['a store is down']);
  });

  it('takes a scalar for a series without labels', async () => {
    const body = { status: 'success', data: { resultType: 'scalar', result: [60, '7'] } };
    const { series } = await clientOf(new ScriptedSource(response(200, JSON.stringify(body)))).instant(
      '7',
      60_000,
    );
    expect(series.map(({ labels, values }) => [labels, [...values]])).toEqual([[{}, [7]]]);
  });
});

describe('a source that fails', () => {
  it.each([
    ['the connection broke', new UnreachableError('x', { problem: 'socket hang up', sent: true })],
    ['it is overloaded', refusal(503, 'unavailable', 'no healthy store')],
    ['it throttles', () => response(429, 'slow down')],
    ['a proxy is down', () => response(502, '<html>Bad Gateway</html>')],
    [
      'its answer is cut off',
      () => response(200, '{"status":"success","data":{"resultType":"matrix","result":[{"metric"'),
    ],
  ])('is asked again: %s', async (_, failure) => {
    const source = new ScriptedSource(failure, failure, matrix(ONE));
    const answer = await outcome(clientOf(source).range('up', RANGE));
    expect(answer).toMatchObject({ series: [{ labels: { pod: 'a' } }] });
    expect(source.requests).toHaveLength(3);
  });

  it('is given up after some attempts, and usage is unknown', async () => {
    const source = new ScriptedSource(new UnreachableError('x', { problem: 'refused', sent: false }));
    const error = await outcome(clientOf(source).instant('up', 0));
    expect(isKcError(error, 'KC_METRICS_UNAVAILABLE')).toBe(true);
    expect(messageOf(error)).toContain('http://prom: refused');
    expect(source.requests).toHaveLength(3);
  });

  it('that asks for credentials is not asked again', async () => {
    const source = new ScriptedSource(response(401, 'Unauthorized'));
    const error = await outcome(clientOf(source).instant('up', 0));
    expect(isKcError(error, 'KC_METRICS_UNAVAILABLE')).toBe(true);
    expect(messageOf(error)).toContain('check the credentials');
    expect(source.requests).toHaveLength(1);
  });

  it('that is a web page is no source', async () => {
    const error = await outcome(
      clientOf(new ScriptedSource(response(200, '<html>Grafana</html>'))).instant('up', 0),
    );
    expect(isKcError(error, 'KC_METRICS_UNAVAILABLE')).toBe(true);
  });

  it.each([
    [422, 'execution', 'query processing would load too many samples into memory in query execution'],
    [
      400,
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution',
    ],
    [503, 'timeout', 'query timed out in expression evaluation'],
    [
      422,
      'execution',
      'the query exceeded the maximum number of chunks (limit: 2000000 chunks) (err-mimir-max-chunks-per-query). Consider reducing the time range and/or number of series selected by the query',
    ],
    [
      422,
      'execution',
      'the query time range exceeds the limit (query length: 168h0m0s, limit: 24h0m0s) (err-mimir-max-total-query-length)',
    ],
    [422, '422', 'cannot select more than -search.maxSamplesPerQuery=1000000000 samples'],
    [504, '', 'upstream request timeout'],
    [413, '', 'Request Entity Too Large'],
  ])('can serve a part of a query that is too large: %s %s %s', async (status, errorType, message) => {
    const source = new ScriptedSource(refusal(status, errorType, message));
    const error = await outcome(clientOf(source).range('up', RANGE));
    expect(isTooLarge(error)).toBe(true);
    expect(source.requests).toHaveLength(1);
  });

  it.each([
    'the query hit the max number of series limit (limit: 100000 series)',
    'expanding series: the query exceeded the maximum number of series (limit: 3 series) (err-mimir-max-series-per-query)',
    'the number of matching timeseries exceeds 300000; either narrow down the search or increase -search.max* command-line flag values',
    'exceeded series limit: limit 1000 violated (got 1001)',
  ])('can serve fewer series of a query that matches too many: %s', async (message) => {
    const source = new ScriptedSource(refusal(422, 'execution', message));
    const error = await outcome(clientOf(source).range('up', RANGE));
    expect([isTooWide(error), isTooLarge(error)]).toEqual([true, false]);
    expect(source.requests).toHaveLength(1);
  });

  it('without a tenant is told how to name one', async () => {
    const error = await outcome(clientOf(new ScriptedSource(response(401, 'no org id'))).instant('up', 0));
    expect(messageOf(error)).toContain('X-Scope-OrgID');
  });

  it('can serve a part of a query that takes too long', async () => {
    const hanging: Transport = {
      send: ({ signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => { reject(signal.reason as Error); }); // prettier-ignore
        }),
    };
    const error = await outcome(clientOf(hanging).range('up', RANGE), 70_000);
    expect(isTooLarge(error)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('refuses what is no PromQL, once', async () => {
    const source = new ScriptedSource(refusal(400, 'bad_data', 'parse error: unexpected end of input'));
    const error = await outcome(clientOf(source).instant('up{', 0));
    expect(isKcError(error, 'KC_PROMQL_INVALID')).toBe(true);
    expect(source.requests).toHaveLength(1);
  });
});
