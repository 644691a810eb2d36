/** Issues X.509 v3 certificates (RFC 5280) for ECDSA P-256 keys, with node:crypto for everything cryptographic. */
import {
  type KeyObject,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import {
  bits,
  boolean,
  integer,
  objectId,
  octets,
  sequence,
  set,
  tagged,
  taggedPrimitive,
  time,
  utf8Text,
} from './der.ts';
import { ipBytes } from './ip-bytes.ts';

/** Whom a certificate is for. Kubernetes reads the user from the common name and the groups from organizations. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface CertificateSpec {
  readonly subject: Subject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Up to 20 random bytes. */
  readonly serial: Uint8Array;
  /** May sign other certificates. */
  readonly isAuthority?: boolean;
  readonly usages?: readonly ('server' | 'client')[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

/** A certificate and its private key, as PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** Who signs: an authority's subject and its key. */
export interface Issuer {
  readonly subject: Subject;
  readonly key: string;
}

const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const USAGES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

/** A new private key, PKCS #8 PEM. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

/** Issues a certificate for `key`, signed by `issuer`, or by itself where there is none. */
export function issueCertificate(spec: CertificateSpec, key: string, issuer?: Issuer): CertifiedKey {
  const signer = issuer ?? { subject: spec.subject, key };
  const publicKey = createPublicKey(key);
  const body = sequence(
    tagged(0, integer(Uint8Array.of(2))),
    integer(spec.serial),
    ECDSA_SHA256,
    nameOf(signer.subject),
    sequence(time(spec.notBeforeMs), time(spec.notAfterMs)),
    nameOf(spec.subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions(spec, publicKey, createPublicKey(signer.key)))),
  );
  const signature = sign('sha256', body, createPrivateKey(signer.key));
  return { cert: pem(sequence(body, ECDSA_SHA256, bits(signature))), key };
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function nameOf(subject: Subject): Buffer {
  const attribute = (id: string, value: string): Buffer => set(sequence(objectId(id), utf8Text(value)));
  const organizations = (subject.organizations ?? []).map((name) => attribute(ORGANIZATION, name));
  return sequence(...organizations, attribute(COMMON_NAME, subject.commonName));
}

function extensions(spec: CertificateSpec, own: KeyObject, signer: KeyObject): Buffer[] {
  const isAuthority = spec.isAuthority === true;
  // digitalSignature, or keyCertSign and cRLSign.
  const keyUsage = isAuthority ? bits(Uint8Array.of(0x06), 1) : bits(Uint8Array.of(0x80), 7);
  const usages = spec.usages ?? [];
  const names = alternativeNames(spec);
  return [
    extension('2.5.29.19', isAuthority ? sequence(boolean(true)) : sequence(), true),
    extension('2.5.29.15', keyUsage, true),
    extension('2.5.29.14', octets(keyId(own))),
    extension('2.5.29.35', sequence(taggedPrimitive(0, keyId(signer)))),
    ...(usages.length > 0
      ? [extension('2.5.29.37', sequence(...usages.map((usage) => objectId(USAGES[usage]))))]
      : []),
    ...(names.length > 0 ? [extension('2.5.29.17', sequence(...names))] : []),
  ];
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function alternativeNames(spec: CertificateSpec): Buffer[] {
  const dns = (spec.dnsNames ?? []).map((name) => taggedPrimitive(2, Buffer.from(name)));
  const ips = (spec.ipAddresses ?? []).map((address) => taggedPrimitive(7, ipBytes(address)));
  return [...dns, ...ips];
}

/** RFC 5280 §4.2.1.2, method 1 over the whole key: any stable digest will do. */
function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}
