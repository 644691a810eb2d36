/** Scene 5: the next morning, what was promised against what the ledger measured. */
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { type Cell, type Column, formatTable, type Style } from '../../terminal/table.ts';
import { DEMO_KG_PER_KWH } from '../cluster-power.ts';
import type { DemoWorld } from '../demo-world.ts';
import { must } from './must.ts';
import { CALM_STEP_MS, type PassingTime } from './passing-time.ts';
import type { Outcome, Report, ReportRow } from './report.ts';
import type { Stage } from './stage.ts';
import { dollars } from './telling.ts';

const SCENE = 'scene 5';
/** How far the measured rate may lie from the promised one. Demand decides replicas under an autoscaler. */
const TOLERANCE = 0.1;
/** Savings of small amounts are compared in dollars. */
const TOLERANCE_USD = 5;

/** The morning after: a night of batch work has passed, and the tick of 06:00. */
const MORNING_MS = 7 * HOUR_MS;

/** Lets the rest of the day and the night pass. */
export async function passTheDay(demo: DemoWorld, stage: Stage, time: PassingTime): Promise<void> {
  const endMs = (Math.floor(demo.nowMs / DAY_MS) + 1) * DAY_MS + MORNING_MS;
  stage.heading('5  The next morning');
  await time.pass({ forMs: endMs - demo.nowMs, stepMs: CALM_STEP_MS });
}

const COLUMNS: readonly Column[] = [
  { title: 'NAMESPACE' },
  { title: 'WORKLOAD' },
  { title: 'TYPE' },
  { title: 'OUTCOME' },
  { title: 'STEPS', align: 'right' },
  { title: 'PREDICTED $/MONTH', align: 'right' },
  { title: 'MEASURED $/MONTH', align: 'right' },
  { title: 'BOOKED $', align: 'right' },
  { title: 'WHY' },
];

const STYLES: Readonly<Record<Outcome, Style>> = {
  verified: 'green',
  watched: 'cyan',
  'rolled back': 'yellow',
  'left alone': 'dim',
};

/** Throws KC_DEMO_DIVERGED where the books do not bear out the story. */
export async function tellReport(report: Report, stage: Stage): Promise<void> {
  check(report);
  const table = formatTable(COLUMNS, sorted(report.rows).map(cellsOf), stage.colour);
  const { beforeUsdPerMonth: before, afterUsdPerMonth: after } = report;
  stage.say(
    '',
    ...table.split('\n'),
    '',
    `In force: ${dollars(report.predictedUsdPerMonth)} a month predicted, ${dollars(report.measuredUsdPerMonth)} a month measured; ${dollars(report.bookedUsd, 2)} booked in ${report.hours} hours.`,
    stage.style('bold', `Reserved by the cluster: ${dollars(before)} → ${dollars(after)} a month (−${percent(1 - after / before)}).`),
    ...powerLines(report.power),
    stage.style('dim', 'Reserved is what pods ask for. The bill follows when an autoscaler takes away the nodes that are no longer needed.'),
  ); // prettier-ignore
  await stage.pause(3000);
}

/** Drawn follows demand; what requests hold of the machines' idle draw follows the sizes, as the money does. */
function powerLines({ before, after }: Report['power']): readonly string[] {
  if (before === undefined || after === undefined) return ['Power: not known.'];
  const [held, heldNow] = [before.heldIdleWatts, after.heldIdleWatts];
  return [
    `Idle power held by what pods reserve: ${watts(held)} → ${watts(heldNow)} (−${percent(1 - heldNow / held)}), ${ORIGIN_TEXTS[after.origin]}.`,
    `Drawn by the machines: ${watts(before.watts)} → ${watts(after.watts)}, ${kilograms(before.kgCo2PerMonth)} → ${kilograms(after.kgCo2PerMonth)} CO2 a month at ${DEMO_KG_PER_KWH.toFixed(3)} kg/kWh; it follows the hour’s demand.`,
  ];
}

const ORIGIN_TEXTS = {
  measured: 'measured',
  modelled: 'modelled',
  default: 'modelled, in part by defaults',
} as const;

function watts(amount: number): string {
  return `${Math.round(amount).toLocaleString('en-US')} W`;
}

function kilograms(amount: number): string {
  return `${Math.round(amount).toLocaleString('en-US')} kg`;
}

const NEXT = [
  ['kcloud recommend', 'the same table for the cluster of your kubeconfig: reads only, installs nothing'],
  [
    'make deploy-operator',
    'CRDs, RBAC, operator and webhooks in your cluster; needs an image there, see README',
  ],
  ['kubectl apply -f deploy/examples/cpu-optimization.yaml', 'a first CostOptimization, as a dry run'],
] as const;

export function tellNext(stage: Stage): void {
  const width = Math.max(...NEXT.map(([command]) => command.length));
  stage.say('', 'On your own cluster:', ...NEXT.map(([command, what]) => `  ${stage.style('cyan', command.padEnd(width))}  ${what}`)); // prettier-ignore
}

function check({
  rows,
  predictedUsdPerMonth,
  measuredUsdPerMonth,
  beforeUsdPerMonth,
  afterUsdPerMonth,
}: Report): void {
  const rolledBack = rows.filter(({ outcome }) => outcome === 'rolled back');
  must(rolledBack.length === 1, SCENE, `one change stays rolled back; ${rolledBack.length} do`);
  must(measuredUsdPerMonth > 0, SCENE, 'savings were measured');
  must(
    near(measuredUsdPerMonth, predictedUsdPerMonth),
    SCENE,
    'what was measured is near to what was predicted',
  );
  const fell = beforeUsdPerMonth - afterUsdPerMonth;
  must(
    near(fell, measuredUsdPerMonth),
    SCENE,
    `the pods reserve as much less (${dollars(fell)}) as the ledger says`,
  );
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.max(TOLERANCE_USD, Math.abs(b) * TOLERANCE);
}

const ORDER: readonly Outcome[] = ['verified', 'watched', 'rolled back', 'left alone'];

function sorted(rows: readonly ReportRow[]): readonly ReportRow[] {
  const money = ({ measuredUsdPerMonth = 0 }: ReportRow): number => measuredUsdPerMonth;
  const place = ({ outcome }: ReportRow): number => ORDER.indexOf(outcome);
  return [...rows].sort((a, b) => place(a) - place(b) || money(b) - money(a));
}

function cellsOf(row: ReportRow): Cell[] {
  return [
    row.namespace,
    row.workload,
    row.type,
    { text: row.outcome, style: STYLES[row.outcome] },
    row.steps === 0 ? '' : String(row.steps),
    money(row.predictedUsdPerMonth),
    money(row.outcome === 'rolled back' ? undefined : row.measuredUsdPerMonth),
    money(row.bookedUsd),
    { text: row.note, style: 'dim' },
  ];
}

function money(usd: number | undefined): string {
  return usd === undefined ? '' : usd.toFixed(2);
}

function percent(share: number): string {
  return `${String(Math.round(share * 100))} %`;
}
