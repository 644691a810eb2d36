import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { SECRETS, VALIDATING_WEBHOOKS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer, failure } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { type CertificateState, certificatesIn, nextCertificates } from './certificate-plan.ts';
import { FileCertificates } from './file-certificates.ts';
import { ManagedCertificates } from './managed-certificates.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);
const random = new SeededRandom(1);

function next(
  state: CertificateState | undefined,
  day: number,
  more: { readonly published?: boolean; readonly dnsNames?: string[] } = {},
) {
  return nextCertificates({
    nowMs: NOW + day * DAY_MS,
    state,
    dnsNames: more.dnsNames ?? ['hooks.kcloud.svc'],
    ipAddresses: ['127.0.0.1'],
    isBundlePublished: more.published ?? true,
    serial: () => random.bytes(16),
  });
}

/** Whether some authority of the bundle vouches for the serving certificate. */
function isTrusted(state: CertificateState): boolean {
  const serving = new X509Certificate(state.serving.cert);
  return certificatesIn(state.bundle).some(
    (authority) => serving.checkIssued(authority) && serving.verify(authority.publicKey),
  );
}

describe('the plan of certificates', () => {
  it('begins with an authority and a certificate for every name', () => {
    const state = next(undefined, 0);
    const serving = new X509Certificate(state.serving.cert);
    expect([serving.checkHost('hooks.kcloud.svc'), serving.checkIP('127.0.0.1')]).toEqual([
      'hooks.kcloud.svc',
      '127.0.0.1',
    ]);
    expect(isTrusted(state)).toBe(true);
    expect(certificatesIn(state.bundle)).toHaveLength(1);
  });

  it('does nothing while nothing is due', () => {
    const state = next(undefined, 0);
    expect(next(state, 59)).toBe(state);
  });

  it('renews the serving certificate after two thirds of its life, and when the names change', () => {
    const state = next(undefined, 0);
    const renewed = next(state, 61);
    expect(renewed.serving.cert).not.toBe(state.serving.cert);
    expect([renewed.bundle, isTrusted(renewed)]).toEqual([state.bundle, true]);
    const named = next(state, 1, { dnsNames: ['other.kcloud.svc'] });
    expect(new X509Certificate(named.serving.cert).checkHost('other.kcloud.svc')).toBe('other.kcloud.svc');
  });

  it('lets a new authority sign only when every configuration trusts it', () => {
    let state = next(undefined, 0);
    for (let day = 0; day < 244; day += 1) state = next(state, day);
    const before = state;
    state = next(state, 244);
    expect(certificatesIn(state.bundle)).toHaveLength(2);
    expect(state.serving).toEqual(before.serving);
    expect(next(state, 245, { published: false })).toBe(state);
    const moved = next(state, 245, { published: true });
    expect(
      new X509Certificate(moved.serving.cert).verify(
        (certificatesIn(moved.bundle)[0] as X509Certificate).publicKey,
      ),
    ).toBe(true);
    const lean = next(moved, 366);
    expect(certificatesIn(lean.bundle)).toHaveLength(1);
  });

  it('is never without a trusted certificate in ten years of daily looks, however late bundles are published', () => {
    let state = next(undefined, 0);
    for (let day = 1; day < 3650; day += 1) {
      state = next(state, day, { published: random.next() < 0.2 });
      const serving = new X509Certificate(state.serving.cert);
      const nowMs = NOW + day * DAY_MS;
      expect(Date.parse(serving.validTo)).toBeGreaterThan(nowMs);
      expect(isTrusted(state)).toBe(true);
      expect(certificatesIn(state.bundle).length).toBeLessThanOrEqual(3);
      for (const authority of certificatesIn(state.bundle))
        expect(Date.parse(authority.validTo)).toBeGreaterThan(nowMs);
    }
  });

  it.each([
    ['garbage', { bundle: 'x', authorityKey: 'y', serving: { cert: 'z', key: '' } }],
    [
      'the key of another authority',
      { ...next(undefined, 0), authorityKey: next(undefined, 0).authorityKey },
    ],
  ])('begins anew from %s', (_name, state) => {
    expect(isTrusted(next(state, 1))).toBe(true);
  });

  it('begins anew after a sleep longer than the authority lives', () => {
    const state = next(undefined, 0);
    const later = next(state, 400);
    expect([isTrusted(later), later.bundle === state.bundle]).toEqual([true, false]);
  });
});

