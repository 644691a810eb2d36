/** Workloads and their usage. */
import { Type } from 'typebox';
import { WorkloadMetricsSchema, WorkloadsAnswer } from '#apis/optimizer-api/workload.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { KcError } from '#errors/kc-error.ts';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import { metricsAnswer } from '../answers/metrics-answer.ts';
import { workloadAnswer } from '../answers/workload-answer.ts';
import { invalidField } from '../../rest/field-problem.ts';
import { json } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { type RouteParts, WEIGHTS } from './parts.ts';

const Kind = Type.Enum(['Deployment', 'StatefulSet', 'DaemonSet'], { description: 'Kind of the workload.' });
const Name = Type.String({ minLength: 1, maxLength: 253 });

export function workloadRoutes({ optimizer }: RouteParts): Route[] {
  const list = defineRoute({
    method: 'GET',
    url: '/workloads',
    summary: 'Lists the workloads of the cluster, with the ids by which they are optimized.',
    access: 'read',
    query: Type.Object({
      namespace: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
      kind: Type.Optional(Kind),
    }),
    answers: { 200: { description: 'The workloads.', schema: WorkloadsAnswer } },
    handle: async ({ query: { namespace, kind } }) => {
      await optimizer.ensureReadable();
      const wanted = (ref: WorkloadRef): boolean =>
        (namespace ?? ref.namespace) === ref.namespace && (kind ?? ref.kind) === ref.kind;
      const workloads = optimizer.workloads(wanted).map((facts) => workloadAnswer(facts, optimizer));
      return json({ workloads, count: workloads.length });
    },
  });
  const metrics = defineRoute({
    method: 'GET',
    url: '/workloads/:namespace/:name/metrics',
    summary: 'Usage of a workload: CPU in cores and memory in bytes, per pod.',
    access: 'read',
    weight: WEIGHTS.workload,
    params: Type.Object({ namespace: Name, name: Name }),
    query: Type.Object({
      kind: Type.Optional(Kind),
      hours: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 2160,
          description: 'How far back to look; the window of the service where absent.',
        }),
      ),
    }),
    answers: { 200: { description: 'The usage.', schema: WorkloadMetricsSchema } },
    handle: async ({ params: { namespace, name }, query: { kind, hours } }) => {
      await optimizer.ensureReadable();
      const facts = theOnly(optimizer.named(namespace, name), kind);
      const query = optimizer.queryOf(hours === undefined ? undefined : `${String(hours)}h`);
      const [usage] = await optimizer.usageOf([facts], query);
      if (usage === undefined) throw new KcError('KC_METRICS_UNAVAILABLE', { problem: 'no answer' });
      return json(metricsAnswer(facts, usage, query));
    },
  });
  return [list, metrics];
}

function theOnly(found: readonly WorkloadFacts[], kind: string | undefined): WorkloadFacts {
  const [first, second] = found.filter(({ ref }) => kind === undefined || ref.kind === kind);
  if (first === undefined) throw new KcError('KC_NOT_FOUND', { problem: 'there is no such workload' });
  if (second === undefined) return first;
  throw invalidField(
    'query.kind',
    `is needed: there are a ${first.ref.kind} and a ${second.ref.kind} of this name`,
  );
}
