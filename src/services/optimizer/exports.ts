/** Findings as files: CSV for spreadsheets, and Terraform that applies them through CostOptimizations. */
import type { Finding } from './analysis/findings.ts';
import { lookFor } from './analysis/plan.ts';
import { savingsOf } from './analysis/totals.ts';
import { optimizationName, recommendationAnswer } from './answers/recommendation-answer.ts';

/** The columns of the first version of this API. */
const COLUMNS = [
  'Cluster',
  'Namespace',
  'Workload',
  'Optimization Type',
  'Current Monthly Cost',
  'Optimized Monthly Cost',
  'Monthly Savings',
  'Savings %',
  'Confidence Score',
  'Risk Level',
  'Status',
];

/** RFC 4180; what is not known is an empty cell. */
export function csvExport(findings: readonly Finding[], clusterName: string): string {
  const rows = findings.map((finding) => csvRow(finding, clusterName));
  return `${[COLUMNS, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`;
}

function csvRow(finding: Finding, clusterName: string): string[] {
  const answer = recommendationAnswer(finding, clusterName);
  return [
    answer.cluster_name,
    answer.namespace,
    answer.workload_name,
    answer.optimization_type,
    dollars(answer.current_cost.monthly),
    dollars(answer.optimized_cost.monthly),
    dollars(answer.monthly_savings),
    answer.savings_percentage === null ? '' : `${answer.savings_percentage.toFixed(1)}%`,
    answer.confidence_score.toFixed(2),
    answer.risk_assessment.level,
    answer.status,
  ];
}

function dollars(value: number | null): string {
  if (value === null) return '';
  return value < 0 ? `-$${(-value).toFixed(2)}` : `$${value.toFixed(2)}`;
}

/** A cell that a spreadsheet would run as a formula is made a text; negative money is none. */
function csvCell(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\$?\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Terraform JSON. Each recommendation is a CostOptimization, so that `terraform apply` changes nothing behind the
 * operator's back and `terraform destroy` rolls back; the sizes stand in `locals` for who writes them into modules.
 */
export function terraformExport(findings: readonly Finding[], clusterName: string): string {
  const applicable = findings.filter(({ type }) => type !== 'delete_unused');
  const named = applicable.map((finding) => ({ finding, key: terraformName(finding) }));
  const document = {
    terraform: {
      required_version: '>= 1.0',
      required_providers: { kubernetes: { source: 'hashicorp/kubernetes', version: '>= 2.20' } },
    },
    locals: Object.fromEntries(named.map(({ finding, key }) => [key, workloadPart(finding)])),
    resource: {
      kubernetes_manifest: Object.fromEntries(
        named.map(({ finding, key }) => [key, { manifest: manifestOf(finding) }]),
      ),
    },
    output: {
      potential_monthly_savings: {
        description: `USD per month that each of these would save in ${templateText(clusterName)}`,
        value: Object.fromEntries(
          named.map(({ finding, key }) => [key, Math.round(savingsOf(finding) * 100) / 100]),
        ),
      },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** `k8s_deployment_shop_frontend_web_right_size_cpu`. */
function terraformName({ facts, type }: Finding): string {
  const { kind, namespace, name } = facts.ref;
  return ['k8s', kind.toLowerCase(), namespace, name, type].join('_').replaceAll(/[^A-Za-z0-9_]/g, '_');
}

/** What the workload would look like, in the shape of its manifest. */
function workloadPart(finding: Finding): Record<string, unknown> {
  const { recommended_config: config } = recommendationAnswer(finding, '');
  const { namespace, name } = finding.facts.ref;
  return { metadata: { name, namespace }, recommended: config };
}

function manifestOf(finding: Finding): Record<string, unknown> {
  const { kind, namespace, name } = finding.facts.ref;
  return {
    apiVersion: 'optimization.k8s.io/v1',
    kind: 'CostOptimization',
    metadata: { name: optimizationName(finding), namespace },
    spec: {
      targetWorkload: { kind, name, namespace },
      optimizationType: lookFor(finding.type),
      dryRun: false,
      autoApply: false,
    },
  };
}

/** Braces that Terraform would evaluate. */
function templateText(text: string): string {
  return text.replaceAll('${', '$${').replaceAll('%{', '%%{');
}