describe('managed certificates', () => {
  let clock: ManualClock;
  let server: FakeApiServer;
  let client: KubeClient;
  let stop: AbortController;

  beforeEach(async () => {
    clock = new ManualClock(NOW);
    server = new FakeApiServer();
    client = new KubeClient(server);
    stop = new AbortController();
    const clientConfig = { service: { namespace: 'kcloud', name: 'hooks' } };
    const webhook = {
      name: 'v.kcloud.io',
      clientConfig,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    };
    await client.create(VALIDATING_WEBHOOKS, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'kcloud' },
      webhooks: [webhook, { ...webhook, name: 'w.kcloud.io' }],
    });
  });

  function start(seed: number): ManagedCertificates {
    const managed = new ManagedCertificates({
      client,
      clock,
      random: new SeededRandom(seed),
      logger: silentLogger,
      namespace: 'kcloud',
      secretName: 'hooks-certs',
      dnsNames: ['hooks.kcloud.svc'],
      configurations: { mutating: ['not-installed'], validating: ['kcloud'] },
    });
    void managed.run({ stop: stop.signal, abort: stop.signal });
    return managed;
  }

  async function published(): Promise<string[]> {
    const { webhooks } = await client.get(VALIDATING_WEBHOOKS, { name: 'kcloud' });
    return (webhooks ?? []).map(({ clientConfig }) =>
      Buffer.from(clientConfig.caBundle ?? '', 'base64').toString(),
    );
  }

  it('are shared by replicas that start at the same time, and published in every webhook', async () => {
    const replicas = [start(1), start(2), start(3)];
    await clock.advance(5000);
    const serving = await Promise.all(replicas.map(({ serving: held }) => held.current()));
    expect(new Set(serving.map(({ cert }) => cert)).size).toBe(1);
    const secret = await client.get(SECRETS, { namespace: 'kcloud', name: 'hooks-certs' });
    const bundle = Buffer.from(secret.data?.['ca.crt'] ?? '', 'base64').toString();
    expect(await published()).toEqual([bundle, bundle]);
    const authority = certificatesIn(bundle)[0] as X509Certificate;
    expect(new X509Certificate(serving[0]?.cert ?? '').verify(authority.publicKey)).toBe(true);
  });

  it('are renewed by one replica and taken over by the others without a restart', async () => {
    const [first, second] = [start(1), start(2)];
    await clock.advance(5000);
    const seen: string[] = [];
    second.serving.onChange(({ cert }) => seen.push(cert));
    const before = await first.serving.current();
    clock.jump(61 * DAY_MS);
    await clock.advance(0);
    const after = await first.serving.current();
    expect(after.cert).not.toBe(before.cert);
    await clock.advance(60_000);
    expect(seen).toEqual([after.cert]);
  });

  it('put the bundle back where somebody has taken it out, and live through a failing server', async () => {
    start(1);
    await clock.advance(5000);
    const [bundle] = await published();
    server.intercept = () => failure(500, 'InternalError', 'no');
    await clock.advance(120_000);
    server.intercept = undefined;
    const { webhooks, ...rest } = await client.get(VALIDATING_WEBHOOKS, { name: 'kcloud' });
    const stripped = (webhooks ?? []).map((webhook) => ({
      ...webhook,
      clientConfig: { service: { namespace: 'kcloud', name: 'hooks' } },
    }));
    await client.update(VALIDATING_WEBHOOKS, { ...rest, webhooks: stripped });
    await clock.advance(60_000);
    expect(await published()).toEqual([bundle, bundle]);
    stop.abort();
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });
});

describe('certificates in files', () => {
  it('are read again when they change, and never taken over by half', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kcloud-certs-'));
    const clock = new ManualClock(NOW);
    const stop = new AbortController();
    const files = new FileCertificates({ folder, clock, logger: silentLogger });
    const run = files.run({ stop: stop.signal, abort: stop.signal });
    const [one, two] = [next(undefined, 0).serving, next(undefined, 0).serving];
    const write = (cert: string, key: string) => {
      writeFileSync(join(folder, 'tls.crt'), cert);
      writeFileSync(join(folder, 'tls.key'), key);
    };
    await clock.advance(20_000);
    write(one.cert, one.key);
    await clock.advance(10_000);
    expect(await files.serving.current()).toEqual(one);
    write(two.cert, one.key);
    await clock.advance(10_000);
    expect(await files.serving.current()).toEqual(one);
    write(two.cert, two.key);
    await clock.advance(10_000);
    expect(await files.serving.current()).toEqual(two);
    stop.abort();
    await run;
    rmSync(folder, { recursive: true });
  });
});
