/** The serving certificate of now, and everyone who wants to know of the next. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { CertifiedKey } from '#kube/pki/certificate.ts';
import type { ServingCertificates } from '../admission/admission-server.ts';

export class CertificateHolder implements ServingCertificates {
  readonly #listeners = new Set<(certificate: CertifiedKey) => void>();
  readonly #first = Promise.withResolvers<CertifiedKey>();
  #certificate: CertifiedKey | undefined;

  async current(): Promise<CertifiedKey> {
    return this.#certificate ?? this.#first.promise;
  }

  onChange(listener: (certificate: CertifiedKey) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes over a certificate where it is another. Throws where it and its key do not belong together. */
  set(certificate: CertifiedKey): void {
    if (this.#certificate?.cert === certificate.cert && this.#certificate.key === certificate.key) return;
    if (!new X509Certificate(certificate.cert).checkPrivateKey(createPrivateKey(certificate.key))) {
      throw new Error('the certificate and the key do not belong together');
    }
    this.#certificate = certificate;
    this.#first.resolve(certificate);
    for (const listener of this.#listeners) listener(certificate);
  }
}
