/** An answer of the service as the analysis that the operator would have made itself. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type AnalysisAnswer, AnalysisSchema } from '#apis/optimizer-api/analysis.ts';
import type { FieldMap } from '#domain/change/field.ts';
import { sameValue } from '#domain/change/field.ts';
import type { Analysis, AnalysisRecord, Assessment } from '#domain/recommendation/analysis.ts';
import { highestRisk } from '#domain/rightsizing/risk.ts';

const Answer = Type.Object({ analyses: Type.Array(AnalysisSchema) });

/** Undefined where the answer is not one, or is about something else. */
export function readAnswer(
  body: unknown,
  wanted: AnalysisAnswer['optimization_type'],
  atMs: number,
): Analysis | undefined {
  if (!Value.Check(Answer, body)) return undefined;
  const answer = body.analyses.find(({ optimization_type: type }) => type === wanted);
  return answer === undefined ? undefined : analysisOf(answer, atMs);
}

function analysisOf(answer: AnalysisAnswer, atMs: number): Analysis {
  const record = recordOf(answer, atMs);
  if (answer.outcome === 'nothing') return { ...record, outcome: 'nothing', message: answer.message };
  if (answer.outcome === 'unknown') {
    return { ...record, outcome: 'unknown', reason: answer.reason, message: answer.message };
  }
  const { type, wanted, reasons, assessments } = answer;
  return { ...record, outcome: 'wanted', type, wanted, reasons, assess: (step) => assess(assessments, step) };
}

function recordOf(answer: AnalysisAnswer, atMs: number): AnalysisRecord {
  const { data_quality: quality, inputs, alternatives, throttled_ratio: throttledRatio } = answer;
  const { samples, coverage, source, age_seconds: age, history_seconds: history } = quality;
  return {
    atMs,
    quality: {
      samples,
      coverage,
      source,
      ...(age === null ? {} : { ageSeconds: age }),
      ...(history === null ? {} : { historySeconds: history }),
    },
    inputs: inputs.map(({ age_seconds: inputAge, ...input }) => ({
      ...input,
      ...(inputAge === undefined ? {} : { ageSeconds: inputAge }),
    })),
    alternatives,
    throttledRatio: throttledRatio ?? undefined,
  };
}

type StepAssessment = Extract<AnalysisAnswer, { outcome: 'wanted' }>['assessments'][number];

/** The judgement of this very step; of a step that the service did not judge, the most cautious there is. */
function assess(assessments: readonly StepAssessment[], step: FieldMap): Assessment {
  const exact = assessments.find(({ fields }) => isSame(fields, step));
  const judged = exact === undefined ? assessments : [exact];
  return {
    confidence: judged.length === 0 ? 0 : Math.min(...judged.map((one) => one.confidence_score)),
    risk: judged.length === 0 ? 'CRITICAL' : highestRisk(judged.map((one) => one.risk_level)),
    riskFactors: [...new Set(judged.flatMap((one) => one.risk_factors))],
  };
}

function isSame(fields: FieldMap, step: FieldMap): boolean {
  const paths = Object.keys(fields);
  return (
    paths.length === Object.keys(step).length && paths.every((path) => sameValue(fields[path], step[path]))
  );
}
