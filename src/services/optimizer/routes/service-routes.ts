/** What the service says of itself: health, readiness and metrics. Nobody needs a token for them. */
import { HealthAnswer, ReadyAnswer } from '#apis/optimizer-api/history.ts';
import type { HealthReport } from '#runtime/manager/health.ts';
import { json, type Reply } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import type { RouteParts } from './parts.ts';

export function serviceRoutes({ health, registry, version }: RouteParts): Route[] {
  const alive = async (): Promise<Reply> => {
    const { ok } = await health.live();
    const status = ok ? 'healthy' : 'unhealthy';
    return json({ status, service: 'optimizer-api', version }, ok ? 200 : 503);
  };
  const ready = async (): Promise<Reply> => {
    const report = await health.ready();
    return json(
      { status: report.ok ? 'ready' : 'not_ready', checks: checksOf(report) },
      report.ok ? 200 : 503,
    );
  };
  const shared = { method: 'GET', access: 'public' } as const;
  const healthy = { 200: { description: 'It runs.', schema: HealthAnswer }, 503: { description: 'It must be restarted.', schema: HealthAnswer } }; // prettier-ignore
  const answering = { 200: { description: 'It can answer.', schema: ReadyAnswer }, 503: { description: 'It cannot answer yet.', schema: ReadyAnswer } }; // prettier-ignore
  return [
    defineRoute({
      ...shared,
      url: '/health',
      summary: 'Whether the service runs.',
      answers: healthy,
      handle: alive,
    }),
    defineRoute({
      ...shared,
      url: '/healthz',
      summary: 'The same, for probes.',
      answers: healthy,
      handle: alive,
    }),
    defineRoute({
      ...shared,
      url: '/ready',
      summary: 'Whether it has read the cluster.',
      answers: answering,
      handle: ready,
    }),
    defineRoute({
      ...shared,
      url: '/readyz',
      summary: 'The same, for probes.',
      answers: answering,
      handle: ready,
    }),
    defineRoute({
      ...shared,
      url: '/metrics',
      summary: 'Metrics of the service for Prometheus.',
      answers: { 200: { description: 'Prometheus text format.', contentType: 'text/plain' } },
      handle: async () => ({
        status: 200,
        contentType: registry.contentType,
        body: await registry.metrics(),
      }),
    }),
  ];
}

function checksOf({ checks }: HealthReport): Record<string, string> {
  return Object.fromEntries(checks.map(({ name, problem }) => [name, problem ?? 'ok']));
}
