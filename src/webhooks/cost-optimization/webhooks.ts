/** The two webhooks of CostOptimization: defaults, and validation against target, user and others. */
import type { SubjectAccessReview } from '#apis/kubernetes/builtin.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { targetOf } from '#domain/policy/optimization-policy.ts';
import type { WorkloadKind, WorkloadRef } from '#domain/workload/workload-ref.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  NAMESPACES,
  STATEFUL_SETS,
  SUBJECT_ACCESS_REVIEWS,
} from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { StoreReader } from '#kube/store/object-store.ts';
import type { AdmissionRequest, UserInfo } from '#runtime/admission/admission-review.ts';
import { exceptNamespaces, type Verdict, type Webhook } from '#runtime/admission/webhook.ts';
import { allow, type Permission } from '#runtime/rbac/permission.ts';
import { defaultCostOptimization } from './default.ts';
import { validateCostOptimization, type ValidationFacts } from './validate.ts';

export interface WebhookDependencies {
  readonly client: KubeClient;
  readonly type: ResourceType<CostOptimization>;
  /** The local copy; what it lacks of the last second is caught again before every apply. */
  readonly optimizations: StoreReader<CostOptimization>;
  readonly operatorNamespace: string;
}

const WORKLOAD_TYPES: Readonly<Record<WorkloadKind, ResourceType>> = {
  Deployment: DEPLOYMENTS,
  StatefulSet: STATEFUL_SETS,
  DaemonSet: DAEMON_SETS,
};

export const WEBHOOK_PERMISSIONS: readonly Permission[] = [
  allow(SUBJECT_ACCESS_REVIEWS, ['create']),
  allow(NAMESPACES, ['get']),
  ...Object.values(WORKLOAD_TYPES).map((type) => allow(type, ['get'])),
];

export function costOptimizationWebhooks(deps: WebhookDependencies): Webhook<CostOptimization>[] {
  const shared = {
    type: deps.type,
    operations: ['CREATE', 'UPDATE'],
    namespaceSelector: exceptNamespaces('kube-system', 'kube-public', 'kube-node-lease'),
  } as const;
  return [
    {
      ...shared,
      name: 'default.costoptimizations.optimization.k8s.io',
      path: '/mutate-optimization-k8s-io-v1-costoptimization',
      mutate: (optimization) => defaultCostOptimization(optimization),
    },
    {
      ...shared,
      name: 'validate.costoptimizations.optimization.k8s.io',
      path: '/validate-optimization-k8s-io-v1-costoptimization',
      permissions: WEBHOOK_PERMISSIONS,
      validate: (request) => validate(request, deps),
    },
  ];
}

async function validate(
  request: AdmissionRequest<CostOptimization>,
  deps: WebhookDependencies,
): Promise<Verdict> {
  const { object, oldObject } = request;
  if (object === null || isLettingGo(object)) return { problems: [] };
  // The object of a request carries no namespace until it is stored.
  const namespace = object.metadata.namespace ?? request.namespace ?? 'default';
  const optimization = { ...object, metadata: { ...object.metadata, namespace } };
  const specIsSame = oldObject !== null && JSON.stringify(oldObject.spec) === JSON.stringify(object.spec);
  if (specIsSame) return { problems: [] };
  return validateCostOptimization(optimization, await gatherFacts(optimization, request.userInfo, deps));
}

/** An object on its way out must never be held up: its finalizer has to come off whatever its spec says. */
function isLettingGo(optimization: CostOptimization): boolean {
  return optimization.metadata.deletionTimestamp !== undefined;
}

async function gatherFacts(
  optimization: CostOptimization,
  user: UserInfo,
  deps: WebhookDependencies,
): Promise<ValidationFacts> {
  const target = targetOf(optimization);
  const elsewhere = target.namespace !== optimization.metadata.namespace;
  const [workload, namespace, userMayPatchTarget] = await Promise.all([
    deps.client.find(WORKLOAD_TYPES[target.kind], { namespace: target.namespace, name: target.name }),
    deps.client.find(NAMESPACES, { name: target.namespace }),
    elsewhere ? mayPatch(target, user, deps.client) : undefined,
  ]);
  return {
    targetMeta: workload?.metadata,
    namespaceAnnotations: namespace?.metadata?.annotations,
    operatorNamespace: deps.operatorNamespace,
    userMayPatchTarget,
    user: user.username ?? 'unknown',
    others: deps.optimizations.list().filter((other) => !isSame(other, optimization)),
  };
}

function isSame(a: CostOptimization, b: CostOptimization): boolean {
  return a.metadata.namespace === b.metadata.namespace && a.metadata.name === b.metadata.name;
}

async function mayPatch(target: WorkloadRef, user: UserInfo, client: KubeClient): Promise<boolean> {
  const type = WORKLOAD_TYPES[target.kind];
  const { namespace, name } = target;
  const review: SubjectAccessReview = {
    spec: {
      user: user.username ?? '',
      groups: [...(user.groups ?? [])],
      uid: user.uid ?? '',
      resourceAttributes: { group: type.group, resource: type.plural, verb: 'patch', namespace, name },
    },
  };
  const answer = await client.create(SUBJECT_ACCESS_REVIEWS, review);
  return answer.status?.allowed === true;
}
