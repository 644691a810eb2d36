/** The embedded collector, fed through a metrics API that tells the scenario tick by tick. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Collector } from '#adapters/metrics/embedded/collector/collector.ts';
import { ListedPods } from '#adapters/metrics/embedded/collector/pod-source.ts';
import { EmbeddedUsage } from '#adapters/metrics/embedded/embedded-usage.ts';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import { FakeCluster } from '#adapters/metrics/embedded/testing/fake-cluster.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';
import {
  type Scenario,
  type ScenarioContainer,
  type ScenarioPod,
  T0,
  TICK_MS,
  endingsUntil,
  stepOf,
  stepStartMs,
} from './scenario.ts';
import type { MetricsTarget, MetricsTargetStarter } from './target.ts';

export const EMBEDDED: MetricsTargetStarter = {
  name: 'the embedded collector',
  unavailable: () => undefined,
  tellsBlindRestarts: 'at their time',
  start,
};

async function start(scenario: Scenario): Promise<MetricsTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'kcloud-embedded-'));
  const path = join(folder, 'usage.db');
  const cluster = new FakeCluster();
  const clock = new ManualClock(T0);
  let history = UsageHistory.open(path);
  const collectorOf = (): Collector =>
    new Collector({
      client: cluster.client,
      pods: new ListedPods(cluster.client),
      history,
      clock,
      logger: silentLogger,
    });
  let collector = collectorOf();
  const endMs = stepStartMs(scenario.steps);
  for (let nowMs = T0; nowMs <= endMs; nowMs += TICK_MS) {
    await clock.advance(nowMs - clock.now());
    if (nowMs === stepStartMs(15)) {
      // A new version of the operator is rolled out: everything in memory is gone.
      await collector.stop();
      history.close();
      history = UsageHistory.open(path);
      collector = collectorOf();
    }
    tell(cluster, scenario, nowMs);
    await collector.look();
  }
  return {
    source: new EmbeddedUsage(history.reader, () => collector.status),
    breakDown: () => {
      history.close();
      return Promise.resolve();
    },
    stop: async () => {
      await collector.stop();
      history.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes the cluster what it is at a time. */
function tell(cluster: FakeCluster, scenario: Scenario, nowMs: number): void {
  const step = stepOf(nowMs);
  cluster.pods.clear();
  cluster.samples.clear();
  cluster.faults.clear();
  if (scenario.blindSteps.has(step)) cluster.faults.set('/', 'broken');
  for (const pod of scenario.pods) {
    if (step < pod.fromStep || step >= pod.toStep) continue;
    tellPod(cluster, pod, nowMs);
  }
}

function tellPod(cluster: FakeCluster, pod: ScenarioPod, nowMs: number): void {
  const workload = pod.workload ?? {
    kind: pod.controller.kind,
    namespace: pod.namespace,
    name: pod.controller.name,
  };
  cluster.add({
    workload,
    name: pod.name,
    uid: pod.uid,
    createdMs: stepStartMs(pod.fromStep),
    ...(pod.controller.kind === 'ReplicaSet' ? { replicaSet: pod.controller.name } : {}),
    containers: pod.containers.map((container) => containerAt(container, nowMs)),
  });
  const usage = Object.fromEntries(
    pod.containers.map((container) => [container.name, usageAt(container, nowMs)]),
  );
  cluster.samples.set(pod.name, { takenMs: nowMs, usage });
}

function containerAt(container: ScenarioContainer, nowMs: number) {
  const endings = endingsUntil(container, nowMs);
  const last = endings.at(-1);
  return {
    name: container.name,
    restarts: endings.length,
    ...(container.limitBytes === undefined ? {} : { memoryLimit: String(container.limitBytes) }),
    ...(last === undefined ? {} : { lastEnd: { reason: last.reason, finishedMs: last.atMs } }),
  };
}

function usageAt(
  { usage }: ScenarioContainer,
  nowMs: number,
): { readonly cpu: string; readonly memory: string } {
  const now = usage(stepOf(nowMs));
  if (now === undefined) return { cpu: '-1', memory: 'NaN' };
  return { cpu: `${String(Math.round(now.cpuCores * 1e9))}n`, memory: String(now.memoryBytes) };
}
