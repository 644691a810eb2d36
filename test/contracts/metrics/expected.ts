/** What a source must tell of a scenario, computed the plain way: straight from the pods, step by step. */
import type { UsageSeries } from '#domain/usage/usage.ts';
import { type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';
import { type Scenario, type ScenarioPod, STEP_MS, T0, stepStartMs } from './scenario.ts';

export interface ExpectedContainer {
  readonly cpuCores: UsageSeries;
  readonly memoryBytes: UsageSeries;
  /** Per step: the most restarts of one pod. */
  readonly restartsMax: Float64Array;
}

function podsOf(scenario: Scenario, workload: WorkloadRef): readonly ScenarioPod[] {
  return scenario.pods.filter(
    (pod) => pod.workload !== undefined && workloadKey(pod.workload) === workloadKey(workload),
  );
}

/** The container names of a workload, in order. */
export function expectedContainers(scenario: Scenario, workload: WorkloadRef): readonly string[] {
  const names = podsOf(scenario, workload).flatMap(({ containers }) => containers.map(({ name }) => name));
  return [...new Set(names)].sort();
}

export function expectedUsage(
  scenario: Scenario,
  workload: WorkloadRef,
  container: string,
): ExpectedContainer {
  const series = (quantity: 'cpuCores' | 'memoryBytes'): UsageSeries => {
    const unknown = (): Float64Array => new Float64Array(scenario.steps).fill(Number.NaN);
    const result = { startMs: T0, stepMs: STEP_MS, max: unknown(), mean: unknown(), pods: unknown() };
    for (let step = 0; step < scenario.steps; step += 1) {
      const values = valuesIn(scenario, podsOf(scenario, workload), { step, container }).map(
        (usage) => usage[quantity],
      );
      if (values.length === 0) continue;
      result.max[step] = Math.max(...values);
      result.mean[step] = values.reduce((sum, value) => sum + value, 0) / values.length;
      result.pods[step] = values.length;
    }
    return result;
  };
  return {
    cpuCores: series('cpuCores'),
    memoryBytes: series('memoryBytes'),
    restartsMax: restarts(scenario, podsOf(scenario, workload), container),
  };
}

interface Place {
  readonly step: number;
  readonly container: string;
}

function valuesIn(scenario: Scenario, pods: readonly ScenarioPod[], { step, container }: Place) {
  if (scenario.blindSteps.has(step)) return [];
  const alive = pods.filter(({ fromStep, toStep }) => step >= fromStep && step < toStep);
  const containers = alive.flatMap((pod) => pod.containers.filter(({ name }) => name === container));
  return containers.flatMap(({ usage }) => usage(step) ?? []);
}

function restarts(scenario: Scenario, pods: readonly ScenarioPod[], container: string): Float64Array {
  return Float64Array.from({ length: scenario.steps }, (_, step) => {
    if (valuesIn(scenario, pods, { step, container }).length === 0) return Number.NaN;
    const counts = pods.map(({ containers }) => {
      const endings = containers
        .filter(({ name }) => name === container)
        .flatMap(({ endings: all = [] }) => all);
      return endings.filter(({ atMs }) => atMs > stepStartMs(step) && atMs <= stepStartMs(step + 1)).length;
    });
    return Math.max(0, ...counts);
  });
}
