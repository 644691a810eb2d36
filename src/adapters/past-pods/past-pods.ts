/**
 * Pods that the API server has forgotten, from kube-state-metrics in a PromQL store: Jobs that were cleaned up, replicas
 * of this morning. Metrics and labels: kube_pod_container_resource_requests{namespace,pod,uid,node,resource},
 * kube_pod_status_phase{phase}, kube_pod_owner{owner_kind,owner_name,owner_is_controller} (docs/metrics/workload/pod-metrics.md
 * of kube-state-metrics). Resource names have `_` for what a label may not hold.
 */
import { detectFlavour } from '#adapters/metrics/prometheus/usage/label-flavour.ts';
import type { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import type { RangeSeries } from '#adapters/metrics/prometheus/client/range-series.ts';
import { literal } from '#adapters/metrics/prometheus/usage/selectors.ts';
import type { Parts, PodOwner, PodSpan } from '#domain/allocation/allocation.ts';
import { type NodeGpus, podGpus } from '#domain/cost/gpu-share.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';

export interface PastPodsQuery {
  readonly fromMs: number;
  readonly toMs: number;
  /** Labels that every series must have. */
  readonly matchers: Readonly<Record<string, string>>;
  /** The uids that are known already. */
  readonly known: ReadonlySet<string>;
  /** What the nodes offer, where they are still there. */
  readonly gpusOf: (node: string) => NodeGpus | undefined;
}

/**
 * One span for each pod that ran in the time and is not known, from half a step before its first sample to half a step
 * after its last. Without labels: kube-state-metrics tells them only where it is asked to. Undefined where the source has no
 * kube-state-metrics. Rejects with SourceError.
 */
export async function readPastPods(
  client: PromqlClient,
  query: PastPodsQuery,
): Promise<PodSpan[] | undefined> {
  const { fromMs, toMs } = query;
  const stepMs = toMs - fromMs <= 48 * HOUR_MS ? 5 * MINUTE_MS : HOUR_MS;
  const matchers = Object.entries(query.matchers)
    .map(([name, value]) => `${name}=${literal(value)}`)
    .join(',');
  const range = { startMs: fromMs, endMs: toMs };
  const names = (await detectFlavour(client, matchers, range)).kubeState;
  if (names === undefined) return undefined;
  const ids = `${names.namespace},${names.pod},uid`;
  const requests = await client.range(requestsQuery(ids, matchers), { ...range, stepMs });
  const owners = await client.instant(ownersQuery(ids, matchers, toMs - fromMs), toMs);
  const ownerOf = ownersByUid(owners.series);
  const series = requests.series.filter(({ labels }) => !query.known.has(labels['uid'] ?? ''));
  const byPod = Map.groupBy(series, ({ labels }) => labels['uid'] ?? '');
  return [...byPod].map(([uid, own]) => spanOf(own, { uid, names, stepMs, query, owner: ownerOf.get(uid) }));
}

/** Requests of running pods: those of pods that have ended hold no place. */
function requestsQuery(ids: string, matchers: string): string {
  const running = `max by (${ids}) (kube_pod_status_phase{${joined(matchers, 'phase="Running"')}}) == 1`;
  const requests = `kube_pod_container_resource_requests{${joined(matchers, 'node!=""')}}`;
  return `sum by (${ids},node,resource) (${requests} * on (${ids}) group_left () (${running}))`;
}

function ownersQuery(ids: string, matchers: string, windowMs: number): string {
  const owners = `kube_pod_owner{${joined(matchers, 'owner_is_controller="true"')}}`;
  const seconds = Math.ceil(windowMs / 1000);
  return `max by (${ids},owner_kind,owner_name) (max_over_time(${owners}[${String(seconds)}s]))`;
}

function joined(...matchers: readonly string[]): string {
  return matchers.filter((matcher) => matcher !== '').join(',');
}

/** A ReplicaSet is named after its Deployment and ten characters at most that kubectl's eyes can tell apart. */
const TEMPLATE_HASH = /-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/;

function ownersByUid(series: readonly RangeSeries[]): Map<string, PodOwner> {
  return new Map(
    series.map(({ labels }) => {
      const { uid = '', owner_kind: kind = '', owner_name: name = '' } = labels;
      const ofDeployment = kind === 'ReplicaSet' && TEMPLATE_HASH.test(name);
      return [
        uid,
        ofDeployment ? { kind: 'Deployment', name: name.replace(TEMPLATE_HASH, '') } : { kind, name },
      ];
    }),
  );
}

interface Found {
  readonly uid: string;
  readonly names: { readonly namespace: string; readonly pod: string };
  readonly stepMs: number;
  readonly query: PastPodsQuery;
  readonly owner: PodOwner | undefined;
}

function spanOf(series: readonly RangeSeries[], { uid, names, stepMs, query, owner }: Found): PodSpan {
  const { labels = {} } = series[0] ?? {};
  const node = labels['node'] ?? '';
  const times = series.flatMap(({ times: each }) => [each[0] ?? Number.NaN, each.at(-1) ?? Number.NaN]);
  return {
    uid,
    namespace: labels[names.namespace] ?? '',
    name: labels[names.pod] ?? '',
    owner,
    labels: {},
    node,
    fromMs: Math.min(...times) - stepMs / 2,
    toMs: Math.max(...times) + stepMs / 2,
    requests: requestsOf(series, query.gpusOf(node)),
    usage: {},
  };
}

/** The last value of each: a resize in place may have changed it. */
function requestsOf(series: readonly RangeSeries[], gpus: NodeGpus | undefined): Partial<Parts> {
  const last = series.flatMap(({ labels, values }) => {
    const value = values.findLast((each) => Number.isFinite(each));
    return value === undefined ? [] : [[resourceName(labels['resource'] ?? ''), value] as const];
  });
  const { cpu, memory, ...others } = Object.fromEntries(last) as Readonly<Record<string, number>>;
  const requests = Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)]));
  const spec = { containers: [{ name: 'all', resources: { requests } }] };
  const gpu = podGpus(spec, gpus ?? { memoryMib: undefined, unit: 1 });
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(gpu === 0 ? {} : { gpu }),
  };
}

/** `nvidia_com_gpu` is `nvidia.com/gpu`, `nvidia_com_mig_1g_5gb` is `nvidia.com/mig-1g.5gb`. */
function resourceName(sanitized: string): string {
  return sanitized
    .replace(/^nvidia_com_mig_(\d+g)_(\d+gb).*$/, 'nvidia.com/mig-$1.$2')
    .replace(/^nvidia_com_gpumem_percentage$/, 'nvidia.com/gpumem-percentage')
    .replace(/^(nvidia|amd)_com_gpu_shared$/, '$1.com/gpu.shared')
    .replace(/^(nvidia|amd)_com_/, '$1.com/')
    .replace(/^(rebellions|furiosa|habana)_ai_/, '$1.ai/')
    .replace(/^gpu_intel_com_/, 'gpu.intel.com/');
}
