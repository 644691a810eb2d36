/** Analyses: of one workload, of all, and the recommendations that come of them. */
import { Type } from 'typebox';
import {
  CostSummary,
  type OptimizeAnswer,
  OptimizeAnswer as OptimizeAnswerSchema,
} from '#apis/optimizer-api/analysis.ts';
import { RecommendationsAnswer } from '#apis/optimizer-api/recommendation.ts';
import { AnalyzeRequest, OptimizeRequest } from '#apis/optimizer-api/requests.ts';
import { recommendationType } from '#apis/optimizer-api/vocabulary.ts';
import { rfc3339 } from '#platform/clock.ts';
import { analysisAnswer } from '../answers/analysis-answer.ts';
import { metricsAnswer } from '../answers/metrics-answer.ts';
import { recommendationAnswer } from '../answers/recommendation-answer.ts';
import { bySavings, summaryAnswer } from '../answers/summary-answer.ts';
import { UnknownFields, usd } from '../answers/unknown.ts';
import { workloadAnswer } from '../answers/workload-answer.ts';
import { savingsTogether } from '../analysis/totals.ts';
import { checkCluster, inNamespaces, passes, riskLevel } from '../filters.ts';
import { isUnknown, type Optimizer, type WorkloadReport } from '../optimizer.ts';
import { json } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { type RouteParts, WEIGHTS } from './parts.ts';

export function analysisRoutes(parts: RouteParts): Route[] {
  return [analyzeRoute(parts), optimizeRoute(parts), recommendationsRoute(parts)];
}

function analyzeRoute({ analysis, optimizer }: RouteParts): Route {
  return defineRoute({
    method: 'POST',
    url: '/analyze',
    summary: 'Analyses all workloads and sums up what they cost and what could be saved.',
    access: 'read',
    weight: WEIGHTS.cluster,
    body: AnalyzeRequest,
    answers: { 200: { description: 'The summary.', schema: CostSummary } },
    handle: async ({ body }) => {
      checkCluster(body.cluster_filter, optimizer.clusterName);
      const report = await analysis.report();
      const filter = {
        minConfidence: body.min_confidence,
        minSavingsUsd: body.min_savings_threshold,
        maxRisk: body.include_high_risk === true ? undefined : ('MEDIUM' as const),
      };
      const workloads = inNamespaces(report.workloads, body.namespace_filter).map((workload) => ({
        ...workload,
        findings: workload.findings.filter((finding) => passes(finding, filter)),
      }));
      return json(summaryAnswer({ clusterName: optimizer.clusterName, atMs: report.atMs, workloads }));
    },
  });
}

function optimizeRoute({ optimizer }: RouteParts): Route {
  return defineRoute({
    method: 'POST',
    url: '/optimize/:workload_id',
    summary: 'Analyses one workload and recommends.',
    description: 'Without recommendations, `analyses` tells whether all is well or the data does not tell.',
    access: 'read',
    weight: WEIGHTS.workload,
    params: Type.Object({
      workload_id: Type.String({
        minLength: 1,
        maxLength: 600,
        description: 'Its uid, or Kind:namespace:name.',
      }),
    }),
    body: OptimizeRequest,
    answers: { 200: { description: 'The recommendations.', schema: OptimizeAnswerSchema } },
    handle: async ({ params, body }) => {
      await optimizer.ensureReadable();
      const facts = optimizer.byId(params.workload_id);
      const types = body.optimization_types?.map(recommendationType);
      const report = await optimizer.report(facts, { types, context: body.context });
      const findings = report.findings.filter((finding) =>
        passes(finding, {
          minConfidence: body.min_confidence,
          maxRisk: riskLevel(body.max_risk_level ?? 'MEDIUM'),
          types,
        }),
      );
      return json(optimizeAnswer(optimizer, { ...report, findings }));
    },
  });
}

function optimizeAnswer(optimizer: Optimizer, report: WorkloadReport): OptimizeAnswer {
  const { facts, usage, query, findings, looks } = report;
  const unknown = new UnknownFields();
  const saved = isUnknown(report) && findings.length === 0 ? Number.NaN : savingsTogether(findings);
  return {
    workload: workloadAnswer(facts, optimizer),
    metrics: metricsAnswer(facts, usage, query),
    recommendations: [...findings]
      .sort(bySavings)
      .map((finding) => recommendationAnswer(finding, optimizer.clusterName)),
    total_potential_savings: unknown.number(
      'total_potential_savings',
      usd(saved),
      'the data does not tell: see analyses',
    ),
    analyses: looks.map(analysisAnswer),
    analysis_timestamp: rfc3339(query.toMs),
    ...unknown.noted,
  };
}

function recommendationsRoute({ analysis, optimizer }: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/recommendations',
    summary: 'Lists what is recommended for all workloads, the largest savings first.',
    access: 'read',
    weight: WEIGHTS.cluster,
    query: Type.Object({
      min_savings: Type.Optional(
        Type.Number({
          minimum: -1e12,
          maximum: 1e12,
          default: 0,
          description: 'USD per month; below zero shows what costs money for safety too.',
        }),
      ),
      min_confidence: Type.Optional(Type.Number({ minimum: 0, maximum: 1, default: 0.5 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
      namespace: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
    }),
    answers: { 200: { description: 'The recommendations.', schema: RecommendationsAnswer } },
    handle: async ({ query }) => {
      const report = await analysis.report();
      const workloads = inNamespaces(
        report.workloads,
        query.namespace === undefined ? null : [query.namespace],
      );
      const filter = { minSavingsUsd: query.min_savings, minConfidence: query.min_confidence };
      const found = workloads.flatMap(({ findings }) =>
        findings.filter((finding) => passes(finding, filter)),
      );
      const shown = found.sort(bySavings).slice(0, query.limit);
      return json({
        recommendations: shown.map((finding) => recommendationAnswer(finding, optimizer.clusterName)),
        count: shown.length,
        total_count: found.length,
        unknown_workloads: workloads.filter(({ unknown }) => unknown).length,
        analysis_timestamp: rfc3339(report.atMs),
      });
    },
  });
}
