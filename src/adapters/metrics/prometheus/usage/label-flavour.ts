/** How a source names the labels: they depend on the age of the cluster and on how the exporters are scraped. */
import type { PromqlClient, QueryRange } from '../client/promql-client.ts';

export interface LabelNames {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface Flavour {
  /** Of the kubelet's cAdvisor and resource metrics; undefined where the source has none. */
  readonly cadvisor: LabelNames | undefined;
  /** Of kube-state-metrics; undefined where the source has none. */
  readonly kubeState: LabelNames | undefined;
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

export const MEMORY_METRIC = 'container_memory_working_set_bytes';
export const RESTARTS_METRIC = 'kube_pod_container_status_restarts_total';

/** Asks the source. `matchers` narrow it to one cluster of several. Rejects with SourceError. */
export async function detectFlavour(
  client: PromqlClient,
  matchers: string,
  range: Pick<QueryRange, 'startMs' | 'endMs'>,
): Promise<Flavour> {
  const [cadvisor, kubeState] = await Promise.all(
    [MEMORY_METRIC, RESTARTS_METRIC].map((metric) => client.labelNames(`${metric}{${matchers}}`, range)),
  );
  return { cadvisor: flavourOf(cadvisor ?? []), kubeState: flavourOf(kubeState ?? []) };
}

function flavourOf(labels: readonly string[]): LabelNames | undefined {
  const has = (names: LabelNames): boolean =>
    Object.values(names).every((name: string) => labels.includes(name));
  return [EXPORTED, CURRENT, OLD].find(has);
}
