/** The parts of an open history, over one database. */
import type { Database } from '../../../sqlite/database.ts';
import { BlockStore } from './block-store.ts';
import { ContainerStates } from './container-states.ts';
import { HeadStore } from './head-store.ts';
import { IncidentStore } from './incident-store.ts';
import { Progress } from './progress.ts';
import { SeriesIndex } from './series-index.ts';

export interface HistoryTables {
  readonly database: Database;
  readonly series: SeriesIndex;
  readonly head: HeadStore;
  readonly blocks: BlockStore;
  readonly incidents: IncidentStore;
  readonly states: ContainerStates;
  readonly progress: Progress;
}

export function historyTables(database: Database): HistoryTables {
  return {
    database,
    series: new SeriesIndex(database),
    head: new HeadStore(database),
    blocks: new BlockStore(database),
    incidents: new IncidentStore(database),
    states: new ContainerStates(database),
    progress: new Progress(database),
  };
}
