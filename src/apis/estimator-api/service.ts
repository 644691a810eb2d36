/** What the estimator says of itself. */
import { type Static, Type } from 'typebox';
import { nullable, text, time, UnknownReasons } from '../optimizer-api/vocabulary.ts';
import { AmountsSchema } from './cost.ts';
import { TotalPower } from './power.ts';

export const SinkState = Type.Object({
  sink: Type.String(),
  address: text('Without secrets.'),
  state: Type.Enum(['up', 'down']),
  problem: nullable(Type.String()),
  waiting_batches: Type.Integer({ description: 'Collections that it does not have yet.' }),
  oldest_waiting_at: nullable(time('Of the oldest of them.')),
  delivered_batches: Type.Integer(),
  dropped_batches: Type.Integer({ description: 'Older, or more, than the outbox keeps.' }),
  rejected_batches: Type.Integer({ description: 'Refused by the sink for good.' }),
  last_delivered_at: nullable(time('By this process.')),
});
export type SinkState = Static<typeof SinkState>;

export const CollectionState = Type.Object({
  collecting: Type.Boolean(),
  interval_seconds: Type.Number(),
  collections: Type.Integer({ description: 'Of this process.' }),
  failures: Type.Integer(),
  missed: Type.Integer({ description: 'Times at which the collection before was still running.' }),
  last_collected_at: nullable(time('')),
  problem: nullable(text('What went wrong last; null where the last collection did well.')),
});
export type CollectionState = Static<typeof CollectionState>;

export const HealthAnswer = Type.Object({
  status: Type.Enum(['healthy', 'degraded']),
  service: Type.Literal('cost-estimator'),
  version: text('Of KCloud.'),
  timestamp: time('Of the answer.'),
  power_source: Type.Object({
    name: Type.String(),
    state: Type.Enum(['up', 'down', 'not asked yet']),
    problem: nullable(Type.String()),
  }),
  collection: CollectionState,
  sinks: Type.Array(SinkState),
});

export const LiveAnswer = Type.Object({
  status: Type.Enum(['alive', 'dying']),
  timestamp: time('Of the answer.'),
});

export const ReadyAnswer = Type.Object({
  status: Type.Enum(['ready', 'not_ready']),
  checks: Type.Record(Type.String(), Type.String(), { description: 'ok, or what is missing.' }),
  timestamp: time('Of the answer.'),
});

export const InfoAnswer = Type.Object({
  service: Type.Literal('cost-estimator'),
  version: Type.String(),
  description: Type.String(),
  settings: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
    description: 'What it runs with, without secrets.',
  }),
  endpoints: Type.Array(Type.String()),
});

export const SummaryAnswer = Type.Object({
  power: TotalPower,
  cost_per_hour: AmountsSchema,
  containers: nullable(Type.Integer()),
  nodes: nullable(Type.Integer()),
  devices: nullable(Type.Integer()),
  collection: CollectionState,
  sinks: Type.Array(SinkState),
  timestamp: time('Of the answer.'),
  unknown: UnknownReasons,
});

export type SummaryAnswer = Static<typeof SummaryAnswer>;

export const CollectAnswer = Type.Object({
  status: Type.Enum(['started', 'already_running', 'stopped', 'already_stopped']),
  collection: CollectionState,
  timestamp: time('Of the answer.'),
});
