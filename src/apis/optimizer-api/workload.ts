/** Workloads and their usage, as the optimizer API answers. */
import { type Static, Type } from 'typebox';
import { nullable, numberOrNull, text, UnknownReasons } from './vocabulary.ts';

const Amount = nullable(Type.String({ description: 'A quantity such as 750m or 2Gi.' }));

/** One pod's sizes, summed over its containers. */
const ResourceSpec = Type.Object(
  {
    cpu_request: Amount,
    memory_request: Amount,
    cpu_limit: Amount,
    memory_limit: Amount,
    unknown: UnknownReasons,
  },
  { description: 'What one pod asks for, summed over its containers; null where any of them sets none.' },
);
export type ResourceSpec = Static<typeof ResourceSpec>;

export const WorkloadSchema = Type.Object(
  {
    id: text('The uid of the workload; Kind:namespace:name is understood in its place.'),
    cluster_id: nullable(text('The uid of the namespace kube-system, which names a cluster.')),
    cluster_name: text('As configured.'),
    namespace: text('Its namespace.'),
    name: text('Its name.'),
    kind: text('Deployment, StatefulSet or DaemonSet.'),
    replicas: Type.Integer({ description: 'Pods wanted.' }),
    provider: nullable(text('aws, gcp, azure, …: from the nodes.')),
    current_resources: ResourceSpec,
    unknown: UnknownReasons,
  },
  { description: 'A workload.' },
);
export type WorkloadAnswer = Static<typeof WorkloadSchema>;

export const WorkloadsAnswer = Type.Object({
  workloads: Type.Array(WorkloadSchema),
  count: Type.Integer({ description: 'How many workloads are listed.' }),
});

const MetricStats = Type.Object({
  avg: numberOrNull('Mean over time and pods.'),
  p50: numberOrNull('Median over time of the mean over pods.'),
  p95: numberOrNull('95th percentile over time of the mean over pods.'),
  p99: numberOrNull('99th percentile over time of the mean over pods.'),
  max: numberOrNull('The most that any single pod used.'),
  min: numberOrNull('The least over time of the mean over pods.'),
});
export type MetricStats = Static<typeof MetricStats>;

const ContainerMetrics = Type.Object({
  container: text('Its name.'),
  cpu_usage: MetricStats,
  memory_usage: MetricStats,
  oom_kills: Type.Integer({ description: 'Kills for memory in the window.' }),
});

export const WorkloadMetricsSchema = Type.Object(
  {
    workload_id: text('The workload.'),
    cpu_usage: MetricStats,
    memory_usage: MetricStats,
    cpu_utilization_pct: numberOrNull('Mean CPU used by a pod, in percent of its request.'),
    memory_utilization_pct: numberOrNull('Mean memory used by a pod, in percent of its request.'),
    sample_count: Type.Integer({ description: 'Samples read.' }),
    time_range_hours: Type.Number({ description: 'How far back was looked.' }),
    containers: Type.Array(ContainerMetrics),
    source: text('The metrics source that answered.'),
    last_sample_at: nullable(Type.String({ format: 'date-time' })),
    warnings: Type.Optional(Type.Array(Type.String(), { description: 'What the source said.' })),
    unknown: UnknownReasons,
  },
  { description: 'Usage of one pod of a workload: CPU in cores, memory in bytes.' },
);
export type WorkloadMetricsAnswer = Static<typeof WorkloadMetricsSchema>;
