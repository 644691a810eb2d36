/** Resource types of the built-in kinds. */
import type {
  ConfigMap,
  CronJob,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  Event,
  HorizontalPodAutoscaler,
  Job,
  Lease,
  MutatingWebhookConfiguration,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  Secret,
  Service,
  StatefulSet,
  SubjectAccessReview,
  ValidatingWebhookConfiguration,
} from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { ResourceType } from './resource-type.ts';

interface TypeOptions {
  readonly cluster?: boolean;
  readonly plural?: string;
}

function define<T extends KubeObject>(
  apiVersion: string,
  kind: string,
  options: TypeOptions = {},
): ResourceType<T> {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    plural: options.plural ?? `${kind.toLowerCase()}s`,
    kind,
    namespaced: options.cluster !== true,
  };
}

export const PODS = define<Pod>('v1', 'Pod');
export const NODES = define<Node>('v1', 'Node', { cluster: true });
export const NAMESPACES = define<Namespace>('v1', 'Namespace', { cluster: true });
export const CONFIG_MAPS = define<ConfigMap>('v1', 'ConfigMap');
export const SECRETS = define<Secret>('v1', 'Secret');
export const SERVICES = define<Service>('v1', 'Service');
export const EVENTS = define<Event>('v1', 'Event');
export const DEPLOYMENTS = define<Deployment>('apps/v1', 'Deployment');
export const REPLICA_SETS = define<ReplicaSet>('apps/v1', 'ReplicaSet');
export const STATEFUL_SETS = define<StatefulSet>('apps/v1', 'StatefulSet');
export const DAEMON_SETS = define<DaemonSet>('apps/v1', 'DaemonSet');
export const JOBS = define<Job>('batch/v1', 'Job');
export const CRON_JOBS = define<CronJob>('batch/v1', 'CronJob');
export const HORIZONTAL_POD_AUTOSCALERS = define<HorizontalPodAutoscaler>(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
);
export const POD_DISRUPTION_BUDGETS = define<PodDisruptionBudget>('policy/v1', 'PodDisruptionBudget');
export const LEASES = define<Lease>('coordination.k8s.io/v1', 'Lease');
export const CUSTOM_RESOURCE_DEFINITIONS = define<CustomResourceDefinition>(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  { cluster: true },
);
export const VALIDATING_WEBHOOKS = define<ValidatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1',
  'ValidatingWebhookConfiguration',
  { cluster: true },
);
export const MUTATING_WEBHOOKS = define<MutatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1',
  'MutatingWebhookConfiguration',
  { cluster: true },
);
export const SUBJECT_ACCESS_REVIEWS = define<SubjectAccessReview>(
  'authorization.k8s.io/v1',
  'SubjectAccessReview',
  { cluster: true },
);
