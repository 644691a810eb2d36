/** What power costs: now, by the hour, and of one workload. */
import { Type } from 'typebox';
import { CostCurrentAnswer, CostHourlyAnswer, CostWorkloadAnswer } from '#apis/estimator-api/cost.ts';
import { json } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import { currentCost } from '../reports/current-cost.ts';
import { hourlyCost } from '../reports/hourly-cost.ts';
import { periodAnswer, periodOf, PeriodQuery } from '../reports/period.ts';
import { workloadCost } from '../reports/workload-cost.ts';
import { type RouteParts, WEIGHTS } from './parts.ts';
import { Namespace, Workload } from './power-routes.ts';

export function costRoutes(parts: RouteParts): Route[] {
  return [currentRoute(parts), hourlyRoute(parts), workloadRoute(parts)];
}

function currentRoute({ readings, tariff }: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/cost/current',
    summary: 'What an hour at the power of now costs, by namespace.',
    access: 'read',
    query: Type.Object({ namespace: Namespace, workload: Workload }),
    answers: { 200: { description: 'The cost.', schema: CostCurrentAnswer } },
    handle: async ({ query }) => {
      const snapshot = await readings.current();
      return json({
        cost: currentCost(snapshot, query, tariff),
        timestamp: isoTime(snapshot.atMs),
        period: '1 hour',
        problems: snapshot.problems,
      });
    },
  });
}

function hourlyRoute(parts: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/cost/hourly',
    summary: 'What every hour cost, of the cluster or a namespace, with how much of it is known.',
    access: 'read',
    weight: WEIGHTS.history,
    query: Type.Object({ ...PeriodQuery, namespace: Namespace }),
    answers: { 200: { description: 'The hours.', schema: CostHourlyAnswer } },
    handle: ({ query: { namespace, ...asked } }) => {
      const nowMs = parts.clock.now();
      const period = periodOf(asked, nowMs);
      const { hours, total } = hourlyCost(parts, period, namespace);
      return json({ cost_analysis: hours, total, period: periodAnswer(period), timestamp: isoTime(nowMs) });
    },
  });
}

function workloadRoute(parts: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/cost/workload/:workload_id',
    summary: 'What a workload costs now and cost over a period.',
    description: 'A workload goes by its name, namespace:name or Kind:namespace:name; a pod by its own name.',
    access: 'read',
    weight: WEIGHTS.history,
    params: Type.Object({ workload_id: Type.String({ minLength: 1, maxLength: 600 }) }),
    query: Type.Object({ ...PeriodQuery, namespace: Namespace }),
    answers: { 200: { description: 'The workload.', schema: CostWorkloadAnswer } },
    handle: async ({ params: { workload_id }, query: { namespace: within, ...asked } }) => {
      const nowMs = parts.clock.now();
      const period = periodOf(asked, nowMs);
      const snapshot = await parts.readings.current();
      const id = within === undefined || /[:/]/.test(workload_id) ? workload_id : `${within}:${workload_id}`;
      const { namespace, breakdown } = workloadCost(parts, { id, period, snapshot });
      return json({
        workload_id,
        namespace,
        cost_breakdown: breakdown,
        period: periodAnswer(period),
        timestamp: isoTime(nowMs),
      });
    },
  });
}
