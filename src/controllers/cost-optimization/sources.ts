/** What leads to a reconcile of a CostOptimization. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { type KubeObject, keyOf, type ObjectKey } from '#apis/kubernetes/object.ts';
import {
  ACCEPT,
  APPROVE,
  type CostOptimization,
  OPTIMIZED_BY,
  ROLL_BACK,
} from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { Phase } from '#apis/optimization.k8s.io/v1/status.ts';
import type { WorkloadKind } from '#domain/workload/workload-ref.ts';
import type { Informer } from '#kube/watch/informer.ts';
import { anyOf, generationChanged, metadataChanged, valueChanged } from '#runtime/controller/predicates.ts';
import { type Source, watchMapped, watchOwn } from '#runtime/controller/source.ts';
import type { ClusterInformers } from './stores.ts';
import { byTarget, podIndexValue, workloadIndexValue } from './target-index.ts';

/** Phases in which what pods and workloads do matters at once. */
const AWAKE: readonly Phase[] = ['Applying', 'Applied'];

export function costOptimizationSources(cluster: ClusterInformers): Source[] {
  return [
    watchOwn(cluster.optimizations, anyOf(generationChanged, requestsChanged, turned)),
    ...watchWorkloads('Deployment', cluster.deployments, cluster),
    ...watchWorkloads('StatefulSet', cluster.statefulSets, cluster),
    ...watchWorkloads('DaemonSet', cluster.daemonSets, cluster),
    watchMapped(
      cluster.pods,
      (pod) => concerned(cluster, podIndexValue(pod), AWAKE),
      valueChanged(podMatters),
    ),
    watchMapped(cluster.nodes, (node) => onNode(cluster, node), valueChanged(nodeMatters)),
  ];
}

const requestsChanged = anyOf(
  ...[APPROVE, ROLL_BACK, ACCEPT].map((name) => metadataChanged('annotations', name)),
);

/** Our own status writes lead on where they turn to another phase: the next reconcile then sees what was written. */
const turned = valueChanged<CostOptimization>(({ status }) => [
  status?.phase,
  status?.applying?.id,
  status?.applying?.resizeRefused,
  status?.verification?.result,
  status?.lastRolledBack,
]);

/** Every change while one is applied or watched; coming and going for those that wait for their workload. */
function watchWorkloads<T extends KubeObject>(
  kind: WorkloadKind,
  informer: Informer<T>,
  cluster: ClusterInformers,
): Source[] {
  const concernedIn = (phases: readonly Phase[]) => (workload: T) =>
    concerned(cluster, workloadIndexValue(kind, workload), phases);
  return [
    watchMapped(informer, concernedIn(AWAKE)),
    watchMapped(informer, concernedIn(['Pending']), (change) => change.type !== 'MODIFIED'),
    // A person takes our mark off where an original was lost.
    watchMapped(informer, concernedIn(['Failed']), metadataChanged('annotations', OPTIMIZED_BY)),
  ];
}

/** The CostOptimizations of a workload that are in one of the phases. */
function concerned(
  cluster: ClusterInformers,
  target: string | undefined,
  phases: readonly Phase[],
): readonly ObjectKey[] {
  if (target === undefined) return [];
  return cluster.optimizations.store
    .byIndex(byTarget, target)
    .filter(({ status }) => phases.includes(status?.phase ?? 'Pending'))
    .map(keyOf);
}

/** The CostOptimizations whose pods were last seen on a node that can be taken away. */
function onNode(cluster: ClusterInformers, { metadata }: Node): readonly ObjectKey[] {
  const name = metadata?.name ?? '';
  return cluster.optimizations.store
    .list()
    .filter(({ status }) => AWAKE.includes(status?.phase ?? 'Pending') && name in (status?.spot?.nodes ?? {}))
    .map(keyOf);
}

/** Signs that a node is taken away; heartbeats are not. */
function nodeMatters({ metadata, spec, status }: Node): unknown {
  return [
    metadata?.deletionTimestamp,
    spec?.taints?.map(({ key }) => key),
    status?.conditions?.map(({ type, status: state }) => [type, state]),
  ];
}

/** What a change under watch is judged by; heartbeats and probes' times are not. */
function podMatters(pod: Pod): unknown {
  const { status, metadata, spec } = pod;
  return [
    metadata?.deletionTimestamp,
    status?.phase,
    status?.conditions?.map(({ type, status: state, reason }) => [type, state, reason]),
    status?.containerStatuses?.map(({ restartCount, state, resources }) => [
      restartCount,
      Object.keys(state ?? {}),
      state?.waiting?.reason,
      resources,
    ]),
    spec?.containers.map(({ resources }) => resources),
  ];
}
