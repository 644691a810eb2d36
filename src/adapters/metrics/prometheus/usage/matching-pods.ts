/** Finds the few pods of our workloads that a stretch of time is to be searched for. */
import type { Grid } from '#domain/usage/series.ts';
import type { PromqlClient } from '../client/promql-client.ts';
import { isTooLarge } from '../client/source-error.ts';
import type { ExpressionContext } from './expressions.ts';
import type { Ownership } from './ownership.ts';
import { pieces } from './range-reader.ts';

export interface PodSearch {
  readonly client: PromqlClient;
  readonly ownership: Ownership;
  readonly context: ExpressionContext;
  /** Answers with the pods that did something within `windowMs` before a time. */
  readonly expression: (context: ExpressionContext, windowMs: number) => string;
}

export interface FoundPod {
  readonly namespace: string;
  readonly pod: string;
}

/** In halves where the source cannot serve the whole stretch. Rejects with SourceError. */
export async function matchingPods(search: PodSearch, grid: Grid): Promise<readonly FoundPod[]> {
  const { client, context, expression, ownership } = search;
  const windowMs = grid.steps * grid.stepMs;
  try {
    const { series } = await client.instant(expression(context, windowMs), grid.startMs + windowMs);
    return series
      .map(({ labels }) => ({
        namespace: labels[context.names.namespace] ?? '',
        pod: labels[context.names.pod] ?? '',
      }))
      .filter(({ namespace, pod }) => ownership.workloadOfPod(namespace, pod) !== undefined);
  } catch (error) {
    if (!isTooLarge(error) || grid.steps === 1) throw error;
    const halves: FoundPod[] = [];
    for (const half of pieces(grid, Math.ceil(grid.steps / 2)))
      halves.push(...(await matchingPods(search, half)));
    return halves;
  }
}
