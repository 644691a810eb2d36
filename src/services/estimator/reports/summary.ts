/** The most important figures, of what was read last; nobody is asked for them. */
import type { SummaryAnswer } from '#apis/estimator-api/service.ts';
import type { PowerSnapshot } from '#domain/power/power.ts';
import { amountsAnswer } from '../answers/cost-answer.ts';
import { collectionAnswer, sinkAnswer } from '../answers/collection-answer.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import { totalAnswer } from '../answers/power-answer.ts';
import type { RouteParts } from '../routes/parts.ts';

export function summaryAnswer({ readings, collector, deliveries, tariff, clock }: RouteParts): SummaryAnswer {
  const snapshot = readings.problem === undefined ? readings.last : undefined;
  const nowMs = clock.now();
  const power = totalAnswer(
    (snapshot?.nodes ?? []).map(({ watts }) => watts),
    'no node is known',
  );
  const watts = power.power_watts ?? undefined;
  return {
    power,
    cost_per_hour: amountsAnswer(watts, tariff.hourAt(watts, snapshot?.atMs ?? nowMs)),
    ...countsOf(snapshot),
    collection: collectionAnswer(collector.state),
    sinks: deliveries.map(({ state }) => sinkAnswer(state)),
    timestamp: isoTime(nowMs),
  };
}

function countsOf(snapshot: PowerSnapshot | undefined) {
  const counts = {
    containers: snapshot?.containers.length ?? null,
    nodes: snapshot?.nodes.length ?? null,
    devices: snapshot?.devices.length ?? null,
  };
  const because = 'nothing was read yet, or the source is down';
  const unknown = { containers: because, nodes: because, devices: because };
  return snapshot === undefined ? { ...counts, unknown } : counts;
}
