/** The local copies that the controller reads, slimmed to what it needs: a thousand workloads must fit in 100 MiB. */
import type {
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  PodSpec,
  PodTemplateSpec,
  StatefulSet,
} from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { HAMI_CARDS } from '#domain/cost/gpu-share.ts';
import { type CostOptimization, GROUP } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { placementOf } from '#domain/change/placement-objects.ts';
import type { WorkloadObject } from '#domain/change/workload-objects.ts';
import { slimMetadata, slimPod, slimPodSpec } from '#domain/workload/slim-objects.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  NAMESPACES,
  NODES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Informer } from '#kube/watch/informer.ts';
import type { Informers } from '#kube/watch/informers.ts';

export const COST_OPTIMIZATIONS: ResourceType<CostOptimization> = {
  group: GROUP,
  version: 'v1',
  plural: 'costoptimizations',
  kind: 'CostOptimization',
  namespaced: true,
};

/** Owned by the VPA project; watched only where the API server serves it. */
export const VERTICAL_POD_AUTOSCALERS: ResourceType<VerticalPodAutoscaler> = {
  group: 'autoscaling.k8s.io',
  version: 'v1',
  plural: 'verticalpodautoscalers',
  kind: 'VerticalPodAutoscaler',
  namespaced: true,
};

export interface VerticalPodAutoscaler extends KubeObject {
  readonly spec?: {
    readonly targetRef?: { readonly kind?: string; readonly name?: string };
    readonly updatePolicy?: { readonly updateMode?: string };
  };
}

export interface ClusterInformers {
  readonly optimizations: Informer<CostOptimization>;
  readonly deployments: Informer<Deployment>;
  readonly statefulSets: Informer<StatefulSet>;
  readonly daemonSets: Informer<DaemonSet>;
  readonly pods: Informer<Pod>;
  readonly hpas: Informer<HorizontalPodAutoscaler>;
  readonly disruptionBudgets: Informer<PodDisruptionBudget>;
  readonly nodes: Informer<Node>;
  readonly namespaces: Informer<Namespace>;
  readonly verticalAutoscalers: Informer<VerticalPodAutoscaler> | undefined;
}

export function clusterInformers(
  informers: Informers,
  options: { readonly verticalAutoscalers: boolean },
): ClusterInformers {
  return {
    optimizations: informers.of(COST_OPTIMIZATIONS, { transform: withoutManagedFields }),
    deployments: informers.of(DEPLOYMENTS, { transform: slimWorkload }),
    statefulSets: informers.of(STATEFUL_SETS, { transform: slimWorkload }),
    daemonSets: informers.of(DAEMON_SETS, { transform: slimWorkload }),
    pods: informers.of(PODS, { transform: slimPod }),
    hpas: informers.of(HORIZONTAL_POD_AUTOSCALERS, { transform: withoutManagedFields }),
    disruptionBudgets: informers.of(POD_DISRUPTION_BUDGETS, { transform: withoutManagedFields }),
    nodes: informers.of(NODES, { transform: slimNode }),
    namespaces: informers.of(NAMESPACES, { transform: withoutManagedFields }),
    verticalAutoscalers: options.verticalAutoscalers
      ? informers.of(VERTICAL_POD_AUTOSCALERS, { transform: withoutManagedFields })
      : undefined,
  };
}

/** The workload that a reference names, as far as it is known. */
export function findWorkload(cluster: ClusterInformers, ref: WorkloadRef): WorkloadObject | undefined {
  const key = { namespace: ref.namespace, name: ref.name };
  if (ref.kind === 'Deployment') return cluster.deployments.store.get(key);
  if (ref.kind === 'StatefulSet') return cluster.statefulSets.store.get(key);
  return cluster.daemonSets.store.get(key);
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _dropped, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

export function slimWorkload<T extends WorkloadObject>(workload: T): T {
  const { spec } = workload;
  if (spec === undefined) return { ...workload, metadata: slimMetadata(workload.metadata) };
  const template = slimTemplate(spec.template);
  return { ...workload, metadata: slimMetadata(workload.metadata), spec: { ...spec, template } };
}

/** Annotations that say whether pods may be moved; those of applications may be long. */
const MARKS = /^(optimization\.k8s\.io|karpenter\.sh|cluster-autoscaler\.kubernetes\.io)\//;

/** What templates say beyond sizes: where their pods may run, and what they would lose by moving. */
function slimTemplate({ metadata = {}, spec }: PodTemplateSpec): PodTemplateSpec {
  const { labels, annotations = {} } = metadata;
  const marks = Object.entries(annotations).filter(([key]) => MARKS.test(key));
  const { nodeSelector, volumes, terminationGracePeriodSeconds, priorityClassName } = spec ?? {};
  const moving = {
    nodeSelector,
    volumes: volumes?.map(slimVolume),
    terminationGracePeriodSeconds,
    priorityClassName,
  };
  return {
    spec: { ...slimPodSpec(spec), ...placementOf(spec), ...defined(moving) },
    ...(labels === undefined && marks.length === 0
      ? {}
      : {
          metadata: defined({
            labels,
            annotations: marks.length === 0 ? undefined : Object.fromEntries(marks),
          }),
        }),
  };
}

type Volume = NonNullable<PodSpec['volumes']>[number];

/** Only those that are lost, or tied, with a node. */
function slimVolume({ name, hostPath, emptyDir, persistentVolumeClaim }: Volume): Volume {
  return { name, ...defined({ hostPath, emptyDir, persistentVolumeClaim }) };
}

/** Without what is undefined: API objects have no such fields. */
function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function slimNode(node: Node): Node {
  const { name = '', uid = '', resourceVersion = '', labels = {}, deletionTimestamp } = node.metadata ?? {};
  const { taints, unschedulable } = node.spec ?? {};
  const annotations = gpuAnnotations(node);
  return {
    metadata: { name, uid, resourceVersion, labels, ...defined({ deletionTimestamp, annotations }) },
    spec: defined({ taints, unschedulable }),
    status: slimNodeStatus(node.status),
  };
}

/** The cards that HAMi registered: without them its shares of one card would count as cards. */
function gpuAnnotations({ metadata }: Node): Record<string, string> | undefined {
  const cards = metadata?.annotations?.[HAMI_CARDS];
  return cards === undefined ? undefined : { [HAMI_CARDS]: cards };
}

/** Conditions that are false say nothing, but for Ready. */
function slimNodeStatus(status: Node['status'] = {}): NonNullable<Node['status']> {
  const { capacity = {}, allocatable = {}, conditions = [] } = status;
  const telling = conditions
    .filter(({ type, status }) => type === 'Ready' || status === 'True')
    .map(({ type, status, lastTransitionTime }) => ({ type, status, ...defined({ lastTransitionTime }) }));
  return { capacity, allocatable, conditions: telling };
}
