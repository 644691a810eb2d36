/** A week of usage for workloads of the tests: far below what they ask for, as steady as a quiet service is. */
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import type { UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { SeededRandom } from '#platform/random.ts';

const STEP_MS = 300_000;
const DAYS = 9;

export interface Story {
  readonly ref: WorkloadRef;
  readonly container: string;
  readonly pods: number;
  /** What a pod uses on average. */
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

/** Writes the stories, up to now, where an operator would keep them. */
export function writeHistory(file: string, stories: readonly Story[], nowMs = Date.now()): void {
  const history = UsageHistory.open(file, { rawStepMs: 30_000 });
  history.import(stories.map((story) => usageOf(story, nowMs)));
  history.close();
}

export function usageOf(story: Story, nowMs: number): WorkloadUsage {
  const random = new SeededRandom(story.ref.name);
  const toMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
  const fromMs = toMs - DAYS * 86_400_000;
  const steps = (toMs - fromMs) / STEP_MS;
  const around = (mean: number, spread: number): UsageSeries => {
    const values = Float64Array.from({ length: steps }, () => mean * (1 + spread * (random.next() - 0.5)));
    const max = values.map((value) => value * 1.05);
    return {
      startMs: fromMs,
      stepMs: STEP_MS,
      mean: values,
      max,
      pods: new Float64Array(steps).fill(story.pods),
    };
  };
  return {
    workload: story.ref,
    fromMs,
    toMs,
    source: 'story',
    lastSampleAtMs: toMs,
    containers: [
      {
        container: story.container,
        cpuCores: around(story.cpuCores, 0.3),
        memoryBytes: around(story.memoryBytes, 0.05),
        oomKills: [],
      },
    ],
  };
}
