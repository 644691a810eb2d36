/** What kinds of work there are, and which a workload does. */
import { ClassifyAnswer, ClassifyRequest, WorkloadTypesAnswer } from '#apis/estimator-api/profile.ts';
import { WORKLOAD_TYPE_PROFILES } from '#domain/profiles/workload-types.ts';
import { json } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import { classifyAnswer } from '../reports/profile.ts';
import { type RouteParts, WEIGHTS } from './parts.ts';

export function profileRoutes({ history, clock }: RouteParts): Route[] {
  const types = defineRoute({
    method: 'GET',
    url: '/profile/workload-types',
    summary: 'The types of workloads that are told apart.',
    access: 'read',
    answers: { 200: { description: 'The types.', schema: WorkloadTypesAnswer } },
    handle: () => {
      const profiles = WORKLOAD_TYPE_PROFILES.map((profile) => ({
        type: profile.type,
        description: profile.description,
        power_shape: profile.powerShape,
        utilisation_shape: profile.utilisationShape,
        typical_words: profile.typicalWords,
        savings: profile.savings,
      }));
      return json({ profiles, timestamp: isoTime(clock.now()) });
    },
  });
  const classify = defineRoute({
    method: 'POST',
    url: '/profile/classify',
    summary: 'Training, serving, inference, batch or idle, with confidence and evidence.',
    description:
      'From samples of power and utilisation, names and labels; or from what was collected of a workload.',
    access: 'read',
    weight: WEIGHTS.classify,
    body: ClassifyRequest,
    answers: { 200: { description: 'The type.', schema: ClassifyAnswer } },
    handle: ({ body }) => json(classifyAnswer(body, history, clock.now())),
  });
  return [types, classify];
}
