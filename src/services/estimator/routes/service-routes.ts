/** What the service says of itself. Nobody needs a token for it. */
import {
  HealthAnswer,
  InfoAnswer,
  LiveAnswer,
  ReadyAnswer,
  SummaryAnswer,
} from '#apis/estimator-api/service.ts';
import { messageOf } from '#errors/kc-error.ts';
import { json } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { collectionAnswer, sinkAnswer } from '../answers/collection-answer.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import { summaryAnswer } from '../reports/summary.ts';
import type { RouteParts } from './parts.ts';

const PUBLIC = { method: 'GET', access: 'public' } as const;

export function serviceRoutes(parts: RouteParts, endpoints: readonly string[]): Route[] {
  return [
    healthRoute(parts),
    liveRoute(parts, '/live'),
    liveRoute(parts, '/healthz'),
    readyRoute(parts, '/ready'),
    readyRoute(parts, '/readyz'),
    infoRoute(parts, endpoints),
    metricsRoute(parts),
    summaryRoute(parts),
  ];
}

function healthRoute({ readings, collector, deliveries, version, clock }: RouteParts): Route {
  return defineRoute({
    ...PUBLIC,
    url: '/health',
    summary: 'Whether the service does its work, and what keeps it from that.',
    answers: {
      200: { description: 'It runs; degraded where a source or a sink is down.', schema: HealthAnswer },
    },
    handle: () => {
      const sinks = deliveries.map(({ state }) => sinkAnswer(state));
      const { problem } = readings;
      const collection = collectionAnswer(collector.state);
      const isDegraded =
        problem !== undefined || collection.problem !== null || sinks.some(({ state }) => state === 'down');
      const state = problem === undefined ? (readings.asked ? 'up' : 'not asked yet') : 'down';
      return json({
        status: isDegraded ? 'degraded' : 'healthy',
        service: 'cost-estimator',
        version,
        timestamp: isoTime(clock.now()),
        power_source: {
          name: readings.sourceName,
          state,
          problem: problem === undefined ? null : messageOf(problem),
        },
        collection,
        sinks,
      });
    },
  });
}

function liveRoute({ health, clock }: RouteParts, url: string): Route {
  return defineRoute({
    ...PUBLIC,
    url,
    summary: 'Whether the process should go on.',
    answers: {
      200: { description: 'It is alive.', schema: LiveAnswer },
      503: { description: 'It must be restarted.', schema: LiveAnswer },
    },
    handle: async () => {
      const { ok } = await health.live();
      return json({ status: ok ? 'alive' : 'dying', timestamp: isoTime(clock.now()) }, ok ? 200 : 503);
    },
  });
}

function readyRoute({ health, clock }: RouteParts, url: string): Route {
  return defineRoute({
    ...PUBLIC,
    url,
    summary: 'Whether it can answer. A source that is down is told by the answers, not by this.',
    answers: {
      200: { description: 'It can answer.', schema: ReadyAnswer },
      503: { description: 'It cannot answer.', schema: ReadyAnswer },
    },
    handle: async () => {
      const { ok, checks } = await health.ready();
      const told = Object.fromEntries(checks.map(({ name, problem }) => [name, problem ?? 'ok']));
      const status = ok ? 'ready' : 'not_ready';
      return json({ status, checks: told, timestamp: isoTime(clock.now()) }, ok ? 200 : 503);
    },
  });
}

function infoRoute({ version, settings }: RouteParts, endpoints: readonly string[]): Route {
  return defineRoute({
    ...PUBLIC,
    url: '/info',
    summary: 'What this service is and runs with.',
    answers: { 200: { description: 'About it.', schema: InfoAnswer } },
    handle: () =>
      json({
        service: 'cost-estimator',
        version,
        description: 'Power, cost and energy of Kubernetes workloads, each figure with its source.',
        settings,
        endpoints,
      }),
  });
}

function metricsRoute({ registry }: RouteParts): Route {
  return defineRoute({
    ...PUBLIC,
    url: '/metrics',
    summary: 'Metrics for Prometheus: power, cost, collection, sinks, requests.',
    answers: { 200: { description: 'Prometheus text format.', contentType: 'text/plain' } },
    handle: async () => ({ status: 200, contentType: registry.contentType, body: await registry.metrics() }),
  });
}

function summaryRoute(parts: RouteParts): Route {
  return defineRoute({
    ...PUBLIC,
    url: '/metrics/summary',
    summary: 'The most important figures as JSON.',
    answers: { 200: { description: 'The figures of the last collection.', schema: SummaryAnswer } },
    handle: () => json(summaryAnswer(parts)),
  });
}
