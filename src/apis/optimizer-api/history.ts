/** Savings over time, health and live updates, as the optimizer API answers. */
import { type Static, Type } from 'typebox';
import { nullable, numberOrNull, text, time, UnknownReasons } from './vocabulary.ts';

const Day = Type.Object({
  date: Type.String({ format: 'date', description: 'UTC.' }),
  saved_usd: Type.Number(),
  baseline_usd: Type.Number({ description: 'What it would have cost.' }),
  actual_usd: Type.Number({ description: 'What it cost.' }),
});

export const SavingsHistory = Type.Object(
  {
    period_start: time('From.'),
    period_end: time('To.'),
    total_recommendations_generated: Type.Integer({
      description: 'CostOptimizations that are there now and found or applied something in the period.',
    }),
    recommendations_applied: Type.Integer({
      description: 'Of those, how many were applied in the period.',
    }),
    potential_savings: numberOrNull('Realised plus what the open recommendations would have saved over the same time, USD.'),
    realized_savings: numberOrNull('What was measured and booked in the period, USD.'),
    realization_rate: numberOrNull('Realised in percent of potential.'),
    daily: Type.Array(Day),
    unknown: UnknownReasons,
  },
  { description: 'Savings that were measured, beside those that were possible.' },
); // prettier-ignore
export type SavingsHistory = Static<typeof SavingsHistory>;

export const HealthAnswer = Type.Object({
  status: Type.Enum(['healthy', 'unhealthy']),
  service: Type.Literal('optimizer-api'),
  version: text('Of KCloud.'),
});

export const ReadyAnswer = Type.Object({
  status: Type.Enum(['ready', 'not_ready']),
  checks: Type.Record(Type.String(), Type.String(), { description: 'ok, or what is missing.' }),
});

/** A message on /ws. */
export const WebSocketUpdate = Type.Object({
  event_type: Type.Enum(['optimization_update', 'optimization_unavailable', 'optimization_phase']),
  timestamp: time('When it was sent.'),
  data: Type.Record(Type.String(), nullable(Type.Union([Type.String(), Type.Number()]))),
});
export type WebSocketUpdate = Static<typeof WebSocketUpdate>;
