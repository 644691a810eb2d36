/** The live view as lines: facts in, text out. */
import { styleText } from 'node:util';
import { HOURS_PER_MONTH } from '#domain/cost/resource-prices.ts';
import { type Cell, type Column, formatTable, type Style } from '../../terminal/table.ts';
import { condensed, sparkline } from '../../terminal/sparkline.ts';
import type { News } from '../story/newsfeed.ts';
import { clockText, dollars, gibText, newsLine, perMonth } from '../story/telling.ts';

export interface LiveRow {
  /** `namespace/name` of the workload. */
  readonly workload: string;
  readonly type: string;
  readonly phase: string;
  readonly steps: number;
  readonly measuredUsdPerMonth: number | undefined;
  readonly bookedUsd: number | undefined;
  readonly message: string;
}

export interface LiveFacts {
  readonly nowMs: number;
  readonly nodes: number;
  readonly pods: number;
  readonly reservedCores: number;
  readonly totalCores: number;
  readonly reservedBytes: number;
  /** What was reserved before the first change. */
  readonly beforeUsdPerMonth: number;
  /** Reserved USD per hour, oldest first; the last one is now. */
  readonly usdPerHour: readonly number[];
  readonly rows: readonly LiveRow[];
  /** Oldest first. */
  readonly news: readonly News[];
}

export interface LiveSize {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'WORKLOAD' },
  { title: 'TYPE' },
  { title: 'PHASE' },
  { title: 'STEPS', align: 'right' },
  { title: '$/MONTH', align: 'right' },
  { title: 'BOOKED $', align: 'right' },
  { title: 'STATE' },
];

const PHASE_STYLES: Readonly<Record<string, Style>> = {
  Applied: 'green',
  Applying: 'cyan',
  Analyzing: 'cyan',
  RolledBack: 'yellow',
  Failed: 'red',
};

/** As many lines as the screen has: cluster and money first, then the optimizations, then the latest events. */
export function dashboard(facts: LiveFacts, { columns, rows, colour }: LiveSize): readonly string[] {
  const style = (name: Style, text: string): string =>
    colour ? styleText(name, text, { validateStream: false }) : text;
  const head = [
    `${style('bold', 'KCloud demo')}  ${clockText(facts.nowMs)}  ${style('dim', '1 s = 10 min; q or Ctrl-C ends')}`,
    '',
    clusterLine(facts),
    moneyLine(facts, style),
    style('green', pastLine(facts, columns - 1)),
    '',
  ];
  const table = formatTable(COLUMNS, facts.rows.map(cellsOf), colour).split('\n');
  const left = rows - head.length - 1;
  const shown = table.slice(0, Math.max(0, left));
  const forNews = left - shown.length;
  const events = forNews > 0 ? facts.news.slice(-forNews).map((news) => newsLine(news, { style })) : [];
  return [...head, ...shown, '', ...events].slice(0, Math.max(0, rows));
}

/** The money of the whole time, against what was reserved before. */
function pastLine({ usdPerHour, beforeUsdPerMonth }: LiveFacts, width: number): string {
  return sparkline(condensed(usdPerHour, width), width, beforeUsdPerMonth / HOURS_PER_MONTH);
}

function clusterLine({ nodes, pods, reservedCores, totalCores, reservedBytes }: LiveFacts): string {
  return `${nodes} nodes, ${pods} pods; ${Math.round(reservedCores)} of ${totalCores} cores and ${gibText(reservedBytes)} reserved`;
}

function moneyLine(facts: LiveFacts, style: (name: Style, text: string) => string): string {
  const usdPerHour = facts.usdPerHour.at(-1) ?? NaN;
  const booked = facts.rows.reduce((sum, row) => sum + (row.bookedUsd ?? 0), 0);
  const now = style('bold', `${dollars(usdPerHour, 2)}/h`);
  return `${now} reserved = ${dollars(perMonth(usdPerHour))}/month, before: ${dollars(facts.beforeUsdPerMonth)}; saved so far: ${dollars(booked, 2)}`;
}

function cellsOf(row: LiveRow): Cell[] {
  const phaseStyle = PHASE_STYLES[row.phase];
  return [
    row.workload,
    row.type,
    phaseStyle === undefined ? row.phase : { text: row.phase, style: phaseStyle },
    row.steps === 0 ? '' : String(row.steps),
    row.measuredUsdPerMonth?.toFixed(2) ?? '',
    row.bookedUsd?.toFixed(2) ?? '',
    { text: row.message, style: 'dim' },
  ];
}
