/** One piece of advice: a field, what it should hold, and how sure that is; or why nothing can be said. */
import type { Alternative, Evidence } from '#apis/optimization.k8s.io/v1/status.ts';
import type { FieldMap, FieldPath } from '../change/field.ts';
import type { ConfidenceBasis } from '../rightsizing/confidence.ts';
import type { Risk } from '../rightsizing/risk.ts';
import type { RecommendationType } from './analysis.ts';

/** What a step would set. */
export interface StepAmounts {
  readonly amount: number;
  /** The amount at which the promise is judged. */
  readonly promised: number;
  readonly confidence: number;
}

/** Something to change. */
export interface Advice {
  readonly kind: 'advice';
  readonly type: RecommendationType;
  /** The field that confidence and risk are about; `wanted` holds it and those that go with it. */
  readonly field: FieldPath;
  readonly wanted: FieldMap;
  readonly basis: ConfidenceBasis;
  /**
   * The field whose amount the confidence is about: memory is promised at the ceiling, which is the limit where
   * there is one; everything else at the field itself.
   */
  readonly promised: FieldPath;
  /** The risk of a step, in cores, bytes or pods. */
  readonly riskAt: (step: StepAmounts) => Risk;
  readonly reason: string;
}

/** All is well as it is. */
export interface Contentment {
  readonly kind: 'content';
  readonly reason: string;
}

/** The data does not tell. */
export interface Silence {
  readonly kind: 'silent';
  readonly code: string;
  readonly reason: string;
}

export interface Advised {
  readonly verdict: Advice | Contentment | Silence;
  readonly inputs: readonly Evidence[];
  readonly alternatives: readonly Alternative[];
}
