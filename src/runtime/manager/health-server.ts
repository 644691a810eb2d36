/** Serves /healthz, /readyz and /metrics. */
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { Registry } from 'prom-client';
import { type Health, type HealthReport, reportText } from './health.ts';
import type { Runnable } from './runnable.ts';
import { aborted } from '#kube/transport/linked-abort.ts';

export interface HealthServerOptions {
  readonly health: Health;
  readonly registry: Registry;
  /** Default 8080. */
  readonly port?: number;
  /** Default all addresses. */
  readonly host?: string;
}

/** The application, for a server of one's own or for tests with `inject`. */
export function healthApp(options: Pick<HealthServerOptions, 'health' | 'registry'>): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.get('/healthz', async (_request, reply) => answer(reply, await options.health.live()));
  app.get('/readyz', async (_request, reply) => answer(reply, await options.health.ready()));
  app.get('/metrics', async (_request, reply) => {
    const text = await options.registry.metrics();
    return reply.type(options.registry.contentType).send(text);
  });
  return app;
}

function answer(reply: FastifyReply, report: HealthReport): FastifyReply {
  return reply
    .status(report.ok ? 200 : 503)
    .type('text/plain; charset=utf-8')
    .send(reportText(report));
}

/** The same as a part of a manager: it is up before the caches are, and goes down last. */
export function healthServer(options: HealthServerOptions): Runnable {
  return {
    name: 'health server',
    start: 'at once',
    run: async ({ stop }) => {
      const app = healthApp(options);
      await app.listen({ port: options.port ?? 8080, host: options.host ?? '::' });
      await aborted(stop);
      await app.close();
    },
  };
}
