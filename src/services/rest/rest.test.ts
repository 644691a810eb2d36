/** What every service gets from this folder: checks that name fields, problems that tell, limits that hold. */
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { KcError } from '#errors/kc-error.ts';
import { ApiError } from '#kube/client/api-error.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { DEFAULT_ALLOW } from './access/caller.ts';
import { Gate } from './access/gate.ts';
import { problemOf } from './problem.ts';
import { readTexts } from './query-values.ts';
import { json } from './reply.ts';
import { RequestMetrics } from './request-metrics.ts';
import { RestServer } from './rest-server.ts';
import { defineRoute } from './route.ts';
import { TokenBuckets } from './token-buckets.ts';
import { compileCheck } from './validation.ts';

describe('a check', () => {
  const check = compileCheck(
    Type.Object(
      {
        name: Type.String({ minLength: 1 }),
        share: Type.Optional(Type.Number({ minimum: 0, maximum: 1, default: 0.5 })),
        kinds: Type.Optional(Type.Array(Type.Enum(['a', 'b']))),
      },
      { additionalProperties: false },
    ),
    '',
  );

  it.each([
    [{}, 'name', 'is required'],
    [{ name: '' }, 'name', /fewer|least|length/],
    [{ name: 'x', share: 2 }, 'share', /<= 1/],
    [{ name: 'x', share: Number.NaN }, 'share', /number/],
    [{ name: 'x', kinds: ['a', 'c'] }, 'kinds[1]', 'must be one of a, b'],
    [{ name: 'x', Share: 1 }, 'Share', 'is not a field here'],
    [[], 'body', /object/],
    [null, 'body', /object/],
  ])('of %j names %s', (value, field, message) => {
    const checked = check(value);
    expect('problems' in checked && checked.problems[0]).toMatchObject({
      field,
      message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
    });
  });

  it('fills in defaults', () => {
    expect(check({ name: 'x' })).toEqual({ value: { name: 'x', share: 0.5 } });
  });
});

describe('the texts of a query', () => {
  const schema = Type.Object({
    limit: Type.Integer(),
    share: Type.Number(),
    all: Type.Boolean(),
    names: Type.Array(Type.String()),
  });

  it('become what their schema wants', () => {
    const read = readTexts(schema, { limit: '7', share: '-2.5e1', all: 'true', names: 'a,b', other: '1' });
    expect(read).toEqual({ limit: 7, share: -25, all: true, names: ['a', 'b'], other: '1' });
  });

  it.each(['', ' 7', '0x7', 'NaN', 'Infinity', '7n', '1e9999', '٧', '1_000'])(
    'leave %j for the check to refuse',
    (text) => {
      expect(readTexts(schema, { limit: text })).toEqual({ limit: text });
    },
  );

  it('come back from any finite number that JSON writes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(readTexts(schema, { share: JSON.stringify(value) })['share']).toBe(value + 0);
      }),
    );
  });
});

