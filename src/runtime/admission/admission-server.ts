/** Serves webhooks over HTTPS, with certificates that may change while it runs. */
import { KcError, messageOf } from '#errors/kc-error.ts';
import { aborted } from '#kube/transport/linked-abort.ts';
import type { CertifiedKey } from '#kube/pki/certificate.ts';
import { type HttpHandler, HttpServer, plain } from '../http/http-server.ts';
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
      const { certificates, port = 9443, host } = options;
      const certificate = await Promise.race([certificates.current(), aborted(stop)]);
      if (certificate === undefined) return;
      const server = new HttpServer(admissionHandler(options.admission), {
        port,
        host,
        certificate,
        maxBodyBytes: MAX_BODY_BYTES,
      });
      const release = certificates.onChange((next) => {
        server.setCertificate(next);
      });
      const address = await server.listen();
      options.onListening?.(address);
      listening = true;
      await aborted(stop);
      listening = false;
      release();
      await server.close();
    },
  };
}

function admissionHandler(admission: Admission): HttpHandler {
  return async ({ method, path, body }) => {
    if (method !== 'POST') return plain(405, 'only POST is served here');
    try {
      const review = await admission.review(path, parseJson(body));
      return { status: 200, contentType: 'application/json', body: JSON.stringify(review) };
    } catch (error) {
      return plain(error instanceof KcError ? error.status : 500, messageOf(error));
    }
  };
}

/** What is no JSON is no review either; Admission says so. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
