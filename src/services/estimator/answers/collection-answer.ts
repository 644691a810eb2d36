/** The state of collection and of the sinks, as health, summary and metrics show it. */
import type { DeliveryState } from '#adapters/sinks/delivery.ts';
import type { CollectionState, SinkState } from '#apis/estimator-api/service.ts';
import type { CollectorState } from '../collecting/collector.ts';
import { isoTimeOrNull } from './evidence-answer.ts';

export function collectionAnswer(state: CollectorState): CollectionState {
  return {
    collecting: state.collecting,
    interval_seconds: state.intervalMs / 1000,
    collections: state.collections,
    failures: state.failures,
    missed: state.missed,
    last_collected_at: isoTimeOrNull(state.lastAtMs),
    problem: state.problem ?? null,
  };
}

export function sinkAnswer(state: DeliveryState): SinkState {
  return {
    sink: state.sink,
    address: state.address,
    state: state.problem === undefined ? 'up' : 'down',
    problem: state.problem ?? null,
    waiting_batches: state.batches,
    oldest_waiting_at: isoTimeOrNull(state.oldestAtMs),
    delivered_batches: state.delivered,
    dropped_batches: state.dropped,
    rejected_batches: state.rejected,
    last_delivered_at: isoTimeOrNull(state.lastDeliveredAtMs),
  };
}
