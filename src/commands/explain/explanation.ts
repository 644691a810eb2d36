/** A decision in words: what was decided, by which rule, on what, and what else was weighed. */
import { styleText } from 'node:util';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type {
  Alternative,
  DecisionRecord,
  Evidence,
  Regression,
} from '#apis/optimization.k8s.io/v1/status.ts';
import { formatTable, type Style } from '../terminal/table.ts';

export function explain(optimization: CostOptimization, colour: boolean): string {
  const { status = {} } = optimization;
  const { decision, currentRecommendation: recommendation } = status;
  const style: Styler = (name, text) => (colour ? styleText(name, text, { validateStream: false }) : text);
  const sections = [
    style('bold', heading(optimization)),
    `Phase: ${status.phase ?? 'not seen by an operator yet'}. ${status.message ?? ''}`,
    outcome(decision),
    titled('Why', recommendation?.reasons, style),
    titled('What keeps it from being applied', recommendation?.blockedBy, style),
    section('What it was based on', evidenceTable(decision?.inputs, colour), style),
    section('What else was weighed', alternativeTable(decision?.alternatives, colour), style),
    titled('What went wrong before', status.regressions?.map(describeRegression), style),
    savings(status),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function heading({ metadata, spec }: CostOptimization): string {
  const { namespace = '', name = '' } = metadata;
  const { kind, name: workload, namespace: elsewhere } = spec.targetWorkload;
  return `CostOptimization ${namespace}/${name} (${spec.optimizationType} of ${kind} ${elsewhere ?? namespace}/${workload})`;
}

function outcome(decision: DecisionRecord | undefined): string {
  if (decision === undefined) return 'No decision has been taken yet.';
  return `Decided at ${decision.at}: ${decision.outcome}\nRule: ${decision.rule}`;
}

type Styler = (name: Style, text: string) => string;

function titled(title: string, lines: readonly string[] | undefined, style: Styler): string {
  return section(title, (lines ?? []).map((line) => `- ${line}`).join('\n'), style);
}

function section(title: string, body: string, style: Styler): string {
  return body === '' ? '' : `${style('bold', title)}\n${body}`;
}

function evidenceTable(inputs: readonly Evidence[] | undefined, colour: boolean): string {
  if (inputs === undefined || inputs.length === 0) return '';
  const columns = [
    { title: 'INPUT' },
    { title: 'VALUE', align: 'right' as const },
    { title: 'AGE', align: 'right' as const },
    { title: 'SOURCE' },
  ];
  const rows = inputs.map(({ name, value, source, ageSeconds }) => [
    name,
    value ?? 'unknown',
    ageSeconds === undefined ? '' : `${ageSeconds} s`,
    source ?? '',
  ]);
  return formatTable(columns, rows, colour);
}

function alternativeTable(alternatives: readonly Alternative[] | undefined, colour: boolean): string {
  if (alternatives === undefined || alternatives.length === 0) return '';
  const rows = alternatives.map(({ action, verdict, why }) => [action, verdict, why]);
  return formatTable([{ title: 'ACTION' }, { title: 'VERDICT' }, { title: 'WHY' }], rows, colour);
}

function describeRegression({ at, reason, message, changes }: Regression): string {
  const what = Object.entries(changes ?? {}).map(([name, value]) => `${name}=${value}`);
  return `${at} ${reason}: ${message}${what.length === 0 ? '' : ` (${what.join(', ')})`}`;
}

function savings(status: NonNullable<CostOptimization['status']>): string {
  const realized = status.realizedSavings;
  if (realized === undefined) return '';
  const { usd, monthlyUsd, predictedMonthlyUsd, since, through, priceSource } = realized;
  return `Saved $${usd.toFixed(4)} from ${since} to ${through}: $${monthlyUsd.toFixed(2)} a month measured, $${predictedMonthlyUsd.toFixed(2)} predicted (prices: ${priceSource}).`;
}
