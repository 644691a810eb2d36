/**
 * What every figure of the estimator API (port 8001) carries: where it comes from and how old it is. Field names of the
 * seed hold. A value that is not known is null, never zero; `unknown` beside it says why, by the name of the field.
 */
import { type Static, Type } from 'typebox';
import { text, time } from '../optimizer-api/vocabulary.ts';

/** To be spread into the properties of an answer. */
export const EvidenceFields = {
  origin: Type.Enum(['measured', 'modelled', 'default'], {
    description:
      'Measured by an exporter, computed by a model, or a default without evidence; of a sum, its weakest part.',
  }),
  sources: Type.Array(Type.String(), { description: 'The exporters or models behind it.' }),
  sampled_at: time('When the oldest sample behind it was taken.'),
  age_seconds: Type.Number({ description: 'How long ago that was.' }),
};

export const PowerProblemSchema = Type.Object({
  subject: text('The node, pod or exporter.'),
  reason: Type.Enum(['Missing', 'Stale', 'NotFinite', 'Negative', 'Ambiguous', 'Inconsistent']),
  message: text('What is not known, and why.'),
});

export const Problems = Type.Array(PowerProblemSchema, {
  description: 'What is not known of the cluster as a whole.',
});

/** Watts by part; a part that nobody measures is absent. */
export const PartsSchema = Type.Partial(
  Type.Object({
    cpu: Type.Number(),
    dram: Type.Number(),
    gpu: Type.Number(),
    npu: Type.Number(),
    other: Type.Number(),
  }),
  { description: 'Watts by part; a part that nobody measures or models is absent.' },
);

export const EvidenceSchema = Type.Object(EvidenceFields);
export type EvidenceAnswer = Static<typeof EvidenceSchema>;
