import { X509Certificate, createPrivateKey } from 'node:crypto';
import { type AddressInfo } from 'node:net';
import { createServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SystemClock } from '#platform/clock.ts';
import { systemRandom } from '#platform/random.ts';
import { HttpTransport } from '../transport/http-transport.ts';
import { fixedCredentials } from '../transport/credentials.ts';
import { type CertificateSpec, issueCertificate, newKey } from './certificate.ts';
import { ipBytes } from './ip-bytes.ts';

const NOW = Date.UTC(2026, 5, 1);
const YEAR_MS = 365 * 86_400_000;
const validity = { notBeforeMs: NOW, notAfterMs: NOW + YEAR_MS };

function authority(name = 'test authority') {
  const subject = { commonName: name };
  const made = issueCertificate(
    { subject, ...validity, serial: systemRandom.bytes(16), isAuthority: true },
    newKey(),
  );
  return { ...made, subject };
}

function leaf(ca: ReturnType<typeof authority>, spec: Partial<CertificateSpec>) {
  const subject = { commonName: 'leaf' };
  return issueCertificate({ subject, ...validity, serial: systemRandom.bytes(16), ...spec }, newKey(), ca);
}

describe('a certificate', () => {
  it('is read by an independent parser as it was meant', () => {
    const ca = authority();
    const subject = { commonName: 'system:admin', organizations: ['system:masters', 'ünicode'] };
    const serial = Uint8Array.of(0, 0x80, 1, 2);
    const names = { dnsNames: ['svc.ns.svc', '*.example.org'], ipAddresses: ['10.0.0.1', '2001:db8::1'] };
    const { cert, key } = leaf(ca, { subject, serial, usages: ['server', 'client'], ...names });
    const parsed = new X509Certificate(cert);
    expect(parsed.subject).toBe('O=system:masters\nO=ünicode\nCN=system:admin');
    expect(parsed.issuer).toBe('CN=test authority');
    expect(parsed.serialNumber).toBe('800102');
    expect(Date.parse(parsed.validTo)).toBe(NOW + YEAR_MS);
    expect(parsed.ca).toBe(false);
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(parsed.checkHost('svc.ns.svc')).toBe('svc.ns.svc');
    expect(parsed.checkHost('a.example.org')).toBe('*.example.org');
    expect(parsed.checkHost('other')).toBeUndefined();
    expect(parsed.checkIP('2001:db8:0::1')).toBe('2001:db8:0::1');
    expect(parsed.checkIP('10.0.0.2')).toBeUndefined();
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
  });

  it('is vouched for by the authority that issued it and by no other of the same name', () => {
    const ca = authority();
    const parsed = new X509Certificate(leaf(ca, {}).cert);
    const own = new X509Certificate(ca.cert);
    const other = new X509Certificate(authority().cert);
    expect([own.ca, own.checkIssued(own), own.verify(own.publicKey)]).toEqual([true, true, true]);
    expect([parsed.checkIssued(own), parsed.verify(own.publicKey)]).toEqual([true, true]);
    expect([parsed.checkIssued(other), parsed.verify(other.publicKey)]).toEqual([false, false]);
  });

  it('writes times beyond 2049', () => {
    const { cert } = leaf(authority(), { notAfterMs: Date.UTC(2062, 1, 3, 4, 5, 6) });
    expect(Date.parse(new X509Certificate(cert).validTo)).toBe(Date.UTC(2062, 1, 3, 4, 5, 6));
  });

  it('keeps any serial number and any name', () => {
    const ca = authority();
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 20 }),
        fc.stringMatching(/^[a-z0-9:. -]{1,150}$/),
        (serial, commonName) => {
          fc.pre(commonName.trim() === commonName && serial.some((byte) => byte !== 0));
          const parsed = new X509Certificate(leaf(ca, { serial, subject: { commonName } }).cert);
          expect(BigInt(`0x${parsed.serialNumber}`)).toBe(BigInt(`0x${Buffer.from(serial).toString('hex')}`));
          expect(parsed.subject).toBe(`CN=${commonName}`);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('carries a mutual TLS connection', async () => {
    const ca = authority();
    const tls = { ...validity, notBeforeMs: Date.now() - 1000, notAfterMs: Date.now() + YEAR_MS };
    const live = issueCertificate(
      { subject: ca.subject, ...tls, serial: Uint8Array.of(1), isAuthority: true },
      ca.key,
    );
    const serving = leaf(ca, { ...tls, usages: ['server'], dnsNames: ['kube.example'] });
    const client = leaf(ca, { ...tls, usages: ['client'], subject: { commonName: 'alice' } });
    const server = createServer(
      { ...serving, ca: live.cert, requestCert: true, rejectUnauthorized: true },
      (request, response) => {
        const { socket } = request;
        response.end(socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : 'no TLS');
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const certificate = client;
    const make = (settings: {
      readonly ca?: string;
      readonly serverName?: string;
      readonly insecure?: boolean;
    }) =>
      new HttpTransport({
        server: address,
        clock: new SystemClock(),
        tls: () => settings,
        credentials: fixedCredentials({ headers: {}, certificate }),
      });
    const request = { method: 'GET', path: '/', headers: {}, timeoutMs: 5000 } as const;
    const good = make({ ca: live.cert, serverName: 'kube.example' });
    expect(await (await good.send(request)).text()).toBe('alice');
    await expect(make({ ca: live.cert }).send(request)).rejects.toThrow(/does not match certificate/);
    await expect(make({ serverName: 'kube.example' }).send(request)).rejects.toThrow(/certificate/);
    expect(await (await make({ insecure: true }).send(request)).text()).toBe('alice');
    server.close().closeAllConnections();
  });
});

describe('ipBytes', () => {
  it.each([
    ['1.2.3.4', [1, 2, 3, 4]],
    ['::', new Array<number>(16).fill(0)],
    ['::1', [...new Array<number>(15).fill(0), 1]],
    ['2001:db8::ff00:42:8329', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0x42, 0x83, 0x29]],
    ['::ffff:1.2.3.4', [...new Array<number>(10).fill(0), 255, 255, 1, 2, 3, 4]],
  ])('writes %s', (address, bytes) => {
    expect([...ipBytes(address)]).toEqual(bytes);
  });

  it('refuses what is not an address', () => {
    expect(() => ipBytes('example.org')).toThrow(RangeError);
    expect(() => ipBytes('fe80::1%eth0')).toThrow(RangeError);
  });
});
