/** kube_node_*, kube_namespace_* and what guards workloads: budgets and autoscalers. */
import type {
  HorizontalPodAutoscaler,
  Namespace,
  Node,
  PodDisruptionBudget,
} from '#apis/kubernetes/builtin.ts';
import { labelsOf, nameOf } from '../meta.ts';
import {
  amountSamples,
  conditionSamples,
  createdSeconds,
  family,
  named,
  numbers,
  oneOf,
} from './kube-state-samples.ts';
import type { Labels, ObjectFamily } from './metric-text.ts';

const ofAutoscaler = named('horizontalpodautoscaler');
const ofBudget = named('poddisruptionbudget');

function ofNode(node: Node): Labels {
  return { node: nameOf(node) };
}

function ofNamespace(namespace: Namespace): Labels {
  return { namespace: nameOf(namespace) };
}

export const NODE_FAMILIES: readonly ObjectFamily<Node>[] = [
  family('kube_node_info', (node) => [[{ ...ofNode(node), ...systemLabels(node) }, 1]]),
  family('kube_node_labels', (node) => [[{ ...ofNode(node), ...labelLabels(labelsOf(node)) }, 1]]),
  ...numbers<Node>('kube_node', ofNode, {
    created: createdSeconds,
    spec_unschedulable: ({ spec }) => Number(spec?.unschedulable === true),
  }),
  family('kube_node_spec_taint', (node) =>
    (node.spec?.taints ?? []).map(({ key, value = '', effect }) => [
      { ...ofNode(node), key, value, effect },
      1,
    ]),
  ),
  family('kube_node_status_capacity', (node) => amountSamples(ofNode(node), node.status?.capacity)),
  family('kube_node_status_allocatable', (node) => amountSamples(ofNode(node), node.status?.allocatable)),
  family('kube_node_status_condition', (node) => conditionSamples(ofNode(node), node.status?.conditions)),
];

function systemLabels({ spec, status }: Node): Labels {
  const { kernelVersion, osImage, containerRuntimeVersion, kubeletVersion, systemUUID } =
    status?.nodeInfo ?? {};
  const internal = status?.addresses?.find(({ type }) => type === 'InternalIP');
  const labels = {
    kernel_version: kernelVersion,
    os_image: osImage,
    container_runtime_version: containerRuntimeVersion,
    kubelet_version: kubeletVersion,
    kubeproxy_version: 'deprecated',
    provider_id: spec?.providerID,
    pod_cidr: spec?.podCIDR,
    system_uuid: systemUUID,
    internal_ip: internal?.address,
  };
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, value ?? '']));
}

/** `label_topology_kubernetes_io_zone`: how kube-state-metrics names labels that it is told to show. */
function labelLabels(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [`label_${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`, value]),
  );
}

export const NAMESPACE_FAMILIES: readonly ObjectFamily<Namespace>[] = [
  ...numbers<Namespace>('kube_namespace', ofNamespace, { created: createdSeconds }),
  family('kube_namespace_status_phase', (one) =>
    oneOf(ofNamespace(one), 'phase', { all: ['Active', 'Terminating'], is: one.status?.phase ?? 'Active' }),
  ),
];

export const AUTOSCALER_FAMILIES: readonly ObjectFamily<HorizontalPodAutoscaler>[] = [
  family('kube_horizontalpodautoscaler_info', (one) => {
    const { apiVersion = '', kind = '', name = '' } = one.spec?.scaleTargetRef ?? {};
    const target = {
      scaletargetref_api_version: apiVersion,
      scaletargetref_kind: kind,
      scaletargetref_name: name,
    };
    return [[{ ...ofAutoscaler(one), ...target }, 1]];
  }),
  ...numbers<HorizontalPodAutoscaler>('kube_horizontalpodautoscaler', ofAutoscaler, {
    spec_min_replicas: ({ spec }) => spec?.minReplicas ?? 1,
    spec_max_replicas: ({ spec }) => spec?.maxReplicas,
    status_current_replicas: ({ status }) => status?.currentReplicas,
    status_desired_replicas: ({ status }) => status?.desiredReplicas,
  }),
  family('kube_horizontalpodautoscaler_status_condition', (one) =>
    conditionSamples(ofAutoscaler(one), one.status?.conditions),
  ),
];

export const BUDGET_FAMILIES: readonly ObjectFamily<PodDisruptionBudget>[] = numbers<PodDisruptionBudget>(
  'kube_poddisruptionbudget',
  ofBudget,
  {
    created: createdSeconds,
    status_current_healthy: ({ status }) => status?.currentHealthy,
    status_desired_healthy: ({ status }) => status?.desiredHealthy,
    status_pod_disruptions_allowed: ({ status }) => status?.disruptionsAllowed,
    status_expected_pods: ({ status }) => status?.expectedPods,
    status_observed_generation: ({ status }) => status?.observedGeneration,
  },
);
