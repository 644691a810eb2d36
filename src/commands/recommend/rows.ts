/** Recommendations as rows: flat records for machines, cells for people. Unknown is empty or said, never zero. */
import { amountOf, parseResourcePath, REPLICAS } from '#domain/change/field.ts';
import { podFootprint } from '#domain/cost/workload-cost.ts';
import type { LookResult } from '#services/optimizer/analysis/analyze-workload.ts';
import { savingsOf, savingsTogether } from '#services/optimizer/analysis/totals.ts';
import type { WorkloadRecommendation } from '#services/optimizer/recommend-workloads.ts';
import type { FlatRecord } from '../terminal/output.ts';
import type { Cell, Column } from '../terminal/table.ts';

export const COLUMNS: readonly Column[] = [
  { title: 'NAMESPACE' },
  { title: 'WORKLOAD' },
  { title: 'TYPE' },
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

/**
 * What one workload comes to, in numbers; undefined is unknown. Its first record is always there; those after it are
 * other ways to save, of which `alternative` is true: what they save excludes each other (see `savingsTogether`).
 */
export function recordsOf(found: WorkloadRecommendation): readonly FlatRecord[] {
  const [primary, ...others] = found.looks;
  if (primary === undefined) return [];
  const ofPrimary = { ...recordOf(found, primary), alternative: false };
  const first = { ...ofPrimary, savesTogetherUsdPerMonth: round2(togetherOf(found)) };
  const further = others.filter((look) => found.findings.some(({ type }) => type === typeOf(look)));
  return [
    first,
    ...further.map((look) => ({ ...recordOf(found, look), alternative: true })),
    ...unusedOf(found),
  ];
}

function recordOf(found: WorkloadRecommendation, look: LookResult): FlatRecord {
  const { analysis, proposal } = look;
  const { ref, target } = found.facts;
  return {
    namespace: ref.namespace,
    kind: ref.kind,
    name: ref.name,
    type: typesOf(look),
    replicas: target.rollout.desiredReplicas,
    recommendedReplicas: amountOf(proposal?.target[REPLICAS]),
    ...sizesOf(look),
    currentUsdPerMonth: round2(proposal?.currentMonthlyUsd),
    savesUsdPerMonth: savesOf(proposal),
    ...assessmentOf(look),
    note: noteOf(found, look),
    coverage: analysis.quality.coverage,
    sampleAgeSeconds: analysis.quality.ageSeconds,
    source: analysis.quality.source,
  };
}

function sizesOf({ present, proposal }: LookResult): FlatRecord {
  const now = podFootprint(present);
  const next = podFootprint({ ...present, ...proposal?.target });
  return {
    cpuCores: now.cpuCores,
    recommendedCpuCores: movesResource(proposal, 'cpu') ? next.cpuCores : undefined,
    memoryBytes: now.memoryBytes,
    recommendedMemoryBytes: movesResource(proposal, 'memory') ? next.memoryBytes : undefined,
  };
}

function assessmentOf({ analysis, proposal }: LookResult): FlatRecord {
  if (analysis.outcome !== 'wanted' || proposal === undefined)
    return { confidence: undefined, risk: undefined };
  const { confidence, risk } = analysis.assess(proposal.target);
  return { confidence: Math.round(confidence * 1000) / 1000, risk };
}

type Proposal = LookResult['proposal'];

function typeOf({ analysis }: LookResult): string | undefined {
  return analysis.outcome === 'wanted' ? analysis.type : undefined;
}

/** CPU and memory are found together; everything else is one thing. */
function typesOf(look: LookResult): string | undefined {
  if (look.proposal === undefined) return undefined;
  const sized = (['cpu', 'memory'] as const).filter((resource) => movesResource(look.proposal, resource));
  return sized.length === 0 ? typeOf(look) : sized.map((resource) => `right_size_${resource}`).join('+');
}

/** What can be had at once, of what would be carried out. */
function togetherOf({ findings, leftAloneBecause }: WorkloadRecommendation): number | undefined {
  const open = findings.filter(({ type }) => type !== 'delete_unused');
  return leftAloneBecause !== undefined || open.length === 0 ? undefined : savingsTogether(open);
}

/** Only a person knows whether what does nothing may go. */
function unusedOf({ facts, findings }: WorkloadRecommendation): readonly FlatRecord[] {
  const unused = findings.find(({ type }) => type === 'delete_unused');
  if (unused === undefined) return [];
  const { namespace, kind, name } = facts.ref;
  return [
    {
      namespace,
      kind,
      name,
      type: unused.type,
      alternative: true,
      currentUsdPerMonth: round2(unused.currentUsdPerMonth),
      savesUsdPerMonth: round2(savingsOf(unused)),
      confidence: unused.assessment.confidence,
      risk: unused.assessment.risk,
      note: `only reported: ${unused.reasons.join('; ')}`,
    },
  ];
}

function savesOf(proposal: Proposal): number | undefined {
  return proposal === undefined ? undefined : round2(proposal.currentMonthlyUsd - proposal.targetMonthlyUsd);
}

function movesResource(proposal: Proposal, resource: 'cpu' | 'memory'): boolean {
  return Object.keys(proposal?.target ?? {}).some((path) => parseResourcePath(path)?.resource === resource);
}

/** Begins with `unknown: ` or `left alone: ` where nothing would be done for such a reason. */
function noteOf({ leftAloneBecause }: WorkloadRecommendation, { analysis, proposal }: LookResult): string {
  if (analysis.outcome === 'unknown') return `unknown: ${analysis.message}`;
  if (analysis.outcome === 'nothing') return analysis.message;
  if (proposal === undefined) return 'sizes are right';
  if (leftAloneBecause !== undefined) return `left alone: ${leftAloneBecause}`;
  return analysis.type.startsWith('right_size_') ? '' : analysis.reasons.join('; ');
}

/** The note in a table: of an unknown, the first thing that is missing. */
function shortNote(note: string): string {
  if (!note.startsWith('unknown: ')) return note;
  const [first = ''] = note.split('; ');
  return `unknown: ${first.split(': ').at(-1) ?? ''}`;
}

/** One line under the table. What is left alone is not counted as a saving, and of alternatives the best is. */
export function summaryOf(records: readonly FlatRecord[]): string {
  const workloads = records.filter(({ alternative }) => alternative !== true);
  const open = workloads.filter((record) => record['savesTogetherUsdPerMonth'] !== undefined);
  const others = workloads.filter((record) => record['savesTogetherUsdPerMonth'] === undefined);
  const begins = (start: string): number =>
    others.filter((record) => text(record['note']).startsWith(start)).length;
  const saved = open.reduce((sum, record) => sum + Number(record['savesTogetherUsdPerMonth']), 0);
  const [leftAlone, unknown] = [begins('left alone'), begins('unknown')];
  const right = others.length - leftAlone - unknown;
  return [
    `${workloads.length} workloads: ${open.length} to change, saving $${saved.toFixed(2)} a month;`,
    `${leftAlone} left alone, ${unknown} unknown, ${right} right as they are.`,
  ].join(' ');
}

/** The workloads that save most first, with what belongs to each below it. */
export function sortedRecords(found: readonly WorkloadRecommendation[]): readonly FlatRecord[] {
  const groups = found.map(recordsOf).map((records) => ({ records, best: bestOf(records) }));
  return groups.sort((a, b) => b.best - a.best).flatMap(({ records }) => records);
}

function bestOf(records: readonly FlatRecord[]): number {
  return Math.max(...records.map((record) => Number(record['savesUsdPerMonth'] ?? -Infinity)), -Infinity);
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
    `${record['alternative'] === true ? '  or ' : ''}${text(record['kind'])}/${text(record['name'])}`,
    text(record['type']).replaceAll('right_size_', ''),
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
