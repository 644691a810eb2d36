/** Who analyses: this process where there is none, else a service that is asked about each workload. */
import type { Analysis } from './analysis.ts';
import type { AnalysisQuestion } from './analyze-usage.ts';

/** All but the usage, which the source reads by itself. */
export type AnalysisRequest = Omit<AnalysisQuestion, 'usage'>;

/**
 * Analyses the workload that the policy names. Rejects with KC_OPTIMIZER_UNAVAILABLE where it cannot: that is
 * unknown, and never a reason to guess.
 */
export interface AnalysisSource {
  readonly name: string;
  analyze(request: AnalysisRequest): Promise<Analysis>;
}
