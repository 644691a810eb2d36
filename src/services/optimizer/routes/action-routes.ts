/** Applying a recommendation. */
import { Type } from 'typebox';
import { ApplyAnswer } from '#apis/optimizer-api/recommendation.ts';
import { ApplyRequest } from '#apis/optimizer-api/requests.ts';
import { json } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { type RouteParts, WEIGHTS } from './parts.ts';

export function actionRoutes({ applier, optimizer }: RouteParts): Route[] {
  const apply = defineRoute({
    method: 'POST',
    url: '/apply/:recommendation_id',
    summary:
      'Applies a recommendation through a CostOptimization, which the operator carries out, watches and can undo.',
    description:
      'With dry_run the API server and its admission webhooks are asked, and nothing is changed. A recommendation that is not found any more is refused.',
    access: 'write',
    weight: WEIGHTS.workload,
    params: Type.Object({ recommendation_id: Type.String({ minLength: 1, maxLength: 200 }) }),
    body: ApplyRequest,
    answers: {
      200: { description: 'Applied, or found to be applicable.', schema: ApplyAnswer },
      202: { description: 'The operator has it in hand.', schema: ApplyAnswer },
      404: { description: 'There is no such recommendation.' },
      409: { description: 'It is not recommended any more, or cannot be applied.' },
    },
    handle: async ({ params, body }, call) => {
      await optimizer.ensureReadable();
      const answer = await applier.apply({
        recommendationId: params.recommendation_id,
        request: body,
        requestedBy: call.caller.name,
        signal: call.signal,
      });
      return json(answer, answer.status === 'accepted' || answer.status === 'applying' ? 202 : 200);
    },
  });
  return [apply];
}
