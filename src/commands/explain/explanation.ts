/** A decision in words: what was decided, by which rule, on what, and what else was weighed. */
import { styleText } from 'node:util';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { Alternative, Evidence, Regression } from '#apis/optimization.k8s.io/v1/status.ts';
import { formatTable, type Style } from '../terminal/table.ts';

export function explain(optimization: CostOptimization, colour: boolean): string {
  const { metadata, spec, status = {} } = optimization;
  const { decision, currentRecommendation: recommendation } = status;
  const style = (name: Style, text: string): string =>
    colour ? styleText(name, text, { validateStream: false }) : text;
  const target = `${spec.targetWorkload.kind} ${spec.targetWorkload.namespace ?? metadata.namespace ?? ''}/${spec.targetWorkload.name}`;
  const sections = [
    style(
      'bold',
      `CostOptimization ${metadata.namespace ?? ''}/${metadata.name ?? ''} (${spec.optimizationType} of ${target})`,
    ),
    `Phase: ${status.phase ?? 'not seen by an operator yet'}. ${status.message ?? ''}`,
    decision === undefined
      ? 'No decision has been taken yet.'
      : `Decided at ${decision.at}: ${decision.outcome}\nRule: ${decision.rule}`,
    titled('Why', recommendation?.reasons ?? [], style),
    titled('What keeps it from being applied', recommendation?.blockedBy ?? [], style),
    section('What it was based on', evidenceTable(decision?.inputs ?? [], colour), style),
    section('What else was weighed', alternativeTable(decision?.alternatives ?? [], colour), style),
    titled('What went wrong before', (status.regressions ?? []).map(describeRegression), style),
    savings(status),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

type Styler = (name: Style, text: string) => string;

function titled(title: string, lines: readonly string[], style: Styler): string {
  return section(title, lines.map((line) => `- ${line}`).join('\n'), style);
}

function section(title: string, body: string, style: Styler): string {
  return body === '' ? '' : `${style('bold', title)}\n${body}`;
}

function evidenceTable(inputs: readonly Evidence[], colour: boolean): string {
  if (inputs.length === 0) return '';
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

function alternativeTable(alternatives: readonly Alternative[], colour: boolean): string {
  if (alternatives.length === 0) return '';
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
