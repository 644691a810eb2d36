/** A look's result as the API answers it: whole, so that an operator can go on from it. */
import type { AnalysisAnswer } from '#apis/optimizer-api/analysis.ts';
import type { FieldMap } from '#domain/change/field.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import type { LookResult } from '../analysis/analyze-workload.ts';
import { round } from './unknown.ts';

export function analysisAnswer({ type, analysis, proposal }: LookResult): AnalysisAnswer {
  const shared = { optimization_type: type, ...recordOf(analysis) };
  if (analysis.outcome === 'unknown') {
    return { ...shared, outcome: 'unknown', reason: analysis.reason, message: analysis.message };
  }
  if (analysis.outcome === 'nothing') return { ...shared, outcome: 'nothing', message: analysis.message };
  const ways: readonly FieldMap[] = proposal === undefined ? [] : [proposal.target, proposal.step];
  const different = ways.filter((fields, place) => place === 0 || !sameFields(fields, ways[0] ?? {}));
  return {
    ...shared,
    outcome: 'wanted',
    type: analysis.type,
    wanted: { ...analysis.wanted },
    reasons: [...analysis.reasons],
    assessments: different.map((fields) => assessmentOf(analysis.assess, fields)),
  };
}

type Wanted = Extract<Analysis, { outcome: 'wanted' }>;
type AssessmentAnswer = Extract<AnalysisAnswer, { outcome: 'wanted' }>['assessments'][number];

function assessmentOf(assess: Wanted['assess'], fields: FieldMap): AssessmentAnswer {
  const { confidence, risk, riskFactors } = assess(fields);
  return {
    fields: { ...fields },
    confidence_score: round(confidence, 6),
    risk_level: risk,
    risk_factors: [...riskFactors],
  };
}

function sameFields(a: FieldMap, b: FieldMap): boolean {
  const entries = (fields: FieldMap): string => JSON.stringify(Object.entries(fields).sort());
  return entries(a) === entries(b);
}

type Shared = Pick<AnalysisAnswer, 'data_quality' | 'inputs' | 'alternatives' | 'throttled_ratio'>;

function recordOf({ quality, inputs, alternatives, throttledRatio }: Analysis): Shared {
  const { samples, coverage, ageSeconds, historySeconds, source } = quality;
  return {
    data_quality: {
      samples,
      coverage,
      age_seconds: ageSeconds ?? null,
      history_seconds: historySeconds ?? null,
      source,
    },
    inputs: inputs.map(({ ageSeconds: age, ...input }) => ({
      ...input,
      ...(age === undefined ? {} : { age_seconds: age }),
    })),
    alternatives: [...alternatives],
    throttled_ratio: throttledRatio === undefined || !Number.isFinite(throttledRatio) ? null : throttledRatio,
  };
}
