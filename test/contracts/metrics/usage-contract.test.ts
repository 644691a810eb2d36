/** One suite for every source of usage: the same life of a cluster, the same answer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerUsage, WorkloadUsage } from '#domain/usage/usage.ts';
import { type WorkloadRef, describeWorkload } from '#domain/workload/workload-ref.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { CPU_FLOOR_CORES, MEMORY_FLOOR_BYTES, expectClose, expectSame, isClose } from './closeness.ts';
import { EMBEDDED } from './embedded-target.ts';
import { expectedContainers, expectedUsage } from './expected.ts';
import { PROMETHEUS } from './prometheus-target.ts';
import {
  BLIND_RESTART_AT_MS,
  OOM_AT_MS,
  OOM_LIMIT_BYTES,
  SCENARIO,
  STEP_MS,
  T0,
  WORKLOADS,
  stepOf,
  stepStartMs,
} from './scenario.ts';
import type { MetricsTarget, MetricsTargetStarter } from './target.ts';

for (const starter of [EMBEDDED, PROMETHEUS] satisfies readonly MetricsTargetStarter[]) {
  const title = `usage from ${starter.name}`;
  describe.skipIf(skipReason(title, starter.unavailable()))(title, () => {
    let target: MetricsTarget;
    const window = { fromMs: T0, toMs: stepStartMs(SCENARIO.steps), stepMs: STEP_MS };

    beforeAll(async () => {
      target = await starter.start(SCENARIO);
    });
    afterAll(async () => {
      await target.stop();
    });

    async function ask(workload: WorkloadRef, query = window): Promise<WorkloadUsage> {
      const [usage] = await target.source.usage({ workloads: [workload], ...query });
      if (usage === undefined) throw new Error('no answer');
      return usage;
    }

    async function app(workload: WorkloadRef, query = window): Promise<ContainerUsage> {
      const found = (await ask(workload, query)).containers.find(({ container }) => container === 'app');
      if (found === undefined) throw new Error(`${describeWorkload(workload)} has no container app`);
      return found;
    }

    it.each(Object.entries(WORKLOADS))(
      'is what %s used, peak, mean and pods in every step',
      async (_, workload) => {
        const usage = await ask(workload);
        expect(usage.containers.map(({ container }) => container)).toEqual(
          expectedContainers(SCENARIO, workload),
        );
        for (const container of usage.containers) {
          const expected = expectedUsage(SCENARIO, workload, container.container);
          const restarted = new Set(
            [...expected.restartsMax.keys()].filter((step) => (expected.restartsMax[step] ?? 0) > 0),
          );
          expectClose(container.cpuCores, expected.cpuCores, { floor: CPU_FLOOR_CORES, restarted });
          expectClose(container.memoryBytes, expected.memoryBytes, { floor: MEMORY_FLOOR_BYTES });
        }
      },
    );

    it('answers many workloads at once, in the order asked', async () => {
      const workloads = Object.values(WORKLOADS).reverse();
      const answers = await target.source.usage({ workloads, ...window });
      expect(answers.map(({ workload }) => workload)).toEqual(workloads);
      expect(answers.map(({ containers }) => containers.length)).toEqual(
        workloads.map((workload) => expectedContainers(SCENARIO, workload).length),
      );
      for (const [index, workload] of workloads.entries()) {
        expectSame(answers[index], await ask(workload));
      }
    });

    it('tells zero from unknown', async () => {
      const idle = await app(WORKLOADS.idle);
      const [known, blind] = [idle.cpuCores?.max[5], idle.cpuCores?.max[30]];
      expect([known, blind]).toEqual([0, Number.NaN]);
    });

    it('leaves garbage out and counts it', async () => {
      const { cpuCores, memoryBytes } = await app(WORKLOADS.broken);
      expect((cpuCores?.rejected ?? 0) + (memoryBytes?.rejected ?? 0)).toBeGreaterThan(0);
      expect([...(memoryBytes?.pods.slice(8, 16) ?? [])]).toEqual([2, 2, 1, 1, 1, 1, 2, 2]);
    });

    it('takes no pod of a job for one of the Deployment with its name', async () => {
      const { memoryBytes } = await app(WORKLOADS.batch);
      expect(Math.max(...(memoryBytes?.pods.filter((pods) => !Number.isNaN(pods)) ?? []))).toBe(1);
    });

    it('counts restarts where they happened and tells none from unknown', async () => {
      for (const workload of [WORKLOADS.web, WORKLOADS.agent, WORKLOADS.idle]) {
        const { restarts } = await app(workload);
        expect([...(restarts?.max ?? [])]).toEqual([...expectedUsage(SCENARIO, workload, 'app').restartsMax]);
      }
      const { restarts } = await app(WORKLOADS.database);
      const counted = [...(restarts?.max.entries() ?? [])]
        .filter(([, count]) => count > 0)
        .map(([step]) => step);
      const blind = starter.tellsBlindRestarts === 'at their time' ? stepOf(BLIND_RESTART_AT_MS) : 36;
      expect(counted).toEqual([blind, stepOf(OOM_AT_MS)]);
      expect([...(restarts?.max ?? [])].filter((count) => count > 1)).toEqual([]);
    });

    it('tells each OOM kill once, with its pod, time and limit', async () => {
      const { oomKills } = await app(WORKLOADS.database);
      expect(oomKills).toHaveLength(1);
      expect(oomKills[0]).toMatchObject({ pod: 'db-0', limitBytes: OOM_LIMIT_BYTES });
      const lateMs = (oomKills[0]?.atMs ?? 0) - OOM_AT_MS;
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(STEP_MS);
      expect((await app(WORKLOADS.web)).oomKills).toEqual([]);
    });

    it('says when the newest sample was taken, however long ago', async () => {
      const [web, stopped] = [await ask(WORKLOADS.web), await ask(WORKLOADS.stopped)];
      expect(web.lastSampleAtMs).toBe(window.toMs);
      expect(stopped.lastSampleAtMs).toBe(stepStartMs(60));
      expect((await ask(WORKLOADS.absent)).lastSampleAtMs).toBeUndefined();
    });

    it('knows nothing of a window without samples', async () => {
      const later = { fromMs: window.toMs + 86_400_000, toMs: window.toMs + 90_000_000, stepMs: STEP_MS };
      const usage = await ask(WORKLOADS.web, later);
      expect([usage.containers, usage.lastSampleAtMs]).toEqual([[], undefined]);
    });

    it('keeps the busiest five minutes in steps of an hour', async () => {
      const hours = await app(WORKLOADS.web, { ...window, stepMs: 3_600_000 });
      const five = expectedUsage(SCENARIO, WORKLOADS.web, 'app');
      for (const hour of [0, 1, 4, 5]) {
        const inHour = (column: Float64Array): number => Math.max(...column.slice(hour * 12, hour * 12 + 12));
        expect(isClose(hours.cpuCores?.max[hour] ?? NaN, inHour(five.cpuCores.max), CPU_FLOOR_CORES)).toBe(
          true,
        );
        expect(hours.memoryBytes?.max[hour]).toBe(inHour(five.memoryBytes.max));
      }
      expect([...(hours.cpuCores?.max ?? [])].map((value) => Number.isNaN(value))).toEqual(
        [false, false, true, false, false, false].map((known, hour) => (hour === 2 ? true : known)),
      );
    });

    it('answers nothing where no step fits', async () => {
      const usage = await ask(WORKLOADS.web, { ...window, toMs: T0 + STEP_MS - 1 });
      expect(usage.containers.every(({ cpuCores }) => (cpuCores?.max.length ?? 0) === 0)).toBe(true);
    });

    it('rejects when it is down: that is unknown, not idle', async () => {
      await target.breakDown();
      await expect(ask(WORKLOADS.web)).rejects.toMatchObject({ code: 'KC_METRICS_UNAVAILABLE' });
    });
  });
}
