/** What the rules and dashboards that users are given ask for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const MONITORING = join(import.meta.dirname, '../../../deploy/monitoring');

interface Rule {
  readonly record?: string;
  readonly expr: string;
}

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

export function rules(): readonly Rule[] {
  const file = parse(readFileSync(join(MONITORING, 'rules.yaml'), 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return file.groups.flatMap((group) => group.rules);
}

export function dashboards(): readonly Dashboard[] {
  const folder = join(MONITORING, 'dashboards');
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard);
}

/** Every PromQL expression of both. */
export function expressions(): readonly string[] {
  const shown = dashboards().flatMap(({ panels, annotations }) => [
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...annotations.list.map(({ expr }) => expr),
  ]);
  return [...rules().map(({ expr }) => expr), ...shown];
}

/** The metrics and recorded series that they name, those of a histogram by its own name. */
export function namedMetrics(): ReadonlySet<string> {
  const names = expressions().flatMap(
    (expression) => expression.match(/\b(?:costopt|kcloud)[_:][a-zA-Z0-9_:]+/g) ?? [],
  );
  return new Set(names.map((name) => name.replace(/_bucket$/, '')));
}
