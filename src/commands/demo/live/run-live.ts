/** Goes on after the story: time passes ten minutes a second until the user ends it. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import { SystemClock, sleep } from '#platform/clock.ts';
import { LiveScreen, type Screen } from '../../terminal/live-screen.ts';
import type { DemoWorld } from '../demo-world.ts';
import { DEMO_NODES } from '../fleet/demo-nodes.ts';
import type { PassingTime } from '../story/passing-time.ts';
import { dashboard, type LiveFacts, type LiveRow } from './dashboard.ts';

const FRAME_MS = 100;
const STEP_MS = MINUTE_MS;

export interface LiveOptions {
  readonly demo: DemoWorld;
  readonly time: PassingTime;
  readonly beforeUsdPerMonth: number;
  readonly screen: Screen;
  readonly colour: boolean;
  /** Ends the view. */
  readonly signal: AbortSignal;
}

/** Resolves when the signal is aborted; the screen is given back in any case. */
export async function runLive(options: LiveOptions): Promise<void> {
  const { time, screen, colour, signal } = options;
  const ended = (): boolean => signal.aborted;
  if (ended()) return;
  const clock = new SystemClock();
  using live = new LiveScreen(screen);
  while (!ended()) {
    const beganMs = clock.now();
    await time.advance(STEP_MS);
    live.draw(dashboard(factsOf(options), { columns: screen.columns, rows: screen.rows, colour }));
    // A slow machine falls behind, but keys are still read.
    const leftMs = Math.max(1, FRAME_MS - (clock.now() - beganMs));
    await sleep(clock, leftMs, signal).catch(() => undefined);
  }
}

function factsOf({ demo, time, beforeUsdPerMonth }: LiveOptions): LiveFacts {
  const { reservedBytes, reservedCores } = demo.money();
  return {
    nowMs: demo.nowMs,
    nodes: demo.cluster.stored(NODES).length,
    pods: demo.cluster.stored(PODS).length,
    reservedBytes,
    reservedCores,
    totalCores: DEMO_NODES.reduce((sum, { cpuCores }) => sum + cpuCores, 0),
    beforeUsdPerMonth,
    usdPerHour: time.money,
    rows: demo.optimizations().map(rowOf),
    news: time.news,
  };
}

function rowOf({ metadata, spec, status = {} }: CostOptimization): LiveRow {
  const { realizedSavings: realized } = status;
  return {
    workload: `${metadata.namespace ?? ''}/${spec.targetWorkload.name}`,
    type: spec.optimizationType,
    phase: status.phase ?? 'Pending',
    steps: status.appliedOptimizations ?? 0,
    measuredUsdPerMonth: status.phase === 'Applied' ? realized?.monthlyUsd : undefined,
    bookedUsd: realized?.usd,
    message: status.message ?? '',
  };
}
