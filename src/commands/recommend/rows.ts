/** Recommendations as rows: flat records for machines, cells for people. Unknown is empty or said, never zero. */
import { amountOf, parseResourcePath, REPLICAS } from '#domain/change/field.ts';
import { podFootprint } from '#domain/cost/workload-cost.ts';
import type { WorkloadRecommendation } from '#services/recommendations/recommend-workloads.ts';
import type { FlatRecord } from '../terminal/output.ts';
import type { Cell, Column } from '../terminal/table.ts';

export const COLUMNS: readonly Column[] = [
  { title: 'NAMESPACE' },
  { title: 'WORKLOAD' },
  { title: 'PODS', align: 'right' },
  { title: 'CPU NOW', align: 'right' },
  { title: 'CPU', align: 'right' },
  { title: 'MEMORY NOW', align: 'right' },
  { title: 'MEMORY', align: 'right' },
  { title: '$/MONTH', align: 'right' },
  { title: 'SAVES', align: 'right' },
  { title: 'SURE', align: 'right' },
  { title: 'RISK' },
  { title: 'NOTE' },
];

/** What one workload comes to, in numbers; undefined is unknown. */
export function recordOf(found: WorkloadRecommendation): FlatRecord {
  const { ref, target, analysis, proposal } = found;
  const now = podFootprint(target.fields);
  const next = podFootprint({ ...target.fields, ...proposal?.target });
  const assessed =
    analysis.outcome === 'wanted' && proposal !== undefined ? analysis.assess(proposal.target) : undefined;
  return {
    namespace: ref.namespace,
    kind: ref.kind,
    name: ref.name,
    replicas: target.rollout.desiredReplicas,
    recommendedReplicas: amountOf(proposal?.target[REPLICAS]),
    cpuCores: now.cpuCores,
    recommendedCpuCores: movesResource(proposal, 'cpu') ? next.cpuCores : undefined,
    memoryBytes: now.memoryBytes,
    recommendedMemoryBytes: movesResource(proposal, 'memory') ? next.memoryBytes : undefined,
    currentUsdPerMonth: round2(proposal?.currentMonthlyUsd),
    savesUsdPerMonth: savesOf(proposal),
    confidence: assessed === undefined ? undefined : Math.round(assessed.confidence * 1000) / 1000,
    risk: assessed?.risk,
    note: noteOf(found),
    coverage: analysis.quality.coverage,
    sampleAgeSeconds: analysis.quality.ageSeconds,
    source: analysis.quality.source,
  };
}

type Proposal = WorkloadRecommendation['proposal'];

function savesOf(proposal: Proposal): number | undefined {
  return proposal === undefined ? undefined : round2(proposal.currentMonthlyUsd - proposal.targetMonthlyUsd);
}

function movesResource(proposal: Proposal, resource: 'cpu' | 'memory'): boolean {
  return Object.keys(proposal?.target ?? {}).some((path) => parseResourcePath(path)?.resource === resource);
}

/** Begins with `unknown: ` or `left alone: ` where nothing would be done for such a reason. */
function noteOf({ analysis, proposal, leftAloneBecause }: WorkloadRecommendation): string {
  if (analysis.outcome === 'unknown') return `unknown: ${analysis.message}`;
  if (proposal === undefined) return 'sizes are right';
  return leftAloneBecause === undefined ? '' : `left alone: ${leftAloneBecause}`;
}

/** The note in a table: of an unknown, the first thing that is missing. */
function shortNote(note: string): string {
  if (!note.startsWith('unknown: ')) return note;
  const [first = ''] = note.split('; ');
  return `unknown: ${first.split(': ').at(-1) ?? ''}`;
}

/** One line under the table. What is left alone is not counted as a saving. */
export function summaryOf(records: readonly FlatRecord[]): string {
  const begins = (start: string): number =>
    records.filter((record) => text(record['note']).startsWith(start)).length;
  const open = records.filter((record) => record['savesUsdPerMonth'] !== undefined && record['note'] === '');
  const saved = open.reduce((sum, record) => sum + Number(record['savesUsdPerMonth']), 0);
  const [leftAlone, unknown] = [begins('left alone'), begins('unknown')];
  const right = records.length - open.length - leftAlone - unknown;
  return [
    `${records.length} workloads: ${open.length} to resize, saving $${saved.toFixed(2)} a month;`,
    `${leftAlone} left alone, ${unknown} unknown, ${right} right as they are.`,
  ].join(' ');
}

function round2(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 100) / 100 + 0;
}

/** The record as cells of COLUMNS. */
export function cellsOf(record: FlatRecord): Cell[] {
  const saves = Number(record['savesUsdPerMonth'] ?? Number.NaN);
  const replicas = record['recommendedReplicas'];
  return [
    text(record['namespace']),
    `${text(record['kind'])}/${text(record['name'])}`,
    replicas === undefined ? text(record['replicas']) : `${text(record['replicas'])} → ${text(replicas)}`,
    cores(record['cpuCores']),
    cores(record['recommendedCpuCores']),
    gib(record['memoryBytes']),
    gib(record['recommendedMemoryBytes']),
    money(record['currentUsdPerMonth']),
    Number.isFinite(saves) ? { text: saves.toFixed(2), style: saves >= 0 ? 'green' : 'yellow' } : '',
    percent(record['confidence']),
    riskCell(text(record['risk'])),
    { text: shortNote(text(record['note'])), style: 'dim' },
  ];
}

type Value = FlatRecord[string];

function text(value: Value): string {
  return value === undefined ? '' : String(value);
}

function cores(value: Value): string {
  if (typeof value !== 'number') return '';
  return value < 1 ? `${String(Math.round(value * 1000))}m` : String(Math.round(value * 100) / 100);
}

function gib(value: Value): string {
  if (typeof value !== 'number') return '';
  const mebibytes = value / 2 ** 20;
  return mebibytes < 1024
    ? `${String(Math.round(mebibytes))}Mi`
    : `${String(Math.round(mebibytes / 10.24) / 100)}Gi`;
}

function money(value: Value): string {
  return typeof value === 'number' ? value.toFixed(2) : '';
}

function percent(value: Value): string {
  return typeof value === 'number' ? `${String(Math.round(value * 100))} %` : '';
}

function riskCell(level: string): Cell {
  const style = { LOW: 'green', MEDIUM: 'yellow', HIGH: 'red', CRITICAL: 'red' } as const;
  return level in style ? { text: level, style: style[level as keyof typeof style] } : level;
}
