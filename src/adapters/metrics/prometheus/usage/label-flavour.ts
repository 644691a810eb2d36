/** How a source names labels and metrics: it depends on the age of the cluster, on how exporters are scraped, on what is kept. */
import type { PromqlClient, QueryRange } from '../client/promql-client.ts';

export interface LabelNames {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** The metrics that tell of CPU and memory. */
export interface UsageMetrics {
  /** A gauge of bytes. */
  readonly memory: string;
  readonly cpu: string;
  /** Cores that a rule has recorded, where the counter of seconds was dropped. */
  readonly cpuIsRecorded: boolean;
}

export interface CadvisorFlavour {
  readonly names: LabelNames;
  readonly metrics: UsageMetrics;
}

export interface Flavour {
  /** Of the kubelet's cAdvisor and resource metrics; undefined where the source has none. */
  readonly cadvisor: CadvisorFlavour | undefined;
  /** Of kube-state-metrics; undefined where the source has none. */
  readonly kubeState: LabelNames | undefined;
  /** Why there is none of cAdvisor, for people; undefined where there is one. */
  readonly problem: string | undefined;
}

const CURRENT: LabelNames = { namespace: 'namespace', pod: 'pod', container: 'container' };
/** Kubelets before 1.16. */
const OLD: LabelNames = { namespace: 'namespace', pod: 'pod_name', container: 'container_name' };
/** Where labels of the exporter's own pod win over those that it exposes (`honor_labels: false`). */
const EXPORTED: LabelNames = {
  namespace: 'exported_namespace',
  pod: 'exported_pod',
  container: 'exported_container',
};
/** A cAdvisor that runs by itself, as a DaemonSet: it shows the labels that the kubelet gives to containers. */
const STANDALONE: LabelNames = {
  namespace: 'container_label_io_kubernetes_pod_namespace',
  pod: 'container_label_io_kubernetes_pod_name',
  container: 'container_label_io_kubernetes_container_name',
};

export const MEMORY_METRIC = 'container_memory_working_set_bytes';
export const RESTARTS_METRIC = 'kube_pod_container_status_restarts_total';
export const RAW_METRICS: UsageMetrics = {
  memory: MEMORY_METRIC,
  cpu: 'container_cpu_usage_seconds_total',
  cpuIsRecorded: false,
};

/** What the rules of kubernetes-mixin (kube-prometheus-stack, OpenShift, …) record, newest first. */
const RECORDED_MEMORY = 'node_namespace_pod_container:container_memory_working_set_bytes';
const RECORDED_CPU = [
  'node_namespace_pod_container:container_cpu_usage_seconds_total:sum_rate5m',
  'node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate',
  'node_namespace_pod_container:container_cpu_usage_seconds_total:sum_rate',
  'namespace_pod_container:container_cpu_usage_seconds_total:sum_rate',
];

const NO_METRIC = `the source has no ${MEMORY_METRIC}: let it scrape the kubelets (/metrics/cadvisor)`;
const NO_LABELS = `${MEMORY_METRIC} names no pods here, so nobody can tell whose it is: the kubelet's cAdvisor does not know the container runtime (cri-dockerd), or relabelling dropped the labels`;

type TimeRange = Pick<QueryRange, 'startMs' | 'endMs'>;

/** Asks the source. `matchers` narrow it to one cluster of several. Rejects with SourceError. */
export async function detectFlavour(
  client: PromqlClient,
  matchers: string,
  range: TimeRange,
): Promise<Flavour> {
  const labelsOf = (metric: string): Promise<readonly string[]> =>
    client.labelNames(`${metric}{${matchers}}`, range);
  const [raw, restarts] = await Promise.all([labelsOf(MEMORY_METRIC), labelsOf(RESTARTS_METRIC)]);
  const names = flavourOf(raw);
  const cadvisor = names === undefined ? await recordedFlavour(labelsOf) : { names, metrics: RAW_METRICS };
  return { cadvisor, kubeState: flavourOf(restarts), problem: problemOf(cadvisor, raw) };
}

/** Where raw series are dropped once rules have read them. */
async function recordedFlavour(
  labelsOf: (metric: string) => Promise<readonly string[]>,
): Promise<CadvisorFlavour | undefined> {
  const names = flavourOf(await labelsOf(RECORDED_MEMORY));
  if (names === undefined) return undefined;
  const known = await Promise.all(RECORDED_CPU.map(labelsOf));
  const cpu = RECORDED_CPU.find((_, index) => flavourOf(known[index] ?? []) !== undefined) ?? RAW_METRICS.cpu;
  const cpuIsRecorded = cpu !== RAW_METRICS.cpu;
  return { names, metrics: { memory: RECORDED_MEMORY, cpu, cpuIsRecorded } };
}

function problemOf(cadvisor: CadvisorFlavour | undefined, raw: readonly string[]): string | undefined {
  if (cadvisor !== undefined) return undefined;
  return raw.length === 0 ? NO_METRIC : NO_LABELS;
}

function flavourOf(labels: readonly string[]): LabelNames | undefined {
  const has = (names: LabelNames): boolean =>
    Object.values(names).every((name: string) => labels.includes(name));
  return [EXPORTED, CURRENT, OLD, STANDALONE].find(has);
}
