/** On which nodes a DaemonSet's pods run, and what their pods look like. */
import type { DaemonSet, Node, Pod } from '#apis/kubernetes/builtin.ts';
import { labelsOf, nameOf } from '../../meta.ts';
import { matchesNodeWishes, toleratesTaint } from '../../selectors.ts';

type PodSpec = NonNullable<Pod['spec']>;
type Tolerations = NonNullable<PodSpec['tolerations']>;

/** What the controller adds to every pod of a DaemonSet. */
const TOLERATIONS: Tolerations = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

export function tolerationsOf(set: DaemonSet): Tolerations {
  return [...(set.spec?.template.spec?.tolerations ?? []), ...TOLERATIONS];
}

/** Whether a pod may start on the node, and whether one that runs may stay. */
export function placesOf(
  set: DaemonSet,
  node: Node,
): { readonly mayRun: boolean; readonly mayStay: boolean } {
  const spec = set.spec?.template.spec;
  if (!matchesNodeWishes(spec, labelsOf(node), nameOf(node))) return { mayRun: false, mayStay: false };
  const tolerations = tolerationsOf(set);
  const untolerated = (node.spec?.taints ?? []).filter((taint) => !toleratesTaint(tolerations, taint));
  const mayStay = !untolerated.some((taint) => taint.effect === 'NoExecute');
  return { mayStay, mayRun: mayStay && !untolerated.some((taint) => taint.effect === 'NoSchedule') };
}

/** The node that a daemon pod is meant for, bound or not. */
export function nodeNameOf(pod: Pod): string | undefined {
  const bound = pod.spec?.nodeName ?? '';
  return bound === '' ? wishedNode(pod.spec?.affinity?.nodeAffinity) : bound;
}

function wishedNode(affinity: NonNullable<PodSpec['affinity']>['nodeAffinity']): string | undefined {
  const [term] = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return term?.matchFields?.find((field) => field.key === 'metadata.name')?.values?.[0];
}

/** The pod's spec for one node: the default scheduler puts it there by its name. */
export function daemonSpec(set: DaemonSet, nodeName: string): PodSpec {
  const spec = set.spec?.template.spec ?? { containers: [] };
  const field = { key: 'metadata.name', operator: 'In', values: [nodeName] };
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = (required?.nodeSelectorTerms ?? [{}]).map((term) => ({ ...term, matchFields: [field] }));
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        ...spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
      },
    },
    tolerations: tolerationsOf(set),
  };
}
