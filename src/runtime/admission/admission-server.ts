/** Serves webhooks over HTTPS, with certificates that may change while it runs. */
import { fastify } from 'fastify';
import { KcError, messageOf } from '#errors/kc-error.ts';
import { aborted } from '#kube/transport/linked-abort.ts';
import type { CertifiedKey } from '#kube/pki/certificate.ts';
import type { Health } from '../manager/health.ts';
import type { Runnable } from '../manager/runnable.ts';
import type { Admission } from './admission.ts';

/** Where the server's certificate comes from: a managed Secret, or files that cert-manager writes. */
export interface ServingCertificates {
  /** The certificate of now. Waits until there is one. */
  current(): Promise<CertifiedKey>;
  /** Calls back with every later certificate; returns how to stop. */
  onChange(listener: (certificate: CertifiedKey) => void): () => void;
}

export interface AdmissionServerOptions {
  readonly admission: Admission;
  readonly certificates: ServingCertificates;
  readonly health: Health;
  /** Default 9443. */
  readonly port?: number;
  readonly host?: string;
  /** Told where it listens, e.g. for port 0. */
  readonly onListening?: (address: string) => void;
}

/** A review carries the object twice, and the API server takes objects of 3 MiB. */
const MAX_BODY_BYTES = 8 * 2 ** 20;

/** The server as a part of a manager: up before the caches are. */
export function admissionServer(options: AdmissionServerOptions): Runnable {
  let listening = false;
  options.health.addReadiness('webhooks', () => {
    if (!listening) throw new Error('not listening yet');
  });
  return {
    name: 'admission server',
    start: 'at once',
    run: async ({ stop }) => {
      const { certificates, port = 9443, host = '::' } = options;
      const certificate = await Promise.race([certificates.current(), aborted(stop)]);
      if (certificate === undefined) return;
      const app = httpsApp(options.admission, certificate);
      const release = certificates.onChange((next) => {
        app.server.setSecureContext(next);
      });
      options.onListening?.(await app.listen({ port, host }));
      listening = true;
      await aborted(stop);
      listening = false;
      release();
      await app.close();
    },
  };
}

function httpsApp(admission: Admission, certificate: CertifiedKey) {
  const app = fastify({
    https: { ...certificate, minVersion: 'TLSv1.2' },
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
  });
  app.post('/*', async (request, reply) => {
    try {
      return await admission.review(request.url.split('?', 1)[0] ?? '', request.body);
    } catch (error) {
      const status = error instanceof KcError ? error.status : 500;
      return reply.status(status).send({ error: messageOf(error) });
    }
  });
  return app;
}
