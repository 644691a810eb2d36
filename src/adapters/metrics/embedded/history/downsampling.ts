/** Writes steps at their level and brings the coarser levels up to date with them. */
import type { Grid } from '#domain/usage/series.ts';
import type { BlockStore } from './block-store.ts';
import { type Level, type LevelNumber, type Levels } from './levels.ts';
import { type StepColumns, foldColumns, lastKnownMs } from './step-columns.ts';

/** Where steps are written. */
export interface BlockTarget {
  readonly blocks: BlockStore;
  readonly levels: Levels;
}

/** The coarsest level whose steps are not longer than `stepMs`, else the finest. */
export function levelFor(levels: Levels, stepMs: number): Level {
  return levels.findLast((level) => level.stepMs <= stepMs) ?? levels[0];
}

/** The level's grid that covers a grid. */
export function coveringGrid(level: Level, { startMs, stepMs, steps }: Grid): Grid {
  const start = Math.floor(startMs / level.stepMs) * level.stepMs;
  const end = startMs + stepMs * steps;
  return {
    startMs: start,
    stepMs: level.stepMs,
    steps: Math.max(0, Math.ceil((end - start) / level.stepMs)),
  };
}

/**
 * Writes columns that lie on the grid of a level. A coarser step is computed anew from everything that is stored
 * of it at the finer level, so that writing an hour in two halves, or twice, ends in the same blocks.
 */
export function writeSteps(
  target: BlockTarget,
  series: number,
  write: { level: Level; columns: StepColumns },
): void {
  const { blocks, levels } = target;
  const { level, columns } = write;
  if (lastKnownMs(columns) === undefined) return;
  blocks.write(series, level, { columns, fullWeight: level.stepMs / levels[0].stepMs });
  const coarser = levels[(level.number + 1) as LevelNumber] as Level | undefined;
  if (coarser === undefined) return;
  const grid = coveringGrid(coarser, columns.grid);
  const stored = blocks.read(series, level, {
    fromMs: grid.startMs,
    toMs: grid.startMs + grid.steps * grid.stepMs,
  });
  const folded = foldColumns(stored, grid, level.number === 0 ? 'average' : 'highest');
  writeSteps(target, series, { level: coarser, columns: folded });
}
