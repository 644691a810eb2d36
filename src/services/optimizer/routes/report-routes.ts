/** Reports: savings over time, and recommendations as files. */
import { type Static, Type } from 'typebox';
import { SavingsHistory } from '#apis/optimizer-api/history.ts';
import { ExportRequest } from '#apis/optimizer-api/requests.ts';
import { DAY_MS } from '#domain/units/duration.ts';
import type { Finding } from '../analysis/findings.ts';
import { bySavings } from '../answers/summary-answer.ts';
import { csvExport, terraformExport } from '../exports.ts';
import { inNamespaces, passes } from '../filters.ts';
import { savingsHistory } from '../savings-history.ts';
import { attachment, json } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { type RouteParts, WEIGHTS } from './parts.ts';

export function reportRoutes(parts: RouteParts): Route[] {
  return [historyRoute(parts), csvRoute(parts), terraformRoute(parts)];
}

function historyRoute({ ledger, optimizer }: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/savings/history',
    summary: 'What was really saved, measured by the ledger, beside what could have been.',
    access: 'read',
    query: Type.Object({
      days: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 3650, default: 30, description: 'How far back.' }),
      ),
    }),
    answers: { 200: { description: 'The savings.', schema: SavingsHistory } },
    handle: async ({ query: { days = 30 } }) => {
      await optimizer.ensureReadable();
      const toMs = optimizer.nowMs;
      const fromMs = toMs - days * DAY_MS;
      const rows = await ledger?.rows(fromMs);
      return json(savingsHistory({ fromMs, toMs, rows, optimizations: optimizer.optimizations() }));
    },
  });
}

/** The same findings for both kinds of file. */
async function selected(
  { analysis }: RouteParts,
  request: Static<typeof ExportRequest>,
): Promise<readonly Finding[]> {
  const { workloads } = await analysis.report();
  const filter = { minSavingsUsd: request.min_savings_threshold, minConfidence: request.min_confidence };
  return inNamespaces(workloads, request.namespace_filter)
    .flatMap(({ findings }) => findings.filter((finding) => passes(finding, filter)))
    .sort(bySavings)
    .slice(0, request.limit);
}

function csvRoute(parts: RouteParts): Route {
  const { namespace_filter: _array, ...fields } = ExportRequest.properties;
  return defineRoute({
    method: 'GET',
    url: '/export/csv',
    summary: 'The recommendations as a table for spreadsheets.',
    access: 'read',
    weight: WEIGHTS.cluster,
    query: Type.Object({ ...fields, namespace: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })) }),
    answers: { 200: { description: 'RFC 4180.', contentType: 'text/csv' } },
    handle: async ({ query: { namespace, ...rest } }) => {
      const findings = await selected(parts, {
        ...rest,
        ...(namespace === undefined ? {} : { namespace_filter: [namespace] }),
      });
      const table = csvExport(findings, parts.optimizer.clusterName);
      return attachment(table, 'text/csv; charset=utf-8', 'cost_optimization_recommendations.csv');
    },
  });
}

function terraformRoute(parts: RouteParts): Route {
  return defineRoute({
    method: 'POST',
    url: '/export/terraform',
    summary: 'The recommendations as Terraform: CostOptimizations that apply them, and the sizes as locals.',
    access: 'read',
    weight: WEIGHTS.cluster,
    body: ExportRequest,
    answers: { 200: { description: 'Terraform JSON (.tf.json).' } },
    handle: async ({ body }) => {
      const document = terraformExport(await selected(parts, body), parts.optimizer.clusterName);
      return attachment(document, 'application/json; charset=utf-8', 'terraform.tf.json');
    },
  });
}
