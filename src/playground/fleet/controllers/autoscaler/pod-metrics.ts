/** What the autoscaler knows of pods: the usage that metrics-server would tell. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { uidOf } from '../../meta.ts';
import { requestsOf } from '../../resources.ts';
import type { FleetUsage } from '../../usage/fleet-usage.ts';
import { readySinceMs } from '../pod-control.ts';

/** metrics-server knows a container after two scrapes, 15 s apart. */
export const METRICS_DELAY_MS = 30_000;

/** One pod as a metric sees it. `usage` is undefined where it is not known yet. */
export interface PodMetric {
  readonly usage: number | undefined;
  readonly request: number;
  /** Its usage says something: it has been ready for a while. */
  readonly isReady: boolean;
}

export interface MetricQuestion {
  readonly pod: Pod;
  readonly resource: 'cpu' | 'memory';
  /** Only this container; all where undefined. */
  readonly container: string | undefined;
  readonly nowMs: number;
}

/** Undefined where a container does not say what it asks for, which a utilization needs. */
export function podMetric(usage: FleetUsage, question: MetricQuestion): PodMetric | undefined {
  const { pod, resource, container, nowMs } = question;
  const containers = (pod.spec?.containers ?? []).filter(
    ({ name }) => container === undefined || name === container,
  );
  const requests = containers.map(({ resources }) => requestsOf(resources)[resource]);
  if (requests.some((request) => request === undefined)) return undefined;
  const meters = usage.pod(uidOf(pod))?.meters;
  const readings = containers.map(({ name }) => {
    const meter = meters?.get(name);
    return meter === undefined || nowMs - meter.startedMs < METRICS_DELAY_MS ? undefined : meter.read(nowMs);
  });
  const isKnown = readings.every((reading) => reading !== undefined);
  const total = readings.reduce((sum, reading) => {
    return sum + ((resource === 'cpu' ? reading?.cpuCores : reading?.memoryBytes) ?? 0);
  }, 0);
  const sinceMs = readySinceMs(pod);
  return {
    usage: isKnown ? total : undefined,
    request: requests.reduce<number>((sum, request) => sum + (request ?? 0), 0),
    // CPU of a pod that has just started is not its usage to come; memory is.
    isReady: sinceMs !== undefined && (resource === 'memory' || nowMs - sinceMs >= METRICS_DELAY_MS),
  };
}
