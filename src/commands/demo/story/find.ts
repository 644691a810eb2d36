/** Scene 2: the findings of `kcloud recommend`, of this cluster. */
import { readSnapshot } from '#services/recommendations/cluster-snapshot.ts';
import { recommendWorkloads } from '#services/optimizer/recommend-workloads.ts';
import { cellsOf, COLUMNS, sortedRecords, summaryOf } from '../../recommend/rows.ts';
import type { FlatRecord } from '../../terminal/output.ts';
import { formatTable } from '../../terminal/table.ts';
import { DEMO_PRICE_BOOK, type DemoWorld, PAST_DAYS } from '../demo-world.ts';
import { must } from './must.ts';
import type { Stage } from './stage.ts';

/** What every workload should be sized to, the largest saving first. */
export async function findings(demo: DemoWorld): Promise<readonly FlatRecord[]> {
  const { cluster, operator } = demo;
  const snapshot = await cluster.now(readSnapshot(cluster.client, undefined));
  const found = await recommendWorkloads(snapshot, {
    usage: operator.history.reader,
    nowMs: demo.nowMs,
    window: `${PAST_DAYS}d`,
    type: 'ALL',
    prices: DEMO_PRICE_BOOK,
  });
  return sortedRecords(found);
}

function savings(record: FlatRecord): number {
  return Number(record['savesUsdPerMonth'] ?? Number.MIN_SAFE_INTEGER);
}

const ENOUGH = 8;

export async function tellFindings(demo: DemoWorld, stage: Stage): Promise<void> {
  stage.heading(`2  What it finds  (kcloud recommend, from ${PAST_DAYS} days of usage)`);
  const records = await findings(demo);
  const cheaper = records.filter((record) => savings(record) > 0);
  must(cheaper.length >= ENOUGH, 'scene 2', `${ENOUGH} workloads could be made cheaper`);
  stage.say(...formatTable(COLUMNS, records.map(cellsOf), stage.colour).split('\n'), '', summaryOf(records));
  await stage.pause(4000);
}
