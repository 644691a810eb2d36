/** Takes usage from elsewhere (a trace, another source, another history) into the history. */
import { type Grid, gridOf, stepEndMs } from '#domain/usage/series.ts';
import { type UsageQuantity, isPlausible } from '#domain/usage/plausible.ts';
import type { ContainerUsage, UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';
import { coveringGrid, levelFor, writeSteps } from './downsampling.ts';
import type { HistoryTables } from './history-tables.ts';
import type { Incident } from './incident-store.ts';
import type { Levels } from './levels.ts';
import { type StepColumns, foldColumns, isKnown, unknownColumns } from './step-columns.ts';

export interface ImportTarget {
  readonly tables: HistoryTables;
  readonly levels: Levels;
}

/** Writes one workload's usage. To be called inside a transaction. */
export function importUsage(target: ImportTarget, usage: WorkloadUsage): void {
  const { tables, levels } = target;
  for (const container of usage.containers) {
    const id = tables.series.idOf({ workload: usage.workload, container: container.container });
    const columns = columnsOf(container, levels[0].stepMs);
    if (columns !== undefined) {
      const level = levelFor(levels, columns.grid.stepMs);
      const peak = level.number === 0 ? 'average' : 'highest';
      const onLevel = foldColumns(columns, coveringGrid(level, columns.grid), peak);
      writeSteps({ blocks: tables.blocks, levels }, id, { level, columns: onLevel });
    }
    for (const incident of incidentsOf(container)) tables.incidents.add(id, incident);
  }
}

function columnsOf(container: ContainerUsage, rawStepMs: number): StepColumns | undefined {
  const grid = commonGrid(container);
  if (grid === undefined) return undefined;
  const columns = unknownColumns(grid);
  copy(columns, container.cpuCores, 'cpu');
  copy(columns, container.memoryBytes, 'memory');
  const samplesPerPod = Math.max(1, Math.round(grid.stepMs / rawStepMs));
  for (const [step, pods] of columns.pods.entries()) columns.weight[step] = pods * samplesPerPod;
  return columns;
}

/** CPU and memory of one answer lie on the same grid; one of them may be missing. */
function commonGrid({ cpuCores, memoryBytes }: ContainerUsage): Grid | undefined {
  const series = cpuCores ?? memoryBytes;
  return series === undefined ? undefined : gridOf(series);
}

function copy(columns: StepColumns, series: UsageSeries | undefined, kind: 'cpu' | 'memory'): void {
  const quantity: UsageQuantity = kind === 'cpu' ? 'cpuCores' : 'memoryBytes';
  if (series === undefined) return;
  for (const [step, max] of series.max.entries()) {
    if (!isPlausible(quantity, max)) continue;
    const mean = series.mean[step] ?? Number.NaN;
    columns[`${kind}Max`][step] = max;
    columns[`${kind}Mean`][step] = isPlausible(quantity, mean) ? Math.min(mean, max) : max;
    const pods = podsAt(series, step);
    columns.pods[step] = isKnown(columns, step) ? Math.max(pods, columns.pods[step] ?? 0) : pods;
  }
}

/** At least the one pod whose usage is given. */
function podsAt(series: UsageSeries, step: number): number {
  const pods = series.pods[step] ?? Number.NaN;
  return pods >= 1 ? Math.round(pods) : 1;
}

function incidentsOf(container: ContainerUsage): readonly Incident[] {
  return [...oomIncidents(container), ...restartIncidents(container.restarts)];
}

/** Kills of one pod at one time are one incident with a count, so that a second import adds nothing. */
function oomIncidents({ oomKills }: ContainerUsage): readonly Incident[] {
  const incidents = new Map<string, Incident>();
  for (const { atMs, pod, limitBytes } of oomKills) {
    const key = `${String(atMs)}/${pod}`;
    const count = (incidents.get(key)?.count ?? 0) + 1;
    incidents.set(key, { kind: 'oom', atMs, uid: `imported/${pod}`, pod, count, limitBytes });
  }
  return [...incidents.values()];
}

/** Which pods restarted is not told: the peak is given to one and the rest to as few others as can have had it. */
function restartIncidents(series: UsageSeries | undefined): readonly Incident[] {
  if (series === undefined) return [];
  return [...series.max.entries()].flatMap(([step, value]) => {
    if (value === 0 || !isPlausible('restarts', value)) return [];
    const max = Math.ceil(value);
    const all = Math.max(max, Math.round((series.mean[step] ?? value) * podsAt(series, step)) || max);
    const atMs = stepEndMs(gridOf(series), step);
    return Array.from({ length: Math.ceil(all / max) }, (_, pod): Incident => {
      const count = Math.min(max, all - pod * max);
      return { kind: 'restart', atMs, uid: `imported/${String(pod)}`, pod: '', count };
    });
  });
}