describe('a problem', () => {
  const asked = { requestId: 'r1', path: '/x' };

  it.each([
    [new KcError('KC_METRICS_UNAVAILABLE', { problem: 'down' }), 503],
    [new KcError('KC_STORE_CORRUPT', { problem: 'damaged' }), 503],
    [new KcError('KC_DURATION_INVALID', { field: 'window', problem: 'no' }), 422],
    [new ApiError('list pods', { status: 500, headers: {}, body: '' }), 503],
    [new ApiError('list pods', { status: 403, headers: {}, body: '' }), 503],
    [new ApiError('list pods', { status: 404, headers: {}, body: '' }), 502],
    [Object.assign(new Error('too large'), { statusCode: 413 }), 413],
  ])('of %s is a %i', (error, status) => {
    expect(problemOf(error, asked)).toMatchObject({ problem: { status, request_id: 'r1' }, defect: false });
  });

  it('of a defect tells its id and nothing else', () => {
    const { problem, defect } = problemOf(new TypeError('secret is undefined'), asked);
    expect([problem.status, defect]).toEqual([500, true]);
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('of a source that is down says when to come again: as the source said, or soon', () => {
    const busy = new ApiError('list pods', { status: 429, headers: { 'retry-after': '7' }, body: '' });
    expect(problemOf(busy, asked).headers).toEqual({ 'retry-after': '7' });
    expect(problemOf(new KcError('KC_NOT_READY', { problem: 'x' }), asked).headers).toEqual({
      'retry-after': '10',
    });
  });
});

describe('an answer', () => {
  it('never carries a number that is none', () => {
    expect(() => json({ deep: [{ cost: Number.NaN }] })).toThrow(/NaN in "cost"/);
    expect(() => json({ cost: Infinity })).toThrow(/Infinity/);
  });
});

describe('token buckets', () => {
  it('grant the burst, then so many a second, however the time passes', async () => {
    const steps = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (waits) => {
        const clock = new ManualClock(0);
        const buckets = new TokenBuckets({ perSecond: 2, burst: 5 }, clock);
        let granted = 0;
        for (const waitMs of waits) {
          await clock.advance(waitMs);
          if (buckets.take('ada').granted) granted += 1;
        }
        expect(granted).toBeLessThanOrEqual(5 + (2 * clock.now()) / 1000);
      }),
      { numRuns: 30 },
    );
  });

  it('say how long to wait, and keep their word', async () => {
    const clock = new ManualClock(0);
    const buckets = new TokenBuckets({ perSecond: 0.5, burst: 1 }, clock);
    buckets.take('ada');
    const { granted, retryAfterSeconds } = buckets.take('ada');
    expect([granted, retryAfterSeconds]).toEqual([false, 2]);
    await clock.advance(retryAfterSeconds * 1000);
    expect(buckets.take('ada').granted).toBe(true);
  });

  it('forget who has been quiet longest, not everybody', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 }, new ManualClock(0));
    for (let count = 0; count <= 10_000; count += 1) buckets.take(String(count));
    expect(buckets.take('0').granted).toBe(true);
    expect(buckets.take('10000').granted).toBe(false);
  });
});

describe('a server', () => {
  const serverWith = (handle: () => never) => {
    const clock = new ManualClock(0);
    const buckets = () => new TokenBuckets({ perSecond: 10, burst: 10 }, clock);
    const gate = new Gate({
      authenticator: undefined,
      allow: DEFAULT_ALLOW,
      limits: buckets(),
      guesses: buckets(),
    });
    const echo = defineRoute({
      method: 'POST',
      url: '/echo',
      summary: 'Echoes.',
      access: 'read',
      body: Type.Object({ text: Type.Optional(Type.String()) }, { additionalProperties: false }),
      answers: {},
      handle: ({ body }, { requestId }) => json({ ...body, requestId }),
    });
    const broken = defineRoute({
      method: 'GET',
      url: '/broken',
      summary: 'Fails.',
      access: 'read',
      answers: {},
      handle,
    });
    const parts = {
      clock,
      random: new SeededRandom(7),
      logger: silentLogger,
      metrics: new RequestMetrics(new Registry(), 'test'),
    };
    return new RestServer({ routes: [echo, broken], gate, ...parts });
  };
  const { app } = serverWith(() => {
    throw new TypeError('x is not a function');
  });
  const headers = { 'content-type': 'application/json' };

  it('keeps a request id that is safe to print, and makes one where it is not', async () => {
    const given = await app.inject({ method: 'POST', url: '/echo', headers: { 'x-request-id': 'trace-1' } });
    expect([given.headers['x-request-id'], given.json()]).toEqual(['trace-1', { requestId: 'trace-1' }]);
    const made = await app.inject({ method: 'POST', url: '/echo', headers: { 'x-request-id': '<b>' } });
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['{', 400],
    ['{"__proto__":{}}', 400],
    [Buffer.from([0x22, 0xff, 0x22]), 400],
    [`{"text":"${'x'.repeat(300_000)}"}`, 413],
    ['{"text":7}', 422],
    ['', 200],
  ])('answers the body %.20s with %i', async (payload, status) => {
    expect((await app.inject({ method: 'POST', url: '/echo', headers, payload })).statusCode).toBe(status);
  });

  it('answers a defect with a 500 that does not tell what broke', async () => {
    const answer = await app.inject({ method: 'GET', url: '/broken' });
    expect([answer.statusCode, answer.json()]).toMatchObject([500, { code: 'KC_INTERNAL' }]);
    expect(answer.body).not.toContain('is not a function');
  });
});
