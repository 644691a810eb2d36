/** What kind of work a workload does, asked and answered. */
import { type Static, Type } from 'typebox';
import { nullable, text, time } from '../optimizer-api/vocabulary.ts';

export const WorkloadTypesAnswer = Type.Object({
  profiles: Type.Array(
    Type.Object({
      type: Type.String(),
      description: Type.String(),
      power_shape: text('What its power looks like.'),
      utilisation_shape: text('What its utilisation looks like.'),
      typical_words: Type.Array(Type.String(), { description: 'In names, images and commands.' }),
      savings: text('What saves energy for it without hurting it.'),
    }),
  ),
  timestamp: time('Of the answer.'),
});

const MOST_SAMPLES = 100_000;
const Value = Type.Optional(nullable(Type.Number()));
const Name = (description: string) => Type.Optional(Type.String({ maxLength: 500, description }));

const Sample = Type.Object(
  {
    timestamp: Type.Optional(
      Type.String({ maxLength: 40, description: 'RFC 3339; every sample has one or none.' }),
    ),
    power_watts: Value,
    gpu_power_watts: Value,
    cpu_utilization: Value,
    gpu_utilization: Value,
  },
  { additionalProperties: false },
);

export const ClassifyRequest = Type.Object(
  {
    workload_id: Name(
      'A workload that is collected; its power of the last day is taken where no samples are given.',
    ),
    samples: Type.Optional(
      Type.Array(Sample, {
        maxItems: MOST_SAMPLES,
        description:
          'Oldest first. Utilisations are shares of what is requested or there, 0–1; null is not known.',
      }),
    ),
    step_seconds: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 86_400,
        default: 60,
        description: 'Between samples without times.',
      }),
    ),
    workload_name: Name('Its name.'),
    namespace: Name('Its namespace.'),
    pod_name: Name('One of its pods.'),
    container_name: Name('Its container.'),
    image: Name('The image of the container.'),
    command: Type.Optional(
      Type.Union([
        Type.String({ maxLength: 5_000 }),
        Type.Array(Type.String({ maxLength: 5_000 }), { maxItems: 200 }),
      ]),
    ),
    labels: Type.Optional(Type.Record(Type.String({ maxLength: 500 }), Type.String({ maxLength: 500 }))),
    owner_kind: Name('Such as Job or Deployment.'),
    gpus_requested: Type.Optional(Type.Number({ minimum: 0, maximum: 10_000 })),
    idle_power_watts: Type.Optional(
      Type.Number({ minimum: 0, description: 'What it draws when it does nothing.' }),
    ),
    max_power_watts: Type.Optional(Type.Number({ minimum: 0, description: 'What it draws at most.' })),
  },
  { additionalProperties: false },
);
export type ClassifyRequest = Static<typeof ClassifyRequest>;

export const ClassifyAnswer = Type.Object({
  classification: Type.Enum(['training', 'serving', 'inference', 'batch', 'idle', 'unknown']),
  confidence: Type.Number({ description: 'The chance that the most likely type is right, 0–1.' }),
  probabilities: Type.Record(Type.String(), Type.Number(), {
    description: 'Of every type; empty without any evidence.',
  }),
  evidence: Type.Array(
    Type.Object({
      feature: Type.String(),
      value: Type.Union([Type.Number(), Type.String()]),
      sign: text('What it is taken as a sign of.'),
      weight: Type.Number({ description: 'How much it moves the log-odds against the runner-up.' }),
      direction: Type.Enum(['for', 'against']),
    }),
  ),
  reason: nullable(text('Why the type is unknown, or what the answer had to do without.')),
  samples_from: Type.Enum(['request', 'history', 'nowhere']),
  samples: Type.Integer({ description: 'How many were looked at.' }),
  timestamp: time('Of the answer.'),
});
export type ClassifyAnswer = Static<typeof ClassifyAnswer>;
