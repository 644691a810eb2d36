/** The Kubernetes objects of a declared workload. */
import type { PodTemplateSpec } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  JOBS,
  POD_DISRUPTION_BUDGETS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { USAGE_ANNOTATION } from '#playground/fleet/usage/usage-schema.ts';
import type { WorkloadDeclaration } from './workload-declaration.ts';

/** An object and the collection that it goes to. */
export interface Placed {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

export function objectsOf(workload: WorkloadDeclaration): readonly Placed[] {
  return [workloadObject(workload), ...autoscalerOf(workload), ...budgetOf(workload)];
}

function workloadObject(workload: WorkloadDeclaration): Placed {
  const { kind = 'Deployment', replicas = 1, labels, annotations } = workload;
  const metadata = { ...named(workload), labels: { ...appLabel(workload), ...labels }, annotations };
  const template = podTemplate(workload);
  const selector = { matchLabels: appLabel(workload) };
  switch (kind) {
    case 'Deployment':
      return {
        type: DEPLOYMENTS,
        object: { metadata, spec: { replicas, selector, template } } as KubeObject,
      };
    case 'StatefulSet': {
      const spec = { replicas, selector, template, serviceName: workload.name };
      return { type: STATEFUL_SETS, object: { metadata, spec } as KubeObject };
    }
    case 'DaemonSet':
      return { type: DAEMON_SETS, object: { metadata, spec: { selector, template } } as KubeObject };
    case 'Job':
      return { type: JOBS, object: { metadata, spec: { parallelism: replicas, template } } as KubeObject };
  }
}

const named = ({ namespace, name }: WorkloadDeclaration) => ({ namespace, name });
const appLabel = ({ name }: WorkloadDeclaration) => ({ app: name });

function podTemplate(workload: WorkloadDeclaration): PodTemplateSpec {
  const { cpu, memory, gpus, kind, name, usage } = workload;
  const amounts = { cpu, memory, ...(gpus === undefined ? {} : { 'nvidia.com/gpu': String(gpus) }) };
  const everywhere = [{ operator: 'Exists' }];
  const onGpus = [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }];
  return {
    metadata: { labels: appLabel(workload), annotations: { [USAGE_ANNOTATION]: usage } },
    spec: {
      containers: [
        { name, image: `registry.example/${name}:1`, resources: { requests: amounts, limits: amounts } },
      ],
      ...(kind === 'DaemonSet' ? { tolerations: everywhere } : {}),
      ...(gpus === undefined ? {} : { tolerations: onGpus }),
      ...(kind === 'Job' ? { restartPolicy: 'Never' } : {}),
    },
  };
}

function autoscalerOf(workload: WorkloadDeclaration): readonly Placed[] {
  const { autoscaler, name } = workload;
  if (autoscaler === undefined) return [];
  const { minReplicas, maxReplicas, percent } = autoscaler;
  const target = { type: 'Utilization', averageUtilization: percent };
  const spec = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas,
    maxReplicas,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
  };
  return [{ type: HORIZONTAL_POD_AUTOSCALERS, object: { metadata: named(workload), spec } as KubeObject }];
}

function budgetOf(workload: WorkloadDeclaration): readonly Placed[] {
  if (workload.keepsEveryPod !== true) return [];
  const spec = { maxUnavailable: 0, selector: { matchLabels: appLabel(workload) } };
  return [{ type: POD_DISRUPTION_BUDGETS, object: { metadata: named(workload), spec } as KubeObject }];
}
