/** What power costs, as the estimator API answers. Amounts are not rounded: parts sum to their whole. */
import { type Static, Type } from 'typebox';
import { numberOrNull, text, time, UnknownReasons } from '../optimizer-api/vocabulary.ts';
import { EvidenceFields, Problems } from './evidence.ts';

const AmountFields = {
  power_watts: numberOrNull('Mean power.'),
  energy_kwh: numberOrNull('kWh.'),
  electricity_usd: numberOrNull('kWh × electricity rate.'),
  cooling_usd: numberOrNull('Electricity × cooling factor; in the mode pue electricity × (PUE − 1).'),
  carbon_usd: numberOrNull('kg of CO2 × carbon rate.'),
  total_usd: numberOrNull('Electricity, cooling and carbon.'),
  carbon_kg: numberOrNull('kg of CO2.'),
  unknown: UnknownReasons,
};
export const AmountsSchema = Type.Object(AmountFields);
export type Amounts = Static<typeof AmountsSchema>;

export const FormulaSchema = Type.Object(
  {
    electricity_usd_per_kwh: Type.Number(),
    cooling_mode: Type.Enum(['seed', 'pue']),
    cooling_factor: Type.Number(),
    carbon_usd_per_kg: Type.Number(),
    carbon_kg_per_kwh: numberOrNull('Now; 1 where no intensity is set, as in the printed formula.'),
    carbon_intensity: text('default, constant, or the name of the table.'),
    unknown: UnknownReasons,
  },
  { description: 'What the amounts were computed with.' },
);

export type Formula = Static<typeof FormulaSchema>;

export const CostCurrentAnswer = Type.Object({
  cost: Type.Object({
    ...AmountFields,
    origin: Type.Union([EvidenceFields.origin, Type.Null()]),
    namespaces: Type.Array(Type.Object({ namespace: Type.String(), ...AmountFields }), {
      description: 'With `system` they sum to the whole.',
    }),
    system: Type.Union([AmountsSchema, Type.Null()], {
      description: 'What no container accounts for; null where one namespace or workload was asked for.',
    }),
    formula: FormulaSchema,
  }),
  timestamp: time('When the power was computed.'),
  period: Type.Literal('1 hour', { description: 'The amounts are what an hour at this power costs.' }),
  problems: Problems,
});
export type CostCurrentAnswer = Static<typeof CostCurrentAnswer>;

export const CostHour = Type.Object({
  start: time('From.'),
  end: time('To; the hour that is not over ends now.'),
  ...AmountFields,
  coverage: Type.Number({
    description: 'The share of the time that is known, 0–1. Nothing is made up for the rest.',
  }),
  origin: Type.Union([EvidenceFields.origin, Type.Null()]),
});
export type CostHour = Static<typeof CostHour>;

export const PeriodSchema = Type.Object({ start: time('From, a whole hour.'), end: time('To.') });

export const CostTotal = Type.Object({
  ...AmountFields,
  coverage: Type.Number(),
  hours_known: Type.Integer(),
  hours_unknown: Type.Integer(),
});

export const CostHourlyAnswer = Type.Object({
  cost_analysis: Type.Array(CostHour, { description: 'By hour, from the first that anything is known of.' }),
  total: CostTotal,
  period: PeriodSchema,
  timestamp: time('Of the answer.'),
});
export type CostHourlyAnswer = Static<typeof CostHourlyAnswer>;

export const CostWorkloadAnswer = Type.Object({
  workload_id: Type.String(),
  namespace: Type.String(),
  cost_breakdown: Type.Object({
    current_hour: Type.Object(
      { ...AmountFields, origin: Type.Union([EvidenceFields.origin, Type.Null()]) },
      {
        description: 'What an hour at the power of now costs.',
      },
    ),
    total: CostTotal,
    by_part: Type.Record(Type.String(), AmountsSchema, {
      description:
        'The total by what drew the power: cpu, dram, gpu, npu, other, and idle, its share of idle nodes.',
    }),
    containers: Type.Array(
      Type.Object({ pod_name: Type.String(), container_name: Type.String(), ...AmountFields }),
    ),
    hours: Type.Array(CostHour),
    formula: FormulaSchema,
  }),
  period: PeriodSchema,
  timestamp: time('Of the answer.'),
});
export type CostWorkloadAnswer = Static<typeof CostWorkloadAnswer>;
