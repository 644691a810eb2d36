/**
 * When to issue what: the life of a webhook's authority and its serving certificate, as a pure function.
 *
 * Rotation never breaks a connection. A new authority is first only trusted (it stands in the bundle beside the old one),
 * and signs only when every webhook configuration carries the new bundle. An old authority stays in the bundle until it
 * has expired.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { type CertificateSpec, type CertifiedKey, issueCertificate, newKey } from '#kube/pki/certificate.ts';

/** What the replicas share, in a Secret. */
export interface CertificateState {
  /** PEM of every authority that may vouch for the server, the newest first. */
  readonly bundle: string;
  /** The key of the newest authority. */
  readonly authorityKey: string;
  readonly serving: CertifiedKey;
}

export interface PlanInput {
  readonly nowMs: number;
  readonly state: CertificateState | undefined;
  /** The names by which the API server calls us. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Whether every webhook configuration carries the whole of `state.bundle`. */
  readonly isBundlePublished: boolean;
  /** Bytes for serial numbers. */
  readonly serial: () => Uint8Array;
}

const DAY_MS = 86_400_000;
export const AUTHORITY_LIFE_MS = 365 * DAY_MS;
export const SERVING_LIFE_MS = 90 * DAY_MS;
/** The share of a life after which the successor is made. */
const RENEW_AFTER = 2 / 3;
/** Clocks differ: a certificate is valid from a little before it is made. */
const BACKDATE_MS = 3_600_000;

const AUTHORITY = { commonName: 'kcloud webhook authority' } as const;

/** The state as it should be; the very same object where nothing is to be done. */
export function nextCertificates(input: PlanInput): CertificateState {
  const { state, nowMs } = input;
  const authorities = certificatesIn(state?.bundle ?? '');
  const [newest] = authorities;
  if (state === undefined || newest === undefined || !isUsable(newest, state.authorityKey, nowMs))
    return freshState(input);
  if (isDue(newest, nowMs)) return withNewAuthority(state, input);
  const alive = authorities.filter((authority) => validToMs(authority) > nowMs);
  const lean = alive.length === authorities.length ? state : { ...state, bundle: alive.map(String).join('') };
  return withServing(lean, newest, input);
}

/** The serving certificate is renewed in time, when our names change, and when the newest authority may sign. */
function withServing(state: CertificateState, newest: X509Certificate, input: PlanInput): CertificateState {
  const serving = parsed(state.serving.cert);
  const isSound = serving !== undefined && namesFit(serving, input) && !isDue(serving, input.nowMs);
  const isByNewest = serving?.checkIssued(newest) === true && serving.verify(newest.publicKey);
  if (isSound && (isByNewest || !input.isBundlePublished)) return state;
  return { ...state, serving: issueServing(state.authorityKey, input) };
}

function freshState(input: PlanInput): CertificateState {
  const authority = issueAuthority(input);
  return { bundle: authority.cert, authorityKey: authority.key, serving: issueServing(authority.key, input) };
}

/** Only trusted for now; the serving certificate stays what it is. */
function withNewAuthority(state: CertificateState, input: PlanInput): CertificateState {
  const authority = issueAuthority(input);
  return { ...state, bundle: authority.cert + state.bundle, authorityKey: authority.key };
}

function issueAuthority(input: PlanInput): CertifiedKey {
  return issueCertificate(
    spec(input, AUTHORITY_LIFE_MS, { subject: AUTHORITY, isAuthority: true }),
    newKey(),
  );
}

function issueServing(authorityKey: string, input: PlanInput): CertifiedKey {
  const { dnsNames, ipAddresses = [] } = input;
  const subject = { commonName: (dnsNames[0] ?? 'kcloud webhooks').slice(0, 64) };
  const serving = spec(input, SERVING_LIFE_MS, { subject, dnsNames, ipAddresses, usages: ['server'] });
  return issueCertificate(serving, newKey(), { subject: AUTHORITY, key: authorityKey });
}

function spec(
  input: PlanInput,
  lifeMs: number,
  own: Omit<CertificateSpec, 'notBeforeMs' | 'notAfterMs' | 'serial'>,
): CertificateSpec {
  const { nowMs } = input;
  return { ...own, notBeforeMs: nowMs - BACKDATE_MS, notAfterMs: nowMs + lifeMs, serial: input.serial() };
}

/** The certificates of a bundle, in order; what cannot be read is left out. */
export function certificatesIn(bundle: string): readonly X509Certificate[] {
  const parts = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];
  return parts.map(parsed).filter((certificate) => certificate !== undefined);
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function isUsable(authority: X509Certificate, key: string, nowMs: number): boolean {
  if (validToMs(authority) <= nowMs) return false;
  try {
    return authority.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function isDue(certificate: X509Certificate, nowMs: number): boolean {
  const fromMs = Date.parse(certificate.validFrom);
  return nowMs >= fromMs + (validToMs(certificate) - fromMs) * RENEW_AFTER;
}

function validToMs(certificate: X509Certificate): number {
  return Date.parse(certificate.validTo);
}

function namesFit(certificate: X509Certificate, input: PlanInput): boolean {
  const { dnsNames, ipAddresses = [] } = input;
  return (
    dnsNames.every((name) => certificate.checkHost(name) !== undefined) &&
    ipAddresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}
