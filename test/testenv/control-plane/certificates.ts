/** The certificates of a test control plane: one authority for servers and clients, one for the front proxy. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** PEM texts. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Certificates {
  readonly authority: KeyPair;
  /** For the API server and for every HTTPS server of the tests on the loopback address. */
  readonly loopbackServer: KeyPair;
  /** O=system:masters. */
  readonly admin: KeyPair;
  readonly controllerManager: KeyPair;
  readonly scheduler: KeyPair;
  readonly frontProxyAuthority: KeyPair;
  readonly frontProxyClient: KeyPair;
  /** Signs service account tokens; only the keys are used. */
  readonly serviceAccounts: KeyPair & { readonly publicKey: string };
}

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  readonly usage: 'server' | 'client';
}

const SERVER_NAMES: x509.JsonGeneralNames = [
  { type: 'dns', value: 'localhost' },
  { type: 'dns', value: 'kubernetes' },
  { type: 'dns', value: 'kubernetes.default.svc' },
  // The name by which the aggregator checks an extension API server that is reached through a service.
  { type: 'dns', value: '*.kube-system.svc' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '10.96.0.1' },
];

x509.cryptoProvider.set(webcrypto);

function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key);
  return x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
}

async function pair(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  return { certificate: certificate.toString('pem'), key: await keyPem(keys.privateKey) };
}

async function newAuthority(commonName: string): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  return { certificate, keys };
}

async function issue(authority: Authority, subject: Subject): Promise<KeyPair> {
  const keys = await newKeys();
  const usage =
    subject.usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const organization = subject.organization === undefined ? '' : `, O=${subject.organization}`;
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(),
    subject: `CN=${subject.commonName}${organization}`,
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.ExtendedKeyUsageExtension([usage]),
      ...(subject.usage === 'server' ? [new x509.SubjectAlternativeNameExtension(SERVER_NAMES)] : []),
    ],
  });
  return pair(certificate, keys);
}

async function createCertificates(): Promise<Certificates> {
  const [authority, frontProxy, tokens] = await Promise.all([
    newAuthority('kcloud-testenv'),
    newAuthority('kcloud-testenv-front-proxy'),
    newAuthority('kcloud-testenv-service-accounts'),
  ]);
  const client = (commonName: string, organization?: string): Promise<KeyPair> =>
    issue(authority, {
      commonName,
      usage: 'client',
      ...(organization === undefined ? {} : { organization }),
    });
  return {
    authority: await pair(authority.certificate, authority.keys),
    loopbackServer: await issue(authority, { commonName: 'kcloud-testenv-server', usage: 'server' }),
    admin: await client('kcloud-testenv-admin', 'system:masters'),
    controllerManager: await client('system:kube-controller-manager'),
    scheduler: await client('system:kube-scheduler'),
    frontProxyAuthority: await pair(frontProxy.certificate, frontProxy.keys),
    frontProxyClient: await issue(frontProxy, { commonName: 'front-proxy-client', usage: 'client' }),
    serviceAccounts: {
      ...(await pair(tokens.certificate, tokens.keys)),
      publicKey: tokens.certificate.publicKey.toString('pem'),
    },
  };
}

let cached: Promise<Certificates> | undefined;

/** The certificates of this process: made once, since every control plane listens on the same addresses. */
export function certificates(): Promise<Certificates> {
  cached ??= createCertificates();
  return cached;
}
