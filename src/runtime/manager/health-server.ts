/** Serves /healthz, /readyz and /metrics. */
import type { Registry } from 'prom-client';
import { aborted } from '#kube/transport/linked-abort.ts';
import { type HttpAnswer, type HttpHandler, HttpServer, plain } from '../http/http-server.ts';
import { type Health, type HealthReport, reportText } from './health.ts';
import type { Runnable } from './runnable.ts';

export interface HealthServerOptions {
  readonly health: Health;
  readonly registry: Registry;
  /** Default 8080. */
  readonly port?: number;
  /** Default all addresses. */
  readonly host?: string;
  /** Told where it listens, e.g. for port 0. */
  readonly onListening?: (address: string) => void;
}

/** Answers the three paths; for a server of one's own too. */
export function healthHandler({
  health,
  registry,
}: Pick<HealthServerOptions, 'health' | 'registry'>): HttpHandler {
  const routes: Readonly<Record<string, () => Promise<HttpAnswer>>> = {
    '/healthz': async () => answerOf(await health.live()),
    '/readyz': async () => answerOf(await health.ready()),
    '/metrics': async () => ({
      status: 200,
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  };
  return ({ method, path }) => {
    if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET is served here');
    return routes[path]?.() ?? plain(404, 'try /healthz, /readyz or /metrics');
  };
}

function answerOf(report: HealthReport): HttpAnswer {
  return plain(report.ok ? 200 : 503, reportText(report));
}

/** The same as a part of a manager: it is up before the caches are, and goes down last. */
export function healthServer(options: HealthServerOptions): Runnable {
  return {
    name: 'health server',
    start: 'at once',
    run: async ({ stop }) => {
      const server = new HttpServer(healthHandler(options), {
        port: options.port ?? 8080,
        host: options.host,
      });
      const address = await server.listen();
      options.onListening?.(address);
      await aborted(stop);
      await server.close();
    },
  };
}
