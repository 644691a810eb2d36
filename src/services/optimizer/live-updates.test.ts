/** What listeners on /ws are told. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocketUpdate } from '#apis/optimizer-api/history.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { Phase } from '#apis/optimization.k8s.io/v1/status.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { LiveUpdates } from './live-updates.ts';
import { ServiceBench } from './testing.ts';

function optimization(phase: Phase): CostOptimization {
  return {
    metadata: { namespace: 'shop', name: 'web' },
    spec: { targetWorkload: { kind: 'Deployment', name: 'web' }, optimizationType: 'CPU' },
    status: { phase, message: `it is ${phase}` },
  };
}

describe('live updates', () => {
  let bench: ServiceBench;
  let sent: WebSocketUpdate[];
  let listeners: number;
  let clock: ManualClock;
  let updates: LiveUpdates;

  beforeEach(async () => {
    bench = new ServiceBench();
    await bench.addDeployment('shop', 'web');
    bench.usage.stories.set('shop/web', { cpuCores: 0.2, memoryBytes: 2 ** 29 });
    await bench.start();
    [sent, listeners, clock] = [[], 1, new ManualClock(Date.parse('2026-11-21T10:00:00Z'))];
    updates = new LiveUpdates({
      analysis: bench.service.analysis,
      clock,
      listeners: () => listeners,
      broadcast: (update) => {
        sent.push(update);
      },
    });
  });

  afterEach(() => {
    bench.stop();
  });

  it('tell the totals, or why they are not known', async () => {
    expect(await updates.current()).toMatchObject({
      event_type: 'optimization_update',
      data: { total_savings: expect.any(Number) as number, recommendation_count: 2, unknown_workloads: 0 },
    });
    bench = new ServiceBench();
    updates = new LiveUpdates({
      analysis: bench.service.analysis,
      clock,
      listeners: () => 1,
      broadcast: () => undefined,
    });
    expect(await updates.current()).toMatchObject({
      event_type: 'optimization_unavailable',
      data: { total_savings: null, reason: expect.stringContaining('KC_NOT_READY') as string },
    });
  });

  it('come every half minute while somebody listens, and cost nothing while nobody does', async () => {
    const stop = new AbortController();
    const running = updates.run(stop.signal);
    listeners = 0;
    await clock.advance(30_000);
    expect([sent.length, bench.usage.questions]).toEqual([0, 0]);
    listeners = 1;
    await clock.advance(30_000);
    await expect.poll(() => sent.length).toBe(1);
    stop.abort();
    await running;
  });

  it('tell each turn of a CostOptimization once, and nothing of what does not turn', () => {
    const change = (from: Phase, to: Phase) => ({
      type: 'MODIFIED' as const,
      object: optimization(to),
      previous: optimization(from),
    });
    updates.changed({ type: 'ADDED', object: optimization('Ready'), previous: undefined });
    updates.changed(change('Ready', 'Ready'));
    updates.changed(change('Ready', 'Applying'));
    updates.changed({ type: 'DELETED', object: optimization('Applied'), previous: optimization('Applied') });
    expect(sent).toMatchObject([
      {
        event_type: 'optimization_phase',
        data: { namespace: 'shop', name: 'web', phase: 'Applying', message: 'it is Applying' },
      },
      { event_type: 'optimization_phase', data: { phase: 'Deleted' } },
    ]);
  });
});
