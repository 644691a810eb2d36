/** How long one container takes. */
import { quantileOfSorted } from '#domain/statistics/order.ts';
import { recommendContainer } from '#domain/rightsizing/recommend.ts';
import { asSeries, STEP_MS, STEPS_PER_DAY } from './datasets.ts';

export interface Timing {
  readonly runs: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

const DAYS = 14;
const RUNS = 300;

/** Two weeks with a daily pattern, noise from a fixed sequence, and memory that follows. */
export function timing(): Timing {
  const steps = DAYS * STEPS_PER_DAY;
  let state = 1;
  const noise = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const cpu = Float64Array.from(
    { length: steps },
    (_, i) => 0.5 + 0.3 * Math.sin((i / STEPS_PER_DAY) * 2 * Math.PI) + 0.1 * noise(),
  );
  const memory = cpu.map((value) => (1 + value) * 2 ** 30);
  const usage = { container: 'app', cpuCores: asSeries(cpu), memoryBytes: asSeries(memory), oomKills: [] };
  const times = new Float64Array(RUNS);
  for (let run = -50; run < RUNS; run++) {
    const start = performance.now();
    recommendContainer({
      usage,
      nowMs: steps * STEP_MS,
      cpu: { request: 2 },
      memory: { request: 2 ** 32, limit: 2 ** 32 },
    });
    if (run >= 0) times[run] = performance.now() - start;
  }
  times.sort();
  return { runs: RUNS, medianMs: quantileOfSorted(times, 0.5), p95Ms: quantileOfSorted(times, 0.95) };
}
