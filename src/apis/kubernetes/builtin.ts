/** The built-in kinds that the product reads or writes, under one roof. Types only: nothing is loaded. */
export type { Lease } from 'kubernetes-types/coordination/v1.js';
export type {
  ConfigMap,
  Container,
  ContainerStatus,
  Event,
  Namespace,
  Node,
  Pod,
  PodSpec,
  PodTemplateSpec,
  ResourceRequirements,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.js';
export type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from 'kubernetes-types/apps/v1.js';
export type { CronJob, Job } from 'kubernetes-types/batch/v1.js';
export type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
export type { Scale as ScaleObject } from 'kubernetes-types/autoscaling/v1.js';
export type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
export type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1.js';
export type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from 'kubernetes-types/admissionregistration/v1.js';
export type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
} from 'kubernetes-types/rbac/v1.js';
export type { SubjectAccessReview } from 'kubernetes-types/authorization/v1.js';
export type { Condition, LabelSelector, ObjectMeta as BuiltinMeta } from 'kubernetes-types/meta/v1.js';
