import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '#platform/random.ts';
import { response } from '../testing/fake-api-server.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RetryingTransport, type RetryingOptions } from './retrying-transport.ts';
import type { WireRequest, WireResponse } from './transport.ts';
import { UnreachableError } from './unreachable.ts';

let clock: ManualClock;
let sent: number;

beforeEach(() => {
  clock = new ManualClock();
  sent = 0;
});

/** A transport that gives `answers` one after the other, the last for ever. */
function retrying(
  answers: readonly (WireResponse | Error)[],
  options: Partial<RetryingOptions> = {},
): RetryingTransport {
  const send = (): Promise<WireResponse> => {
    const answer = answers[Math.min(sent, answers.length - 1)] ?? new Error('no answer given');
    sent += 1;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return new RetryingTransport({ send }, { clock, random: new SeededRandom(1), ...options });
}

function call(method: WireRequest['method'], extra: Partial<WireRequest> = {}): WireRequest {
  return { method, path: '/api/v1/namespaces/shop/pods/x', headers: {}, ...extra };
}

async function outcome(
  transport: RetryingTransport,
  request: WireRequest,
  waitMs = 120_000,
): Promise<number | string> {
  const result = transport.send(request).then(
    ({ status }) => status,
    (error: unknown) => String(error),
  );
  await clock.advance(waitMs);
  return Promise.race([result, Promise.resolve('pending')]);
}

const ok = response(200, '{}');
const broken = new UnreachableError('x', { problem: 'socket hang up', sent: true });
const refused = new UnreachableError('x', { problem: 'connect ECONNREFUSED', sent: false });
const busy = response(429, '', { 'retry-after': '5' });

describe('a retrying transport', () => {
  it.each([
    ['a read over a broken connection', call('GET'), broken],
    ['a replacement over a broken connection', call('PUT'), broken],
    ['a deletion over a broken connection', call('DELETE'), broken],
    [
      'server-side apply',
      call('PATCH', { headers: { 'content-type': 'application/apply-patch+yaml' } }),
      broken,
    ],
    ['a creation over a connection that was never made', call('POST'), refused],
    ['a creation that the server was too busy to begin', call('POST'), busy],
    ['a read that met an internal error', call('GET'), response(500, '')],
  ])('repeats %s', async (_name, request, first) => {
    expect(await outcome(retrying([first, ok]), request)).toBe(200);
    expect(sent).toBe(2);
  });

  it.each([
    ['a creation over a broken connection', call('POST'), broken],
    ['a merge patch over a broken connection', call('PATCH'), broken],
    ['a creation that met an internal error', call('POST'), response(500, '')],
    ['a refusal', call('GET'), response(403, '')],
    ['a stream', call('GET', { stream: true }), busy],
    [
      'an eviction that a budget forbids',
      call('POST', { path: '/api/v1/namespaces/a/pods/x/eviction' }),
      busy,
    ],
    ['an error of another kind', call('GET'), new TypeError('a bug')],
  ])('does not repeat %s', async (_name, request, first) => {
    await outcome(retrying([first, ok]), request);
    expect(sent).toBe(1);
  });

  it('waits as long as the server asks', async () => {
    const transport = retrying([busy, ok]);
    expect(await outcome(transport, call('GET'), 4900)).toBe('pending');
    await clock.advance(200);
    expect(sent).toBe(2);
  });

  it('gives up after its attempts with the last answer', async () => {
    expect(await outcome(retrying([response(503, '')]), call('GET'))).toBe(503);
    expect(sent).toBe(6);
  });

  it('gives up at once where the wait that is asked for exceeds its budget', async () => {
    expect(await outcome(retrying([response(429, '', { 'retry-after': '600' })]), call('GET'))).toBe(429);
    expect(sent).toBe(1);
  });

  it('stops waiting when the caller gives up', async () => {
    const abort = new AbortController();
    const result = retrying([busy]).send(call('GET', { signal: abort.signal }));
    await clock.advance(1000);
    abort.abort(new Error('enough'));
    await expect(result).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });

  it('tells of every attempt', async () => {
    const seen: (number | undefined)[] = [];
    const observer = { requested: (_request: WireRequest, status: number | undefined) => seen.push(status) };
    await outcome(retrying([broken, busy, ok], { observer }), call('GET'));
    expect(seen).toEqual([undefined, 429, 200]);
  });
});
