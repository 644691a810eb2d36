/** What KCloud never changes, whoever asks. The list of the seed, plus our own namespace and an opt-out. */
import { type WorkloadRef, describeWorkload } from '../workload/workload-ref.ts';

const PROTECTED_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease'];
const PROTECTED_NAMES = [
  'kube-dns',
  'coredns',
  'kube-proxy',
  'metrics-server',
  'kube-dashboard',
  'kubernetes-dashboard',
];
const COMPONENT_LABEL = 'app.kubernetes.io/component';
/** Set to "true" on a workload or its namespace, it keeps every part of KCloud away. */
export const OPT_OUT = 'kcloud.io/optimization-disabled';

type Labels = Readonly<Record<string, string>>;

export interface ProtectionFacts {
  readonly target: WorkloadRef;
  /** Labels and annotations of the workload; undefined where it was not found. */
  readonly labels: Labels | undefined;
  readonly annotations: Labels | undefined;
  readonly namespaceAnnotations: Labels | undefined;
  /** Where KCloud itself runs. */
  readonly operatorNamespace: string;
}

/** Why the target must not be changed, or undefined where it may. */
export function protectionOf(facts: ProtectionFacts): string | undefined {
  const { target, labels } = facts;
  if (PROTECTED_NAMESPACES.includes(target.namespace)) return `namespace ${target.namespace} is protected`;
  if (PROTECTED_NAMES.includes(target.name))
    return `${describeWorkload(target)} is a protected system workload`;
  if (labels?.[COMPONENT_LABEL] === 'controller') {
    return `${describeWorkload(target)} is a controller (label ${COMPONENT_LABEL}=controller)`;
  }
  if (target.namespace === facts.operatorNamespace && labels?.['app.kubernetes.io/part-of'] === 'kcloud') {
    return `${describeWorkload(target)} is a part of KCloud itself`;
  }
  const optedOut = [facts.annotations, facts.namespaceAnnotations].some(
    (found) => found?.[OPT_OUT] === 'true',
  );
  return optedOut ? `${describeWorkload(target)} opted out (annotation ${OPT_OUT})` : undefined;
}
