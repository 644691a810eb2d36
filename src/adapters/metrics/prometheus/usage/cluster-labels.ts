/** Stores of several clusters: two clusters with a namespace and a workload of the same name must never be one. */
import type { PromqlClient, QueryRange } from '../client/promql-client.ts';
import { SourceError } from '../client/source-error.ts';
import { MEMORY_METRIC } from './label-flavour.ts';

/** External labels by which Prometheus, Thanos, Mimir and the usual agents tell clusters apart. */
const CLUSTER_LABELS = [
  'cluster',
  'cluster_name',
  'cluster_id',
  'k8s_cluster',
  'k8s_cluster_name',
  'kubernetes_cluster',
];
const SHOWN = 5;

/**
 * Rejects with SourceError where the series come from several clusters and `matchers` do not choose one, since usage of
 * all of them together is the usage of none.
 */
export async function ensureOneCluster(
  client: PromqlClient,
  matchers: Readonly<Record<string, string>>,
  { selector, range }: ClusterLook,
): Promise<void> {
  const match = `${MEMORY_METRIC}{${selector}}`;
  const present = await client.labelNames(match, range);
  const open = CLUSTER_LABELS.filter((label) => present.includes(label) && matchers[label] === undefined);
  for (const label of open) {
    const clusters = await client.labelValues(label, match, range);
    if (clusters.length > 1) throw ambiguous(client.name, label, clusters);
  }
}

export interface ClusterLook {
  /** Matchers of the user, as they stand in a selector. */
  readonly selector: string;
  readonly range: Pick<QueryRange, 'startMs' | 'endMs'>;
}

function ambiguous(source: string, label: string, clusters: readonly string[]): SourceError {
  const shown = clusters.slice(0, SHOWN).join(', ');
  const more = clusters.length > SHOWN ? `, and ${String(clusters.length - SHOWN)} more` : '';
  return new SourceError('KC_METRICS_UNAVAILABLE', 'none', {
    object: source,
    problem: `it holds ${String(clusters.length)} clusters (${label}: ${shown}${more}) and nobody has said which is this one`,
    fix: `name it: --cluster-label ${label}=${clusters[0] ?? ''} (or PROMETHEUS_LABELS)`,
  });
}
