/** The text format as exporters write it: families with help and type, series with labels. */
import { labelText, valueText } from '../../servers/prometheus/open-metrics.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly series: readonly (readonly [labels: Labels, value: number])[];
}

export function expositionText(families: readonly Family[]): string {
  return families.map(familyText).join('');
}

function familyText({ help, name, series, type }: Family): string {
  const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  return head + series.map(([labels, value]) => `${name}${labelText(labels)} ${valueText(value)}\n`).join('');
}
