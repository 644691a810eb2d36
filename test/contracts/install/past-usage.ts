/** Usage of the days before, for workloads that a script is about to make. */
import type { ContainerUsage, UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';

const STEP_MS = 300_000;
const STEPS_PER_DAY = 288;
const DAYS = 8;

export interface PastWorkload {
  readonly namespace: string;
  /** Of the Deployment, and of its only container. */
  readonly name: string;
  readonly pods: number;
  /** In the middle of a day; a quarter more at noon, a quarter less at night. */
  readonly coresPerPod: number;
  readonly memoryBytes: number;
}

/** Eight days up to `nowMs`. */
export function pastUsage(past: PastWorkload, nowMs: number): WorkloadUsage {
  const toMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
  const count = DAYS * STEPS_PER_DAY;
  const fromMs = toMs - count * STEP_MS;
  const series = (valueAt: (step: number) => number): UsageSeries => {
    const values = Float64Array.from({ length: count }, (_, step) => valueAt(step));
    const pods = new Float64Array(count).fill(past.pods);
    return { startMs: fromMs, stepMs: STEP_MS, max: values, mean: values, pods };
  };
  const wave = (step: number): number => 1 + 0.25 * Math.sin((2 * Math.PI * step) / STEPS_PER_DAY);
  const container: ContainerUsage = {
    container: past.name,
    cpuCores: series((step) => past.coresPerPod * wave(step)),
    memoryBytes: series((step) => past.memoryBytes * (0.9 + 0.1 * wave(step))),
    throttledRatio: series(() => 0),
    restarts: series(() => 0),
    oomKills: [],
  };
  const workload = { kind: 'Deployment', namespace: past.namespace, name: past.name } as const;
  return { workload, fromMs, toMs, containers: [container], source: 'embedded', lastSampleAtMs: toMs };
}
