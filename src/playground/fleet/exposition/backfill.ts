/**
 * Days before the start as OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`. Names and labels
 * are those that scrapes of the fleet produce later, so that queries see one history.
 */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { PODS, REPLICA_SETS } from '#kube/client/builtin-types.ts';
import { CFS_PERIOD_SECONDS } from '../usage/throttling.ts';
import { type PastRange, type PastSeries, pastUsage } from '../usage/past-usage.ts';
import { containerLabelsOf } from './cadvisor-metrics.ts';
import type { FleetView } from './fleet-view.ts';
import { CONTAINER_FAMILIES, POD_FAMILIES } from './kube-state-pods.ts';
import { REPLICA_SET_FAMILIES } from './kube-state-workloads.ts';
import { type Labels, type ObjectFamily, labelText, valueText } from './metric-text.ts';
import { cadvisorTargetLabels, kubeStateTargetLabels } from './scrape-config.ts';

/** One series: a value at the end of each step. */
interface BackfillSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly valueAt: (step: number) => number;
}

/** What kube-state-metrics said all the time: everything that does not change while nothing happens. */
const STEADY = new Set([
  'kube_pod_info',
  'kube_pod_owner',
  'kube_pod_status_phase',
  'kube_pod_container_info',
  'kube_pod_container_resource_requests',
  'kube_pod_container_resource_limits',
  'kube_replicaset_owner',
]);

/** The lines of all series, each series in one piece; the last line is `# EOF`. */
export function* backfillLines(view: FleetView, range: PastRange): Generator<string> {
  const past = pastUsage(view.usage, range);
  const series = [
    ...past.flatMap((each) => usageSeries(view, each, range)),
    ...past.flatMap((each) => restartSeries(each, range)),
    ...steadySeries(view),
  ];
  const steps = Math.ceil((range.untilMs - range.fromMs) / range.stepMs);
  for (const { name, labels, valueAt } of series.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const head = `${name}${labelText(labels)}`;
    for (let step = 0; step < steps; step += 1) {
      const atSeconds = (range.fromMs + (step + 1) * range.stepMs) / 1000;
      yield `${head} ${valueText(valueAt(step))} ${atSeconds}\n`;
    }
  }
  yield '# EOF\n';
}

/** Writes the lines to a file. */
export async function writeBackfill(path: string, lines: Iterable<string>): Promise<void> {
  const out = createWriteStream(path);
  let pending = '';
  for (const line of lines) {
    pending += line;
    if (pending.length < 1 << 20) continue;
    if (!out.write(pending)) await once(out, 'drain');
    pending = '';
  }
  out.end(pending);
  await once(out, 'finish');
}

function usageSeries(view: FleetView, past: PastSeries, range: PastRange): readonly BackfillSeries[] {
  const labels = {
    ...containerLabelsOf(view, past.pod, past.container),
    ...cadvisorTargetLabels(past.pod.nodeName),
  };
  const stepSeconds = range.stepMs / 1000;
  const periods = stepSeconds / CFS_PERIOD_SECONDS;
  const series = [
    {
      name: 'container_cpu_usage_seconds_total',
      labels: { ...labels, cpu: 'total' },
      valueAt: cumulated(past.cpuCores, stepSeconds),
    },
    {
      name: 'container_memory_working_set_bytes',
      labels,
      valueAt: (step: number) => Math.round(past.memoryBytes[step] ?? NaN),
    },
  ];
  if (past.limits.cpuCores === undefined) return series;
  const counter = (name: string, values: Float64Array, factor: number): BackfillSeries => ({
    name: `container_cpu_cfs_${name}_total`,
    labels,
    valueAt: cumulated(values, factor),
  });
  return [
    ...series,
    counter('periods', past.cfsShare, periods),
    counter('throttled_periods', past.throttledShare, periods),
    counter('throttled_seconds', past.throttledTimeShare, stepSeconds),
  ];
}

function restartSeries(
  { pod, container, oomKills, restartsMs }: PastSeries,
  range: PastRange,
): readonly BackfillSeries[] {
  const { namespace, name, uid } = pod;
  const labels = { namespace, pod: name, uid, container, ...kubeStateTargetLabels() };
  const endMs = (step: number): number => range.fromMs + (step + 1) * range.stepMs;
  const restartsBy = (step: number): number => restartsMs.filter((atMs) => atMs <= endMs(step)).length;
  const restarts = { name: 'kube_pod_container_status_restarts_total', labels, valueAt: restartsBy };
  const [firstKill] = oomKills;
  if (firstKill === undefined) return [restarts];
  const reason = {
    name: 'kube_pod_container_status_last_terminated_reason',
    labels: { ...labels, reason: 'OOMKilled' },
    valueAt: (step: number) => (firstKill.atMs <= endMs(step) ? 1 : 0),
  };
  return [restarts, reason];
}

function steadySeries({ context }: FleetView): readonly BackfillSeries[] {
  const { access } = context;
  return [
    ...steady([...POD_FAMILIES, ...CONTAINER_FAMILIES], access.list(PODS)),
    ...steady(REPLICA_SET_FAMILIES, access.list(REPLICA_SETS)),
  ];
}

function steady<T extends KubeObject>(
  families: readonly ObjectFamily<T>[],
  objects: readonly T[],
): readonly BackfillSeries[] {
  return families
    .filter((family) => STEADY.has(family.name))
    .flatMap((family) =>
      objects.flatMap(family.samples).map(([labels, value]) => ({
        name: family.name,
        labels: { ...labels, ...kubeStateTargetLabels() },
        valueAt: () => value,
      })),
    );
}

/** A counter: the sum up to and including each step. Steps must be asked for in order. */
function cumulated(values: Float64Array, factor: number): (step: number) => number {
  let sum = 0;
  return (step) => {
    sum += (values[step] ?? 0) * factor;
    return sum;
  };
}
