/** Starts and stops collecting. */
import { CollectAnswer } from '#apis/estimator-api/service.ts';
import { json } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { collectionAnswer } from '../answers/collection-answer.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import type { RouteParts } from './parts.ts';

export function collectRoutes({ collector, clock }: RouteParts): Route[] {
  const answer = (status: string) =>
    json({ status, collection: collectionAnswer(collector.state), timestamp: isoTime(clock.now()) });
  const shared = { method: 'POST', access: 'write' } as const;
  const answers = { 200: { description: 'What it does now.', schema: CollectAnswer } };
  return [
    defineRoute({
      ...shared,
      url: '/collect/start',
      summary: 'Collects from the next multiple of the interval on; this replica.',
      answers,
      handle: () => answer(collector.start() ? 'started' : 'already_running'),
    }),
    defineRoute({
      ...shared,
      url: '/collect/stop',
      summary: 'Stops collecting; this replica. Power of now is still answered, by asking the source.',
      answers,
      handle: () => answer(collector.stop() ? 'stopped' : 'already_stopped'),
    }),
  ];
}
