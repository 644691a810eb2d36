/** Who is let in: tokens are reviewed and remembered for a short time, lists decide, guesses are limited. */
import { describe, expect, it } from 'vitest';
import { KcError } from '#errors/kc-error.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import type { WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { TokenBuckets } from '../token-buckets.ts';
import { type AllowRule, type Caller, DEFAULT_ALLOW } from './caller.ts';
import { Gate } from './gate.ts';
import { TokenReviewer } from './token-reviewer.ts';

function reviews(answer: (token: string) => object) {
  const asked: string[] = [];
  const send = async (request: WireRequest): Promise<WireResponse> => {
    const { spec } = JSON.parse(request.body ?? '') as { readonly spec: { readonly token: string } };
    asked.push(spec.token);
    const body = JSON.stringify({ kind: 'TokenReview', spec, status: answer(spec.token) });
    await Promise.resolve();
    return { status: 201, headers: {}, text: () => Promise.resolve(body), chunks: none };
  };
  return { asked, client: new KubeClient({ send }) };
}

async function* none(): AsyncGenerator<string> {
  yield await Promise.resolve('');
}

const ada = { authenticated: true, user: { username: 'ada', groups: ['dev'] } };

describe('a token reviewer', () => {
  it('asks once for a token, and again when the answer is old', async () => {
    const clock = new ManualClock(0);
    const { asked, client } = reviews(() => ada);
    const reviewer = new TokenReviewer({ client, clock });
    expect(await Promise.all([reviewer.authenticate('t'), reviewer.authenticate('t')])).toEqual([{ name: 'ada', groups: ['dev'] }, { name: 'ada', groups: ['dev'] }]); // prettier-ignore
    await reviewer.authenticate('t');
    expect(asked).toEqual(['t']);
    await clock.advance(10_001);
    await reviewer.authenticate('t');
    expect(asked).toEqual(['t', 't']);
  });

  it('takes only tokens that are meant for it, where an audience is named', async () => {
    const { client } = reviews((token) => (token === 'ours' ? { ...ada, audiences: ['optimizer'] } : ada));
    const reviewer = new TokenReviewer({ client, clock: new ManualClock(0), audiences: ['optimizer'] });
    expect(await reviewer.authenticate('ours')).toEqual({ name: 'ada', groups: ['dev'] });
    expect(await reviewer.authenticate('of another service')).toBeUndefined();
  });

  it('does not remember that nobody could be asked', async () => {
    let down = true;
    const { client } = reviews(() => {
      if (down) throw new KcError('KC_API_UNREACHABLE', { problem: 'down' });
      return ada;
    });
    const reviewer = new TokenReviewer({ client, clock: new ManualClock(0) });
    await expect(reviewer.authenticate('t')).rejects.toThrow(/down/);
    down = false;
    expect(await reviewer.authenticate('t')).toEqual({ name: 'ada', groups: ['dev'] });
  });
});

describe('a gate', () => {
  const callers: Readonly<Record<string, Caller>> = {
    ada: { name: 'ada', groups: ['system:authenticated'] },
    root: { name: 'root', groups: ['system:masters', 'system:authenticated'] },
  };
  const gateWith = (allow: AllowRule = DEFAULT_ALLOW, burst = 3) => {
    const clock = new ManualClock(0);
    const authenticator = { authenticate: (token: string) => Promise.resolve(callers[token]) };
    const buckets = () => new TokenBuckets({ perSecond: 1, burst }, clock);
    return { clock, gate: new Gate({ authenticator, allow, limits: buckets(), guesses: buckets() }) };
  };
  const knock = (token: string | undefined, access: 'public' | 'read' | 'write' = 'read') => ({
    address: '10.0.0.1',
    authorization: token === undefined ? undefined : `Bearer ${token}`,
    access,
    weight: 1,
  });

  it('lets everybody with a good token read, and administrators change things', async () => {
    const { gate } = gateWith();
    expect(await gate.admit(knock('ada'))).toMatchObject({ name: 'ada' });
    await expect(gate.admit(knock('ada', 'write'))).rejects.toMatchObject({ status: 403 });
    expect(await gate.admit(knock('root', 'write'))).toMatchObject({ name: 'root' });
  });

  it('narrows to those who are named, by name or by group', async () => {
    const { gate } = gateWith({ readers: ['nobody'], writers: ['ada'] });
    expect(await gate.admit(knock('ada', 'read'))).toMatchObject({ name: 'ada' });
    await expect(gate.admit(knock('root'))).rejects.toMatchObject({ status: 403 });
  });

  it.each([undefined, '', 'not a token', 'x'.repeat(9_000)])(
    'refuses the token %j without asking',
    async (token) => {
      const { gate } = gateWith();
      await expect(gate.admit(knock(token))).rejects.toMatchObject({ status: 401 });
    },
  );

  it('stops those who guess, and soon lets them try again', async () => {
    const { gate, clock } = gateWith();
    for (let count = 0; count < 3; count += 1) {
      await expect(gate.admit(knock(`guess${String(count)}`))).rejects.toMatchObject({ status: 401 });
    }
    await expect(gate.admit(knock('guess'))).rejects.toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
    });
    await clock.advance(1_000);
    await expect(gate.admit(knock('guess'))).rejects.toMatchObject({ status: 401 });
  });

  it('limits each caller by itself', async () => {
    const { gate } = gateWith();
    for (let count = 0; count < 3; count += 1) await gate.admit(knock('ada'));
    await expect(gate.admit(knock('ada'))).rejects.toMatchObject({ status: 429 });
    expect(await gate.admit(knock('root'))).toMatchObject({ name: 'root' });
  });
});
