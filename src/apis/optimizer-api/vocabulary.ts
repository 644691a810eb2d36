/**
 * The words of the optimizer API (port 8000), which its server and the operator's client share. Field names are the
 * seed's. A value that is not known is null, never zero; `unknown` beside it says why, by the name of the field.
 */
import {
  type Static,
  type TNull,
  type TNumber,
  type TOptional,
  type TSchema,
  type TString,
  type TUnion,
  Type,
} from 'typebox';
import { RISK_LEVELS } from '../optimization.k8s.io/v1/spec.ts';

export const RECOMMENDATION_TYPES = [
  'right_size_cpu',
  'right_size_memory',
  'reduce_replicas',
  'increase_replicas',
  'spot_migration',
  'scheduled_scaling',
  'delete_unused',
] as const;
export type RecommendationTypeName = (typeof RECOMMENDATION_TYPES)[number];

/** Names that the first version of this API used, and what they are called now. */
export const TYPE_ALIASES = { spot_instances: 'spot_migration', remove_unused: 'delete_unused' } as const;
type TypeAlias = keyof typeof TYPE_ALIASES;

export const RecommendationTypeSchema = Type.Enum([...RECOMMENDATION_TYPES], {
  description: 'What is recommended.',
});

/** As callers may write it. */
export const AskedType = Type.Enum([...RECOMMENDATION_TYPES, ...(Object.keys(TYPE_ALIASES) as TypeAlias[])], {
  description: 'A recommendation type; spot_instances and remove_unused are older names.',
});

export function recommendationType(asked: Static<typeof AskedType>): RecommendationTypeName {
  return asked in TYPE_ALIASES ? TYPE_ALIASES[asked as TypeAlias] : (asked as RecommendationTypeName);
}

export const RiskLevelSchema = Type.Enum([...RISK_LEVELS], { description: 'From harmless to dangerous.' });

const lowerCase = RISK_LEVELS.map((level) => level.toLowerCase());

/** As callers may write it: in capitals or not. */
export const AskedRiskLevel = Type.Enum([...RISK_LEVELS, ...lowerCase], {
  description: 'LOW, MEDIUM, HIGH or CRITICAL.',
});

export function nullable<T extends TSchema>(schema: T): TUnion<[T, TNull]> {
  return Type.Union([schema, Type.Null()]);
}

/** A number that may be unknown. */
export function numberOrNull(description: string): TUnion<[TNumber, TNull]> {
  return Type.Union([Type.Number(), Type.Null()], { description });
}

export function text(description: string): TString {
  return Type.String({ description });
}

/** RFC 3339. */
export function time(description: string): TString {
  return Type.String({ format: 'date-time', description });
}

export const UnknownReasons = Type.Optional(
  Type.Record(Type.String(), Type.String(), {
    description: 'Why fields of this object are null, by the name of the field.',
  }),
);

/** A share from 0 to 1, as callers write it. */
export function share(description: string, byDefault: number): TOptional<TNumber> {
  return Type.Optional(Type.Number({ minimum: 0, maximum: 1, default: byDefault, description }));
}

/** Field paths of a workload (`containers/app/requests/cpu`, `replicas`) and their values. */
export const FieldMapSchema = Type.Record(
  Type.String({ maxLength: 600 }),
  Type.Union([Type.String({ maxLength: 4096 }), Type.Number(), Type.Null()]),
  { description: 'Fields by path, such as containers/app/requests/cpu; null where a field is absent.' },
);
