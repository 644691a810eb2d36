/** A webhook as its author declares it: which objects it sees, and what it thinks of them. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Permission } from '../rbac/permission.ts';
import type { AdmissionRequest, Operation } from './admission-review.ts';

/** What is wrong with one field, and how to mend it. */
export interface FieldProblem {
  /** The path, e.g. `spec.containers[0].minCpu`. */
  readonly field: string;
  readonly message: string;
}

/** What a validation found; no problems means allowed. Warnings are shown to the user either way. */
export interface Verdict {
  readonly problems: readonly FieldProblem[];
  readonly warnings?: readonly string[];
}

/** A label selector on namespaces or objects. */
export interface WebhookSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

export interface Webhook<T extends KubeObject = KubeObject> {
  /** A qualified name, e.g. `validate.costoptimizations.kcloud.io`. */
  readonly name: string;
  /** Where the server listens, e.g. `/validate/costoptimizations`. */
  readonly path: string;
  readonly type: ResourceType<T>;
  readonly operations: readonly Operation[];
  /** `Ignore`: when we are down, objects pass unchecked; default, because we must never take the cluster down. */
  readonly failurePolicy?: 'Ignore' | 'Fail';
  readonly namespaceSelector?: WebhookSelector;
  readonly objectSelector?: WebhookSelector;
  /** CEL expressions of which all must be true for the webhook to be called. */
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  /** Returns the object as it should be. A webhook with `mutate` is a mutating one. */
  mutate?(object: T, request: AdmissionRequest<T>): T | Promise<T>;
  validate?(request: AdmissionRequest<T>): Verdict | Promise<Verdict>;
  readonly permissions?: readonly Permission[];
}

/** Every namespace but these. */
export function exceptNamespaces(...names: readonly string[]): WebhookSelector {
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: names }] };
}
